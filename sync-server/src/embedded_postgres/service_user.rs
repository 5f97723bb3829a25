//! The user PostgreSQL runs as. It refuses to be root, so a server started by root hands the cluster to
//! `postgres`, or to `nobody` where that user does not exist.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::ClusterError;

/// Who owns the cluster.
#[derive(Clone, Copy, Debug)]
pub(super) enum ServiceUser {
    /// The user of this process.
    Same { uid: u32 },
    /// Another user, because this process is root.
    Other { uid: u32, gid: u32 },
}

impl ServiceUser {
    pub(super) fn of_this_process() -> Result<Self, ClusterError> {
        let own = Path::new("/proc/self");
        let uid = fs::metadata(own).map_err(|source| ClusterError::folder(own, source))?.uid();
        if uid != 0 {
            return Ok(Self::Same { uid });
        }
        let path = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(path).map_err(|source| ClusterError::folder(path, source))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find_user(&passwd, name))
            .map(|(uid, gid)| Self::Other { uid, gid })
            .ok_or(ClusterError::NoServiceUser)
    }

    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        // A stray PGDATA or a working folder the user may not enter makes every program fail.
        for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
            command.env_remove(name);
        }
        command.current_dir("/");
        command
    }

    /// Makes `folder` private to this user.
    pub(super) fn own_privately(self, folder: &Path) -> Result<(), ClusterError> {
        let error = |source| ClusterError::folder(folder, source);
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(error)?;
        match self {
            Self::Same { .. } => Ok(()),
            Self::Other { uid, gid } => chown(folder, Some(uid), Some(gid)).map_err(error),
        }
    }

    /// Could this user have made a folder that `uid` owns?
    pub(super) fn trusts_owner(self, owner: u32) -> bool {
        match self {
            Self::Same { uid } => owner == uid,
            Self::Other { uid, .. } => owner == uid || owner == 0,
        }
    }

    /// Can this user walk down to `folder`?
    pub(super) fn reaches(self, folder: &Path) -> bool {
        match self {
            Self::Same { .. } => true,
            Self::Other { .. } => folder.ancestors().skip(1).all(|ancestor| {
                fs::metadata(ancestor).is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
            }),
        }
    }
}

fn find_user(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::find_user;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/bash\npostgresql:x:9:9::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(find_user(passwd, "postgres"), Some((101, 104)));
        assert_eq!(find_user(passwd, "nobody"), None);
    }
}
