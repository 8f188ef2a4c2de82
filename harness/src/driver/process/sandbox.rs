//! The folders that a client lives in during one run: a home of its own, and a `PATH` whose
//! browsers lead to the harness.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::browser_calls::{BrowserCalls, CallFolder};
use super::left_files::record_left_files;
use super::remove_tree::remove_tree;
use super::trusted_authority::TrustedAuthority;
use crate::driver::home_not_removed::HomeNotRemoved;
use crate::driver::world_handle::WorldHandle;

/// The name of the browser script.
const BROWSER: &str = "mcp-authspec-browser";
/// Names under which programs look for a browser. The browser script is found under all of them.
const BROWSER_NAMES: [&str; 20] = [
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
/// The folders that a client writes to, and what the transcript calls them.
const CLIENT_FOLDERS: [(&str, &str); 4] = [
    ("home", "home"),
    ("run", "home"),
    ("tmp", "tmp"),
    ("work", "cwd"),
];
/// The browser's name among the desktop's applications.
const DESKTOP_ENTRY: &str = "mcp-authspec-browser.desktop";
/// Which application opens what (MIME Application Associations specification).
const DEFAULT_APPLICATIONS: &str = "\
[Default Applications]
x-scheme-handler/http=mcp-authspec-browser.desktop
x-scheme-handler/https=mcp-authspec-browser.desktop
text/html=mcp-authspec-browser.desktop
";

/// The folders of one client during one run. They are removed with it, unless they are saved
/// elsewhere.
#[derive(Debug)]
pub(in crate::driver) struct Sandbox {
    root: PathBuf,
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

    /// Makes what a client needs at its start, and what an earlier start may have removed.
    pub(in crate::driver) fn restore(&self) -> io::Result<()> {
        for folder in ["home", "run", "tmp", "work", "bin", "spool"] {
            fs::create_dir_all(self.folder(folder))?;
        }
        // XDG Base Directory Specification: only its owner may access XDG_RUNTIME_DIR
        fs::set_permissions(self.folder("run"), fs::Permissions::from_mode(0o700))?;
        self.call_folder().restore()?;
        self.restore_desktop()?;
        self.restore_browsers()
    }

    fn restore_desktop(&self) -> io::Result<()> {
        let applications = self.folder("share").join("applications");
        fs::create_dir_all(&applications)?;
        fs::write(applications.join(DESKTOP_ENTRY), self.desktop_entry())?;
        fs::write(applications.join("mimeapps.list"), DEFAULT_APPLICATIONS)
    }

    fn restore_browsers(&self) -> io::Result<()> {
        let browser = self.browser();
        if !browser.exists() {
            fs::write(&browser, self.call_folder().browser_script())?;
            fs::set_permissions(&browser, fs::Permissions::from_mode(0o755))?;
        }
        for name in BROWSER_NAMES {
            let path = self.folder("bin").join(name);
            if !path.exists() {
                // one file under many names: each new file is slow to make on file systems that do
                // not reuse the space of removed files at once
                fs::hard_link(&browser, &path).or_else(|_| fs::copy(&browser, &path).map(drop))?;
            }
        }
        Ok(())
    }

    /// Moves all that is left in the client's folders to another folder.
    pub(in crate::driver) fn save_to(&self, target: &Path) -> io::Result<()> {
        fs::create_dir_all(target)?;
        for (name, _) in CLIENT_FOLDERS {
            let (from, to) = (self.folder(name), target.join(name));
            if fs::rename(&from, &to).is_err() {
                copy_tree(&from, &to)?;
            }
        }
        Ok(())
    }

    /// The folder that contains all others. Only the client's own processes have its name in their
    /// environment.
    pub(in crate::driver) fn root(&self) -> &Path {
        &self.root
    }

    /// The client's home folder.
    pub(in crate::driver) fn home(&self) -> PathBuf {
        self.folder("home")
    }

    /// An empty folder to start in.
    pub(super) fn working_directory(&self) -> PathBuf {
        self.folder("work")
    }

    /// Writes the certificate of an authority, for the client to trust.
    pub(in crate::driver) fn trust(&self, pem: &str) -> io::Result<TrustedAuthority> {
        TrustedAuthority::write(&self.folder("trust"), pem)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn browser(&self) -> PathBuf {
        self.folder("bin").join(BROWSER)
    }

    fn call_folder(&self) -> CallFolder {
        CallFolder::new(self.folder("spool"))
    }

    /// The browser script for programs that ask the desktop for a browser (Desktop Entry
    /// Specification).
    fn desktop_entry(&self) -> String {
        format!(
            "[Desktop Entry]\n\
             Type=Application\n\
             Name=mcp-authspec\n\
             Exec={} %U\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n",
            self.browser().display()
        )
    }

    /// The variables that make a client live here. `path` is the user's `PATH`.
    pub(super) fn variables(&self, path: Option<OsString>) -> Vec<(&'static str, OsString)> {
        let home = self.folder("home");
        let mut own_path = OsString::from(self.folder("bin"));
        if let Some(rest) = path {
            own_path.push(":");
            own_path.push(rest);
        }
        let temporary = self.folder("tmp");
        // some clients do not try to open a browser without a display
        let display = std::env::var_os("DISPLAY").unwrap_or_else(|| ":0".into());
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
            ("BROWSER", self.browser().into()),
            ("DISPLAY", display),
            ("NO_PROXY", "localhost,127.0.0.1,::1".into()),
            ("no_proxy", "localhost,127.0.0.1,::1".into()),
        ]
    }

    /// Empties the folders, so that a later start finds nothing in them. Browser calls that were
    /// not received are dropped.
    pub(in crate::driver) fn clear(&self) -> io::Result<()> {
        let pipe = self.call_folder().pipe();
        for folder in ["home", "run", "tmp", "work", "spool"] {
            for entry in fs::read_dir(self.folder(folder))
                .into_iter()
                .flatten()
                .flatten()
            {
                if entry.path() == pipe {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    remove_tree(&entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        self.restore()
    }

    /// Starts to receive the calls of browsers.
    pub(in crate::driver) fn receive_browser_calls(&self) -> io::Result<BrowserCalls> {
        self.call_folder().receive()
    }

    /// Searches every file that the client left, and records in the world those in which something
    /// was found.
    pub(in crate::driver) async fn record_files(&self, world: &WorldHandle) {
        let folders = CLIENT_FOLDERS.map(|(name, place)| (self.folder(name), place));
        record_left_files(world, &self.root, folders.to_vec()).await;
    }

    /// Removes all folders.
    pub(in crate::driver) fn remove(&self) -> Result<(), HomeNotRemoved> {
        match remove_tree(&self.root) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(HomeNotRemoved {
                folder: self.root.display().to_string(),
                source,
            }),
            _ => Ok(()),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // whoever wants to know whether this works calls `remove` before
        let _ = self.remove();
    }
}

/// Copies folders, files and links (as links), for a target on another file system.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let mut pending = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = pending.pop() {
        fs::create_dir(&to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
            if kind.is_dir() {
                pending.push((entry.path(), to));
            } else if kind.is_symlink() {
                symlink(fs::read_link(entry.path())?, to)?;
            } else if kind.is_file() {
                fs::copy(entry.path(), to)?;
            }
        }
    }
    Ok(())
}
