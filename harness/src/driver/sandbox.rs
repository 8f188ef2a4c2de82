//! A home of its own for a client process: folders, a `PATH` whose browsers lead to the harness, and a look at what was left behind.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;

use super::Watched;

/// Names under which programs look for a browser.
const BROWSERS: &[&str] = &[
    "mcp-authspec-browser",
    "xdg-open",
    "open",
    "sensible-browser",
    "www-browser",
    "x-www-browser",
    "gnome-open",
    "kde-open",
    "wslview",
    "firefox",
    "google-chrome",
    "chromium",
    "chromium-browser",
];
/// How much of a file is looked at, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;
/// How many files are looked at.
const MOST_FILES: usize = 2000;

/// The folders of one client during one run. They vanish with it.
#[derive(Debug)]
pub(super) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    pub(super) fn new() -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("mcp-authspec-").tempdir()?;
        let sandbox = Self { root };
        for folder in ["home", "tmp", "bin", "spool"] {
            fs::create_dir(sandbox.folder(folder))?;
        }
        nix::unistd::mkfifo(&sandbox.bell(), Mode::S_IRUSR | Mode::S_IWUSR).map_err(io::Error::from)?;
        let script = sandbox.browser_script();
        for name in BROWSERS {
            let path = sandbox.folder("bin").join(name);
            fs::write(&path, &script)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(sandbox)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A named pipe through which the browser scripts ring.
    fn bell(&self) -> PathBuf {
        self.folder("spool").join("bell")
    }

    /// A browser: leaves its arguments in a file, tells the harness the file's name, and is gone.
    fn browser_script(&self) -> String {
        let spool = self.folder("spool");
        let spool = shlex::try_quote(&spool.to_string_lossy()).map(|q| q.into_owned()).unwrap_or_default();
        format!(
            "#!/bin/sh\nfile=$(mktemp {spool}/opened.XXXXXX) || exit 1\nfor a in \"$@\"; do printf '%s\\0' \"$a\" >>\"$file\"; done\necho \"$file\" >{spool}/bell\n"
        )
    }

    /// Variables that make the client live here.
    pub(super) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let home = self.folder("home");
        let mut path = OsString::from(self.folder("bin"));
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        let temporary = self.folder("tmp");
        vec![
            ("HOME", home.clone().into()),
            ("XDG_CONFIG_HOME", home.join(".config").into()),
            ("XDG_DATA_HOME", home.join(".local/share").into()),
            ("XDG_STATE_HOME", home.join(".local/state").into()),
            ("XDG_CACHE_HOME", home.join(".cache").into()),
            ("TMPDIR", temporary.clone().into()),
            ("TMP", temporary.clone().into()),
            ("TEMP", temporary.into()),
            ("PATH", path),
            ("BROWSER", self.folder("bin").join(BROWSERS[0]).into()),
            // some clients do not try to open a browser without a display
            ("DISPLAY", std::env::var_os("DISPLAY").unwrap_or_else(|| ":0".into())),
            ("NO_PROXY", "localhost,127.0.0.1,::1".into()),
            ("no_proxy", "localhost,127.0.0.1,::1".into()),
        ]
    }

    /// Removes everything that was left here, so that nobody finds it again.
    pub(super) fn clear(&self) {
        for folder in ["home", "tmp", "spool"] {
            for entry in fs::read_dir(self.folder(folder)).into_iter().flatten().flatten().filter(|e| e.path() != self.bell()) {
                let path = entry.path();
                let _ = if entry.file_type().is_ok_and(|t| t.is_dir()) { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
        }
    }

    /// The client's home folder.
    pub(super) fn home(&self) -> PathBuf {
        self.folder("home")
    }

    /// Opens a window for every call of a browser, for ever. Drop the future to stop.
    pub(super) async fn watch_browsers(&self, watched: &Watched) -> io::Result<()> {
        // open for writing too, so that there is no end of file between two rings
        let bell = pipe::OpenOptions::new().read_write(true).open_receiver(self.bell())?;
        let mut rings = BufReader::new(bell).lines();
        while let Some(file) = rings.next_line().await? {
            let file = Path::new(&file);
            if file.parent() != Some(self.folder("spool").as_path()) {
                continue;
            }
            let arguments = fs::read(file).unwrap_or_default();
            let arguments: Vec<String> =
                arguments.split(|b| *b == 0).map(|a| String::from_utf8_lossy(a).into_owned()).filter(|a| !a.is_empty()).collect();
            let web = |a: &&String| a.starts_with("http://") || a.starts_with("https://");
            if let Some(url) = arguments.iter().find(web).or(arguments.first()) {
                drop(watched.browser.open(url, arguments.len() == 1, "client"));
            }
        }
        Ok(())
    }

    /// Tells the world about every file that the client left.
    pub(super) fn inspect(&self, watched: &Watched) {
        Self::inspect_current_folder(watched);
        let mut seen = 0;
        for place in ["home", "tmp"] {
            let mut todo = vec![self.folder(place)];
            while let Some(folder) = todo.pop() {
                for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                    let Ok(kind) = entry.file_type() else { continue };
                    if kind.is_dir() {
                        todo.push(entry.path());
                    } else if kind.is_file() && seen < MOST_FILES {
                        seen += 1;
                        self.tell(&entry.path(), place, watched);
                    }
                }
            }
        }
    }

    /// Files in the current folder whose names hold a canary: the client's shell ran what a server sent. They are removed.
    fn inspect_current_folder(watched: &Watched) {
        let Ok(folder) = std::env::current_dir() else { return };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if watched.shared.holds_canary(&name) {
                watched.shared.file_left(&name, "cwd", "owner", "");
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn tell(&self, path: &Path, place: &str, watched: &Watched) {
        let Ok(metadata) = fs::metadata(path) else { return };
        let readable_by = self.readable_by(path);
        let text = if metadata.len() <= LARGEST_FILE { fs::read(path).unwrap_or_default() } else { Vec::new() };
        let shown = path.strip_prefix(self.root.path()).unwrap_or(path).to_string_lossy().into_owned();
        watched.shared.file_left(&shown, place, readable_by, &String::from_utf8_lossy(&text));
    }

    /// Who can read a file, taking into account the folders that the client made above it.
    fn readable_by(&self, path: &Path) -> &'static str {
        let mode = |p: &Path| fs::metadata(p).map(|m| m.permissions().mode()).unwrap_or_default();
        let (mut group, mut everyone) = (mode(path) & 0o040 != 0, mode(path) & 0o004 != 0);
        let own = [self.folder("home"), self.folder("tmp")];
        for folder in path.ancestors().skip(1).take_while(|f| !own.iter().any(|o| o == f)) {
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
