//! MaintainPro sync server.
