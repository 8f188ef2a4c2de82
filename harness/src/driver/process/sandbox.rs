//! A home of its own for a client process: folders, a `PATH` whose browsers lead to the harness,
//! and a look at what was left behind.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use super::remove_tree::remove_tree;
use crate::driver::launch::WorldHandle;

/// Names under which programs look for a browser.
const BROWSERS: [&str; 21] = [
    "mcp-authspec-browser",
    "xdg-open",
    "open",
    "sensible-browser",
    "www-browser",
    "x-www-browser",
    "gio",
    "gnome-open",
    "gvfs-open",
    "exo-open",
    "kde-open",
    "kde-open5",
    "kde-open6",
    "wslview",
    "firefox",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
    "chromium",
    "chromium-browser",
];
/// How much of a file is looked at, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;
/// How much of all files is looked at, in bytes.
const LARGEST_OF_ALL: u64 = 2 * LARGEST_FILE;
/// How many files are looked at.
const MOST_FILES: usize = 2000;
/// How many folders are looked into.
const MOST_FOLDERS: usize = 20_000;
/// The longest list of arguments of a browser that is read, in bytes.
const LONGEST_CALL: u64 = 256 * 1024;

/// The browser's name among the desktop's applications.
const DESKTOP_ENTRY: &str = "mcp-authspec-browser.desktop";
/// Which application opens what (MIME Application Associations specification).
const DEFAULT_APPLICATIONS: &str = "\
[Default Applications]
x-scheme-handler/http=mcp-authspec-browser.desktop
x-scheme-handler/https=mcp-authspec-browser.desktop
text/html=mcp-authspec-browser.desktop
";

/// The folders of one client during one run. They vanish with it, unless they are kept.
#[derive(Debug)]
pub(in crate::driver) struct Sandbox {
    root: PathBuf,
}

/// Tells when a browser was called.
pub(in crate::driver) struct Bell {
    rings: pipe::Receiver,
    /// Open for writing, too, so that there is no end of file between two rings.
    _open: pipe::Sender,
}

impl Sandbox {
    pub(in crate::driver) fn new() -> io::Result<Self> {
        let root = tempfile::Builder::new()
            .prefix("mcp-authspec-")
            .tempdir()?
            .keep();
        let sandbox = Self { root };
        sandbox.restore()?;
        Ok(sandbox)
    }

    /// Makes what a client needs at its start and an earlier start may have removed.
    pub(in crate::driver) fn restore(&self) -> io::Result<()> {
        for folder in ["home", "run", "tmp", "work", "bin", "spool"] {
            fs::create_dir_all(self.folder(folder))?;
        }
        // XDG Base Directory Specification: XDG_RUNTIME_DIR must be its owner's only
        fs::set_permissions(self.folder("run"), fs::Permissions::from_mode(0o700))?;
        if !self.bell().exists() {
            nix::unistd::mkfifo(&self.bell(), Mode::S_IRUSR | Mode::S_IWUSR)
                .map_err(io::Error::from)?;
        }
        let applications = self.folder("share").join("applications");
        fs::create_dir_all(&applications)?;
        fs::write(applications.join(DESKTOP_ENTRY), self.desktop_entry())?;
        fs::write(applications.join("mimeapps.list"), DEFAULT_APPLICATIONS)?;
        let [browser, names @ ..] = &BROWSERS;
        let browser = self.folder("bin").join(browser);
        if !browser.exists() {
            fs::write(&browser, self.browser_script())?;
            fs::set_permissions(&browser, fs::Permissions::from_mode(0o755))?;
        }
        for path in names
            .iter()
            .map(|name| self.folder("bin").join(name))
            .filter(|path| !path.exists())
        {
            // one file by many names: each new one costs much on file systems that do not reuse its
            // place at once
            fs::hard_link(&browser, &path).or_else(|_| fs::copy(&browser, &path).map(drop))?;
        }
        Ok(())
    }

    /// Moves all that is left of the sandbox to another place, which must not exist yet.
    pub(in crate::driver) fn save_to(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for name in ["home", "run", "tmp", "work"] {
            let (from, to) = (self.folder(name), folder.join(name));
            if fs::rename(&from, &to).is_err() {
                copy_tree(&from, &to)?;
            }
        }
        Ok(())
    }

    /// The folder that all others are in: no other process of this machine has its name in its
    /// environment.
    pub(in crate::driver) fn root(&self) -> &Path {
        &self.root
    }

