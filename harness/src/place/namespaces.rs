//! Puts this process into namespaces of its own: no connection leaves them, and the files that name
//! the resolver and the certificate authorities are others.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use super::place_error::PlaceError;

/// What replaces files of the system, and with which text.
const SYSTEM_FILES: [(&str, &str); 3] = [
    (
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
    ),
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    (
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\n",
    ),
];

/// Moves this process into new namespaces. It must have one thread only. `folder` is for the files
/// that replace those of the system; `authority` is the certificate that clients are to trust.
/// `ask_for_ids` lets the parent process call [`map_ids`].
pub(super) fn enter_namespaces(
    folder: &Path,
    authority: &str,
    ask_for_ids: fn() -> io::Result<()>,
) -> Result<(), PlaceError> {
    unshare_network(ask_for_ids)?;
    let unbound: Option<&str> = None;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(unbound, "/", unbound, private, unbound).map_err(|source| PlaceError::Mount {
        path: PathBuf::from("/"),
        source: source.into(),
    })?;
    for (path, text) in SYSTEM_FILES {
        replace_file(folder, Path::new(path), text.as_bytes())?;
    }
    if let Some(path) = openssl_probe::probe().cert_file {
        let mut bundle = fs::read(&path).unwrap_or_default();
        bundle.push(b'\n');
        bundle.extend_from_slice(authority.as_bytes());
        replace_file(folder, &path, &bundle)?;
    }
    Ok(())
}

/// Whoever is in a user namespace has no rights outside of it and cannot go back, so root gets one,
/// too, where the system allows it.
fn unshare_network(ask_for_ids: fn() -> io::Result<()>) -> Result<(), PlaceError> {
    let spaces = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS;
    let (user, group) = (getuid(), getgid());
    match unshare(spaces | CloneFlags::CLONE_NEWUSER) {
        Ok(()) => {}
        Err(_) if user.is_root() => {
            return unshare(spaces).map_err(|source| PlaceError::Unshare(source.into()));
        }
        Err(source) => return Err(PlaceError::Unshare(source.into())),
    }
    ask_for_ids().map_err(PlaceError::Map)?;
    let write = |file: &str, text: String| fs::write(file, text).map_err(PlaceError::Map);
    if is_unmapped("uid_map") {
        write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    }
    if is_unmapped("gid_map") {
        write("/proc/self/setgroups", "deny".to_owned())?;
        write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    Ok(())
}

fn is_unmapped(file: &str) -> bool {
    let map = fs::read_to_string(format!("/proc/self/{file}"));
    map.is_ok_and(|map| map.trim().is_empty())
}

/// Lets a process in a new user namespace keep all ids that this process knows, so that root reads
/// the files of other users as before. An ordinary user may not do this: the process then maps the
/// user's own ids itself.
pub(super) fn map_ids(process: u32) {
    for file in ["uid_map", "gid_map"] {
        let own = fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
        let ranges = own.lines().filter_map(|line| {
            let mut numbers = line.split_whitespace();
            let (first, _, count) = (numbers.next()?, numbers.next()?, numbers.next()?);
            Some(format!("{first} {first} {count}\n"))
        });
        // the process looks whether it has its ids
        let _ = fs::write(
            format!("/proc/{process}/{file}"),
            ranges.collect::<String>(),
        );
    }
}

/// Shows another text to this process under the name of a file that exists. A file that does not
/// exist needs no replacement, as the defaults of the system's libraries are the same.
fn replace_file(folder: &Path, path: &Path, text: &[u8]) -> Result<(), PlaceError> {
    if !path.exists() {
        return Ok(());
    }
    let failed = |source: io::Error| PlaceError::Mount {
        path: path.to_owned(),
        source,
    };
    let replacement = folder.join(path.file_name().unwrap_or_default());
    fs::write(&replacement, text).map_err(failed)?;
    let unset: Option<&str> = None;
    mount(Some(&replacement), path, unset, MsFlags::MS_BIND, unset)
        .map_err(|source| failed(source.into()))
}
