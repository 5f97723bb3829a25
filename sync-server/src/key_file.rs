//! Secrets of 32 bytes that an installation keeps in its data folder, outside the database: a backup that is restored must
//! not bring an old one back, and whoever reads the database must not have them.

use std::path::Path;

use anyhow::Context;
use shared_model::hex;

use crate::random;

/// Reads 64 hexadecimal digits.
pub fn parse(text: &str) -> Option<[u8; 32]> {
    hex::decode(&text.trim().to_ascii_lowercase())?.try_into().ok()
}

/// The key of this name in a folder, made when there is none yet.
pub fn read_or_create(folder: &Path, name: &str) -> anyhow::Result<[u8; 32]> {
    let file = folder.join(name);
    if !file.exists() {
        create(folder, name, &file)?;
    }
    read(folder, name)
}

/// The key of this name in a folder.
pub fn read(folder: &Path, name: &str) -> anyhow::Result<[u8; 32]> {
    let file = folder.join(name);
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    parse(&text).with_context(|| format!("{} should hold 64 hexadecimal digits", file.display()))
}

/// Writes a new key beside its place and links it there, so that of two processes that start at once one wins
/// and no reader ever sees half a key.
fn create(folder: &Path, name: &str, file: &Path) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let digits = hex::encode(&random::bytes::<32>());
    let draft = folder.join(format!("{name}.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    opened.write_all(digits.as_bytes())?;
    opened.sync_all()?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("writing {}", file.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_keys_apart_and_tells_when_one_is_broken() {
        let folder = std::env::temp_dir().join(format!("key-file-{}", std::process::id()));
        let first = read_or_create(&folder, "a.key").unwrap();
        assert_eq!(read_or_create(&folder, "a.key").unwrap(), first);
        assert_ne!(read_or_create(&folder, "b.key").unwrap(), first);
        std::fs::write(folder.join("a.key"), "not a key").unwrap();
        assert!(read_or_create(&folder, "a.key").is_err());
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(parse(&format!(" {}\n", "Ab".repeat(32))), Some([0xab; 32]));
        for wrong in ["", "ab", "zz", &"é".repeat(32)] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
