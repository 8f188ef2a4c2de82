//! The files and variables by which a client process learns of the run's certificate authority.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Variables that name a file with all authorities to trust: OpenSSL and what is built on it, curl,
/// Python's requests, Deno and git.
const BUNDLE_VARIABLES: [&str; 4] = [
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
];
/// Variables that name a file with authorities to trust besides others: Node.js and Deno.
const ADDITION_VARIABLES: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/// Where a client process finds the run's certificate authority.
#[derive(Debug, Clone)]
pub(in crate::driver) struct TrustedAuthority {
    /// The certificate of the authority alone.
    certificate: PathBuf,
    /// The authorities of the system and this one.
    bundle: PathBuf,
}

impl TrustedAuthority {
    /// Writes the files into a folder that the client does not write to.
    pub(super) fn write(folder: &Path, pem: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let files = Self {
            certificate: folder.join("authority.pem"),
            bundle: folder.join("authorities.pem"),
        };
        // A client may be started through a tool that loads packages from the network.
        let system = openssl_probe::probe().cert_file;
        let mut bundle = system
            .and_then(|file| fs::read(file).ok())
            .unwrap_or_default();
        bundle.push(b'\n');
        bundle.extend_from_slice(pem.as_bytes());
        fs::write(&files.certificate, pem)?;
        fs::write(&files.bundle, bundle)?;
        Ok(files)
    }

    /// The value of the placeholder `{ca}`.
    pub(super) fn certificate(&self) -> String {
        self.certificate.to_string_lossy().into_owned()
    }

    /// The variables that make common programs trust the authority.
    pub(in crate::driver) fn variables(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        let bundle = BUNDLE_VARIABLES.map(|name| (name, self.bundle.clone().into()));
        let addition = ADDITION_VARIABLES.map(|name| (name, self.certificate.clone().into()));
        bundle.into_iter().chain(addition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_ends_with_the_authority() {
        let folder = tempfile::tempdir().unwrap();
        let files = TrustedAuthority::write(&folder.path().join("trust"), "PEM").unwrap();
        assert_eq!(fs::read_to_string(files.certificate()).unwrap(), "PEM");
        for (name, path) in files.variables() {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.ends_with("PEM"), "{name}");
        }
    }
}
