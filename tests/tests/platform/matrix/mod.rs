//! The permission matrix on a real server: every role with every command over REST and by push, and with every operation of
//! the API. The table of cases and what it should come to are those of `shared-model/tests/matrix`, which walks the cells that
//! need no server.

mod commands;
mod operations;

#[expect(dead_code, reason = "the walk without a server needs more of it")]
#[path = "../../../../shared-model/tests/matrix/cases.rs"]
pub(super) mod cases;
#[expect(dead_code, reason = "the walk without a server needs more of it")]
#[path = "../../../../shared-model/tests/matrix/oracle.rs"]
mod oracle;
#[expect(dead_code, reason = "the walk without a server needs more of it")]
#[path = "../../../../shared-model/tests/matrix/scene.rs"]
pub(super) mod scene;
