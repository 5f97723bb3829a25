//! MaintainPro domain model.