    /// An empty folder to start in.
    pub(in crate::driver) fn working_directory(&self) -> PathBuf {
        self.folder("work")
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A named pipe through which the browser scripts ring.
    fn bell(&self) -> PathBuf {
        self.folder("spool").join("bell")
    }

    /// A browser: leaves its arguments in a file, tells the harness the file's name, and is gone.
    fn browser_script(&self) -> String {
        let spool = self.folder("spool");
        let spool = shlex::try_quote(&spool.to_string_lossy())
            .map(|q| q.into_owned())
            .unwrap_or_default();
        format!(
            "#!/bin/sh\nfile=$(mktemp {spool}/opened.XXXXXX) || exit 1\nfor a in \"$@\"; do printf '%s\\0' \"$a\" >>\"$file\"; done\necho \"$file\" >{spool}/bell\n"
        )
    }

    /// The same browser for programs that ask the desktop which one to take (Desktop Entry
    /// Specification).
    fn desktop_entry(&self) -> String {
        let browser = self.folder("bin").join(BROWSERS[0]);
        format!(
            "[Desktop Entry]\nType=Application\nName=mcp-authspec\nExec={} %U\nMimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n",
            browser.display()
        )
    }

    /// Variables that make the client live here. `PATH`: that of the user.
    pub(in crate::driver) fn environment(
        &self,
        path: Option<OsString>,
    ) -> Vec<(&'static str, OsString)> {
        let home = self.folder("home");
        let mut own_path = OsString::from(self.folder("bin"));
        if let Some(rest) = path {
            own_path.push(":");
            own_path.push(rest);
        }
        let temporary = self.folder("tmp");
        vec![
            ("HOME", home.clone().into()),
            ("XDG_CONFIG_HOME", home.join(".config").into()),
            ("XDG_DATA_HOME", home.join(".local/share").into()),
            ("XDG_STATE_HOME", home.join(".local/state").into()),
            ("XDG_CACHE_HOME", home.join(".cache").into()),
            ("XDG_RUNTIME_DIR", self.folder("run").into()),
            ("XDG_DATA_DIRS", self.folder("share").into()),
            ("XDG_CONFIG_DIRS", self.folder("share").into()),
            ("TMPDIR", temporary.clone().into()),
            ("TMP", temporary.clone().into()),
            ("TEMP", temporary.into()),
            ("PATH", own_path),
            ("BROWSER", self.folder("bin").join(BROWSERS[0]).into()),
            // some clients do not try to open a browser without a display
            (
                "DISPLAY",
                std::env::var_os("DISPLAY").unwrap_or_else(|| ":0".into()),
            ),
            ("NO_PROXY", "localhost,127.0.0.1,::1".into()),
            ("no_proxy", "localhost,127.0.0.1,::1".into()),
        ]
    }

    /// Removes everything that was left here, so that nobody finds it again. Calls of a browser
    /// that nobody has answered are forgotten.
    pub(in crate::driver) fn clear(&self) -> io::Result<()> {
        for folder in ["home", "run", "tmp", "work", "spool"] {
            for entry in fs::read_dir(self.folder(folder))
                .into_iter()
                .flatten()
                .flatten()
                .filter(|e| e.path() != self.bell())
            {
                if entry.file_type()?.is_dir() {
                    remove_tree(&entry.path())?
                } else {
                    fs::remove_file(entry.path())?
                }
            }
        }
        self.restore()
    }

    /// The client's home folder.
    pub(in crate::driver) fn home(&self) -> PathBuf {
        self.folder("home")
    }

    /// Where calls of a browser arrive during one start.
    pub(in crate::driver) fn bell_of_browsers(&self) -> io::Result<Bell> {
        let options = pipe::OpenOptions::new();
        Ok(Bell {
            rings: options.open_receiver(self.bell())?,
            _open: options.open_sender(self.bell())?,
        })
    }

    /// Opens a window for every call of a browser, for ever. Drop the future to stop.
    pub(in crate::driver) async fn watch_browsers(&self, mut bell: Bell, watched: &WorldHandle) {
        let mut names = Vec::new();
        let mut buffer = [0; nix::libc::PIPE_BUF];
        loop {
            let Ok(count @ 1..) = bell.rings.read(&mut buffer).await else {
                return std::future::pending().await;
            };
            names.extend_from_slice(&buffer[..count]);
            while let Some(end) = names.iter().position(|b| *b == b'\n') {
                let name: Vec<u8> = names.drain(..=end).collect();
                self.open_window(
                    Path::new(String::from_utf8_lossy(&name).trim_end()),
                    watched,
                );
            }
            // no path is that long
            if names.len() > buffer.len() {
                names.clear();
            }
        }
    }

    fn open_window(&self, file: &Path, watched: &WorldHandle) {
        let is_call =
            fs::symlink_metadata(file).is_ok_and(|m| m.is_file() && m.len() <= LONGEST_CALL);
        if file.parent() != Some(self.folder("spool").as_path()) || !is_call {
            return;
        }
        let arguments = fs::read(file).unwrap_or_default();
        let arguments: Vec<String> = arguments
            .split(|b| *b == 0)
            .map(|a| String::from_utf8_lossy(a).into_owned())
            .filter(|a| !a.is_empty())
            .collect();
        let web = |a: &&String| a.starts_with("http://") || a.starts_with("https://");
        if let Some(url) = arguments.iter().find(web).or(arguments.first()) {
            drop(watched.browser.open(url, arguments.len() == 1, "client"));
        }
    }

    /// Tells the world about every file that the client left.
    pub(in crate::driver) fn record_files(&self, watched: &WorldHandle) {
        let (mut files, mut folders, mut bytes) = (0, 0, 0);
        for (own, place) in [
            ("home", "home"),
            ("run", "home"),
            ("tmp", "tmp"),
            ("work", "cwd"),
        ] {
            let mut todo = vec![self.folder(own)];
            while let Some(folder) = todo.pop() {
                for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                    let Ok(metadata) = entry.metadata() else {
                        continue;
                    };
                    if metadata.is_dir() && folders < MOST_FOLDERS {
                        folders += 1;
                        todo.push(entry.path());
                    } else if metadata.is_file() && files < MOST_FILES {
                        files += 1;
                        bytes += metadata.len().min(LARGEST_FILE);
                        let whole = metadata.len() <= LARGEST_FILE && bytes <= LARGEST_OF_ALL;
                        self.tell(&entry.path(), place, whole, watched);
                    }
                }
            }
        }
    }

