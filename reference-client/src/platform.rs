//! What the client needs from the machine that it runs on: a browser and a terminal.

use crate::defect::{Defect, Defects};
use std::ffi::OsString;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::process::{Command, Stdio};

/// Ends when the user has closed the browser window. Its output is the redirect URI that was handed
/// to the application, if there was one. It may never end.
pub type BrowserClosed = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// The browser and the terminal that the client uses.
pub trait Platform: Send + Sync {
    /// Opens the URL in the user's browser.
    fn open_url(&self, url: &str) -> io::Result<BrowserClosed>;
    /// Writes a line to standard output.
    fn print(&self, line: &str);
    /// Writes a line to standard error.
    fn print_error(&self, line: &str);
}

/// The platform of a program: the browser in `$BROWSER` (or `xdg-open`), standard output and
/// standard error.
pub struct SystemPlatform {
    browser: OsString,
    defects: Defects,
}

impl SystemPlatform {
    /// Reads the browser from the environment.
    pub fn from_environment(defects: Defects) -> Self {
        Self::with_browser(std::env::var_os("BROWSER"), defects)
    }

    /// Uses this browser, or the default one.
    pub(crate) fn with_browser(browser: Option<OsString>, defects: Defects) -> Self {
        let browser = browser
            .filter(|program| !program.is_empty())
            .unwrap_or_else(|| "xdg-open".into());
        Self { browser, defects }
    }
}

impl Platform for SystemPlatform {
    fn open_url(&self, url: &str) -> io::Result<BrowserClosed> {
        let mut command = Command::new(&self.browser);
        command.arg(url);
        if self.defects.has(Defect::BROWSER_EXTRA_ARGUMENT) {
            command.arg("--new-window");
        }
        if self.defects.has(Defect::BROWSER_THROUGH_SHELL) {
            command = Command::new("sh");
            command
                .arg("-c")
                .arg(format!("{} \"{url}\"", self.browser.to_string_lossy()));
        }
        // Nobody waits for the browser, because it may run longer than the client.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Box::pin(std::future::pending()))
    }

    fn print(&self, line: &str) {
        println!("{line}");
    }

    fn print_error(&self, line: &str) {
        eprintln!("{line}");
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A platform on which no browser comes back and nothing is shown.
    pub(crate) struct NoBrowser;

    impl Platform for NoBrowser {
        fn open_url(&self, _: &str) -> io::Result<BrowserClosed> {
            Ok(Box::pin(std::future::ready(None)))
        }
        fn print(&self, _: &str) {}
        fn print_error(&self, _: &str) {}
    }
}
