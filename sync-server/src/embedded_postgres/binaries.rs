//! Finds the PostgreSQL programs installed on this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::ClusterError;

/// Debian and Ubuntu keep every major version beside the others here.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The folder with `initdb`, `postgres` and `pg_ctl`.
#[derive(Clone, Debug)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// Looks in `explicit`, in `$PG_BIN_DIR`, in Debian's folders (the version that made the cluster, else
    /// the highest) and on the PATH.
    pub(super) fn find(explicit: Option<&Path>, existing_major: Option<u32>) -> Result<Self, ClusterError> {
        let variable = || env::var_os("PG_BIN_DIR").filter(|folder| !folder.is_empty());
        let named = explicit.map(Path::to_owned).or_else(|| variable().map(PathBuf::from));
        if let Some(folder) = named {
            return if is_complete(&folder) {
                Ok(Self(folder))
            } else {
                Err(ClusterError::NoBinaries { looked_in: format!(" in {}", folder.display()) })
            };
        }
        choose_version(installed_versions(Path::new(DEBIAN_VERSIONS)), existing_major)
            .or_else(|| env::split_paths(&env::var_os("PATH")?).find(|folder| is_complete(folder)))
            .map(Self)
            .ok_or(ClusterError::NoBinaries { looked_in: String::new() })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).exists())
}

fn installed_versions(root: &Path) -> Vec<(u32, PathBuf)> {
    fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_complete(folder))
        .collect()
}

/// A cluster opens only under the major version that made it.
fn choose_version(mut versions: Vec<(u32, PathBuf)>, existing_major: Option<u32>) -> Option<PathBuf> {
    versions.sort();
    let same = existing_major.and_then(|major| versions.iter().position(|(version, _)| *version == major));
    match same {
        Some(index) => Some(versions.swap_remove(index).1),
        None => versions.pop().map(|(_, folder)| folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions() -> Vec<(u32, PathBuf)> {
        vec![(9, "nine".into()), (16, "sixteen".into()), (15, "fifteen".into())]
    }

    #[test]
    fn a_new_cluster_takes_the_highest_version() {
        assert_eq!(choose_version(versions(), None), Some("sixteen".into()));
    }

    #[test]
    fn an_existing_cluster_keeps_its_version() {
        assert_eq!(choose_version(versions(), Some(15)), Some("fifteen".into()));
        assert_eq!(choose_version(versions(), Some(14)), Some("sixteen".into()));
    }

    #[test]
    fn a_named_folder_without_programs_says_what_to_install() {
        let error = Binaries::find(Some(Path::new("/nowhere")), None).unwrap_err().to_string();
        assert!(error.contains("/nowhere") && error.contains("apt-get install postgresql"), "{error}");
    }
}