    fn tell(&self, path: &Path, place: &str, whole: bool, watched: &WorldHandle) {
        let readable_by = self.readable_by(path);
        let text = if whole {
            fs::read(path).unwrap_or_default()
        } else {
            Vec::new()
        };
        let shown = path
            .strip_prefix(&self.root)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned();
        watched.shared.record_left_file(
            &shown,
            place,
            readable_by,
            &String::from_utf8_lossy(&text),
        );
    }

    /// Who can read a file, taking into account the folders that the client made above it.
    fn readable_by(&self, path: &Path) -> &'static str {
        let mode = |p: &Path| {
            fs::metadata(p)
                .map(|m| m.permissions().mode())
                .unwrap_or_default()
        };
        let (mut group, mut everyone) = (mode(path) & 0o040 != 0, mode(path) & 0o004 != 0);
        let own = ["home", "run", "tmp", "work"].map(|name| self.folder(name));
        for folder in path
            .ancestors()
            .skip(1)
            .take_while(|f| !own.iter().any(|o| o == f))
        {
            group &= mode(folder) & 0o010 != 0;
            everyone &= mode(folder) & 0o001 != 0;
        }
        match (everyone, group) {
            (true, _) => "everyone",
            (_, true) => "group",
            _ => "owner",
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Err(error) = remove_tree(&self.root)
            && error.kind() != io::ErrorKind::NotFound
        {
            eprintln!(
                "mcp-authspec: cannot remove {}: {error}",
                self.root.display()
            );
        }
    }
}

/// Files in a user's folder whose names hold a canary: the client's shell ran what a server sent.
/// They are removed.
pub(in crate::driver) fn inspect_users_folder(folder: &Path, watched: &WorldHandle) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if watched.shared.contains_canary(&name) {
            watched.shared.record_left_file(&name, "cwd", "owner", "");
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Copies folders, files and links (as links); for a place on another file system.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let mut todo = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = todo.pop() {
        fs::create_dir(&to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
            if kind.is_dir() {
                todo.push((entry.path(), to));
            } else if kind.is_symlink() {
                symlink(fs::read_link(entry.path())?, to)?;
            } else if kind.is_file() {
                fs::copy(entry.path(), to)?;
            }
        }
    }
    Ok(())
}
