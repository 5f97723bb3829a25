//! What is on its way.

/// Something that is read from the device or asked of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Loadable<T> {
    /// Not here yet.
    Loading,
    /// Here.
    Ready(T),
    /// It does not exist here, or not for this person.
    Missing,
}
