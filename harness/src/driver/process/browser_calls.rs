//! Receives browser calls: the client's process runs a script in the place of a browser, and the
//! script tells the harness what to open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::driver::world_handle::WorldHandle;

/// The longest list of arguments of a browser that is read, in bytes.
const MAX_CALL_LENGTH: u64 = 256 * 1024;

/// The folder through which the browser scripts of one sandbox report their calls.
///
/// A script leaves its arguments in a file of this folder, and writes the file's name to a named
/// pipe.
#[derive(Debug, Clone)]
pub(super) struct CallFolder(PathBuf);

impl CallFolder {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The named pipe that scripts write to.
    pub(super) fn pipe(&self) -> PathBuf {
        self.0.join("bell")
    }

    /// Makes the named pipe if it is not there.
    pub(super) fn restore(&self) -> io::Result<()> {
        if !self.pipe().exists() {
            nix::unistd::mkfifo(&self.pipe(), Mode::S_IRUSR | Mode::S_IWUSR)?;
        }
        Ok(())
    }

    /// The script that stands for a browser.
    pub(super) fn browser_script(&self) -> String {
        let folder = self.0.to_string_lossy();
        let folder = shlex::try_quote(&folder)
            .map(|quoted| quoted.into_owned())
            .unwrap_or_default();
        format!(
            "#!/bin/sh\n\
             file=$(mktemp {folder}/opened.XXXXXX) || exit 1\n\
             for a in \"$@\"; do printf '%s\\0' \"$a\" >>\"$file\"; done\n\
             echo \"$file\" >{folder}/bell\n"
        )
    }

    /// Starts to receive calls.
    pub(super) fn receive(&self) -> io::Result<BrowserCalls> {
        let options = pipe::OpenOptions::new();
        Ok(BrowserCalls {
            folder: self.clone(),
            receiver: options.open_receiver(self.pipe())?,
            _sender: options.open_sender(self.pipe())?,
        })
    }

    /// Opens the window that a call asks for. `file` contains the arguments of the call.
    fn open_window(&self, file: &Path, world: &WorldHandle) {
        let is_call =
            fs::symlink_metadata(file).is_ok_and(|m| m.is_file() && m.len() <= MAX_CALL_LENGTH);
        if file.parent() != Some(&self.0) || !is_call {
            return;
        }
        let text = fs::read(file).unwrap_or_default();
        let arguments: Vec<String> = text
            .split(|byte| *byte == 0)
            .map(|argument| String::from_utf8_lossy(argument).into_owned())
            .filter(|argument| !argument.is_empty())
            .collect();
        let is_web_url =
            |text: &&String| text.starts_with("http://") || text.starts_with("https://");
        if let Some(url) = arguments.iter().find(is_web_url).or(arguments.first()) {
            drop(world.browser.open(url, arguments.len() == 1, "client"));
        }
    }
}

/// Receives browser calls during one start of a client.
pub(in crate::driver) struct BrowserCalls {
    folder: CallFolder,
    receiver: pipe::Receiver,
    /// Kept open, so that the pipe does not end between two calls.
    _sender: pipe::Sender,
}

impl BrowserCalls {
    /// Opens a window for every call. This never returns; drop the future to stop.
    pub(in crate::driver) async fn open_windows(mut self, world: &WorldHandle) {
        let mut names = Vec::new();
        let mut buffer = [0; nix::libc::PIPE_BUF];
        loop {
            let Ok(count @ 1..) = self.receiver.read(&mut buffer).await else {
                return std::future::pending().await;
            };
            names.extend_from_slice(&buffer[..count]);
            while let Some(end) = names.iter().position(|byte| *byte == b'\n') {
                let name: Vec<u8> = names.drain(..=end).collect();
                let name = String::from_utf8_lossy(&name);
                self.folder.open_window(Path::new(name.trim_end()), world);
            }
            // a path is never that long
            if names.len() > buffer.len() {
                names.clear();
            }
        }
    }
}
