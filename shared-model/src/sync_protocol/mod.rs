//! The frames between a device and the server, and the sans-IO session of both ends.
