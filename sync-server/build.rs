//! Migrations are embedded in the binary; a new file alone must cause a rebuild.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
