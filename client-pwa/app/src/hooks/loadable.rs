//! What is on its way.

/// Something that is read from the device or asked of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Loadable<T> {
    /// Being read.
    Loading,
    /// On its way from the server.
    Coming,
    /// Here.
    Ready(T),
    /// It does not exist here, or not for this person.
    Missing,
}
