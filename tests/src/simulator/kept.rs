//! Stories that once ended badly are kept in a file and told again with every test run.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/simulator-seeds.txt");

/// The seeds that are kept.
pub fn kept_seeds() -> Vec<u64> {
    let text = std::fs::read_to_string(FILE).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split(' ').next().unwrap_or_default().parse().unwrap()).collect()
}

/// Keeps a seed with what went wrong, unless it is kept already. Returns the file.
pub fn keep_seed(seed: u64, broken: &str) -> io::Result<&'static Path> {
    if !kept_seeds().contains(&seed) {
        let mut file = OpenOptions::new().append(true).open(FILE)?;
        let first: String = broken.chars().take_while(|letter| *letter != '\n').take(100).collect();
        writeln!(file, "{seed} {first}")?;
    }
    Ok(Path::new(FILE))
}
