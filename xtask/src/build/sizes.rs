//! What a person downloads: compressed copies of the files, a table, and the budget of the two modules.

use std::{fs, io::Write, path::Path};

use anyhow::{Result, bail};

use super::{Flavour, files_below};
use crate::progress;

/// Brotli bytes each module may have in release: a ratchet on the way to the goals of 250,000 and 500,000
/// (`docs/decisions/0014-size-budgets-are-a-ratchet.md` says when it was raised, and what for).
const BUDGET: [(&str, usize); 2] = [("client_app_bg.wasm", 804_000), ("client_engine_bg.wasm", 712_000)];
const COMPRESSIBLE: [&str; 6] = ["html", "js", "css", "svg", "wasm", "webmanifest"];
const BROTLI_WINDOW: i32 = 22;

struct Row {
    path: String,
    raw: usize,
    brotli: Option<usize>,
}

/// Prints the sizes; in release also writes `.br` and `.gz` beside each file and enforces the budget.
pub fn report(dist: &Path, flavour: Flavour) -> Result<()> {
    let rows = match flavour {
        Flavour::Dev => rows(dist, |_, _| Ok(None))?,
        Flavour::Release => {
            progress::step("Compressing", || rows(dist, |path, bytes| compress(path, bytes).map(Some)))?
        }
    };
    if flavour == Flavour::Dev {
        let raw: usize = rows.iter().map(|row| row.raw).sum();
        println!(
            "client-pwa/dist: {} files, {} kB; sizes over the wire: --release",
            rows.len(),
            kilobytes(raw)
        );
        return Ok(());
    }
    print_table(&rows);
    check_budget(&rows)
}

fn rows(dist: &Path, compressed: impl Fn(&Path, &[u8]) -> Result<Option<usize>>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for file in files_below(dist)? {
        let path = dist.join(&file);
        let bytes = fs::read(&path)?;
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let brotli = if COMPRESSIBLE.contains(&extension) { compressed(&path, &bytes)? } else { None };
        rows.push(Row { path: file.to_string_lossy().into_owned(), raw: bytes.len(), brotli });
    }
    Ok(rows)
}

fn compress(path: &Path, bytes: &[u8]) -> Result<usize> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name
    };
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: BROTLI_WINDOW, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &params)?;
    fs::write(beside(".br"), &brotli)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    fs::write(beside(".gz"), gzip.finish()?)?;
    Ok(brotli.len())
}

fn print_table(rows: &[Row]) {
    println!("\n{:<52} {:>10} {:>10}", "client-pwa/dist", "raw kB", "brotli kB");
    for row in rows {
        println!(
            "{:<52} {:>10} {:>10}",
            row.path,
            kilobytes(row.raw),
            row.brotli.map_or("-".to_owned(), kilobytes)
        );
    }
    let raw = rows.iter().map(|row| row.raw).sum();
    let brotli = rows.iter().map(|row| row.brotli.unwrap_or(row.raw)).sum();
    println!("{:<52} {:>10} {:>10}\n", "all", kilobytes(raw), kilobytes(brotli));
}

fn kilobytes(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

fn check_budget(rows: &[Row]) -> Result<()> {
    for (name, limit) in BUDGET {
        let row = rows.iter().find(|row| row.path.ends_with(name));
        match row.and_then(|row| row.brotli) {
            None => bail!("{name} is missing from the build"),
            Some(size) if size > limit => {
                bail!("{name} is {size} bytes as brotli, {} over its budget", size - limit)
            }
            Some(size) => println!("{name}: {size} of {limit} bytes"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, brotli: usize) -> Row {
        Row { path: path.to_owned(), raw: 3 * brotli, brotli: Some(brotli) }
    }

    #[test]
    fn a_module_over_its_budget_fails_the_build() {
        let [(_, app), (_, engine)] = BUDGET;
        let engine = || row("engine-1/client_engine_bg.wasm", engine);
        assert!(check_budget(&[row("app-1/client_app_bg.wasm", app), engine()]).is_ok());
        assert!(check_budget(&[row("app-1/client_app_bg.wasm", app + 1), engine()]).is_err());
        assert!(check_budget(&[engine()]).is_err());
    }
}
