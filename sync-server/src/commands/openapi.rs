//! `maintainpro openapi`: the document of the HTTP API, for tools that read it from a file.

pub(super) fn run() -> anyhow::Result<()> {
    println!("{}", crate::router::openapi().to_pretty_json()?);
    Ok(())
}
