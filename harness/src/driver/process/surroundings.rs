//! What of the user's own surroundings a client process gets: a clean environment with an
//! allow-list, and a working directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use wildmatch::WildMatch;

/// Variables that are passed on: language, time zone, terminal, who the user is, certificates, and
/// where interpreters find their libraries. Nothing that holds a secret by habit, and no proxy:
/// every server of a run is on this machine.
const PASSED: &[&str] = &[
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TERM",
    "USER",
    "LOGNAME",
    "SHELL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "LD_LIBRARY_PATH",
    "DYLD_*",
    "NODE_PATH",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "UV_PYTHON",
    "UV_PROJECT_ENVIRONMENT",
    "UV_FROZEN",
    "UV_OFFLINE",
    "UV_NO_SYNC",
    "RUBYLIB",
    "GEM_HOME",
    "GEM_PATH",
    "PERL5LIB",
    "JAVA_HOME",
    "GOROOT",
    "GOFLAGS",
    "RUSTUP_TOOLCHAIN",
    "DOTNET_ROOT",
    "PNPM_HOME",
    "COREPACK_*",
    "NIX_*",
    "LOCALE_ARCHIVE",
];

/// Toolchains and download caches that lie in the user's home, by the variable that says where. A
/// client's home is another, so they are pointed at, or `cargo run`, `go run`, `npx` and `uv run`
/// would install everything again in each run. No client keeps tokens there.
const TOOLCHAINS: &[(&str, &str)] = &[
    ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"),
    ("GOPATH", "go"),
    ("GOCACHE", ".cache/go-build"),
    ("npm_config_cache", ".npm"),
    ("COREPACK_HOME", ".cache/node/corepack"),
    ("NVM_DIR", ".nvm"),
    ("VOLTA_HOME", ".volta"),
    ("FNM_DIR", ".local/share/fnm"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("BUN_INSTALL", ".bun"),
    ("DENO_DIR", ".cache/deno"),
    ("PYENV_ROOT", ".pyenv"),
    ("PYTHONUSERBASE", ".local"),
    ("UV_CACHE_DIR", ".cache/uv"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python"),
    ("UV_TOOL_DIR", ".local/share/uv/tools"),
    ("PIPX_HOME", ".local/share/pipx"),
    ("RBENV_ROOT", ".rbenv"),
    ("SDKMAN_DIR", ".sdkman"),
    ("GRADLE_USER_HOME", ".gradle"),
    ("NUGET_PACKAGES", ".nuget/packages"),
];

/// What a client process gets of the user's surroundings.
#[derive(Debug, Clone, Default)]
pub struct ProcessEnvironment {
    pub working_directory: WorkingDirectory,
    /// Names of more variables to pass on; `*` stands for anything.
    pub pass: Vec<String>,
    /// Variables to set. They win over everything but the contract's own.
    pub set: BTreeMap<String, String>,
}

/// Where a client process starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WorkingDirectory {
    /// Where the harness was started: adapters are run by `npm run`, `python -m` or `uv run`, which
    /// look for the project there.
    #[default]
    Inherited,
    /// An empty one of the run's own.
    Own,
    /// This one.
    At(PathBuf),
}

impl FromStr for WorkingDirectory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "inherit" => Ok(Self::Inherited),
            "sandbox" => Ok(Self::Own),
            folder if Path::new(folder).is_dir() => std::path::absolute(folder)
                .map(Self::At)
                .map_err(|e| e.to_string()),
            other => Err(format!(
                "`{other}` is no folder\n  help: give a folder, `inherit`, or `sandbox` for an empty one of its own"
            )),
        }
    }
}

impl ProcessEnvironment {
    /// Which of these variables a client gets, `PATH` apart.
    pub(super) fn environment(
        &self,
        own: impl Iterator<Item = (OsString, OsString)>,
    ) -> BTreeMap<OsString, OsString> {
        let passed: Vec<WildMatch> = PASSED
            .iter()
            .copied()
            .chain(self.pass.iter().map(String::as_str))
            .map(WildMatch::new)
            .collect();
        let own: BTreeMap<OsString, OsString> = own.collect();
        let mut out: BTreeMap<OsString, OsString> = TOOLCHAINS
            .iter()
            .filter_map(|(name, below)| {
                let place = own.get(&OsString::from(name)).cloned().or_else(|| {
                    let place = Path::new(own.get(&OsString::from("HOME"))?).join(below);
                    place.is_dir().then(|| place.into())
                })?;
                Some((OsString::from(name), place))
            })
            .collect();
        out.extend(own.into_iter().filter(|(name, _)| {
            name.to_str()
                .is_some_and(|name| passed.iter().any(|p| p.matches(name)))
        }));
        out
    }

    /// The arguments as the working directory needs them: a program or file given by a path that
    /// starts where the harness was started stays what it was.
    pub(super) fn argument(&self, argument: &str) -> String {
        let elsewhere = self.working_directory != WorkingDirectory::Inherited;
        match std::path::absolute(argument) {
            Ok(path)
                if elsewhere
                    && Path::new(argument).is_relative()
                    && path.exists()
                    && !argument.is_empty() =>
            {
                path.to_string_lossy().into_owned()
            }
            _ => argument.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(surroundings: &ProcessEnvironment, own: &[(&str, &str)]) -> Vec<String> {
        let own = own
            .iter()
            .map(|(n, v)| (OsString::from(n), OsString::from(v)));
        surroundings
            .environment(own)
            .into_iter()
            .map(|(n, v)| format!("{}={}", n.display(), v.display()))
            .collect()
    }

    #[test]
    fn only_what_is_known_to_be_needed_is_passed_on() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".cargo")).unwrap();
        let home = home.path().to_str().unwrap();
        let own = [
            ("HOME", home),
            ("LC_ALL", "C"),
            ("SECRET_TOKEN", "x"),
            ("HTTPS_PROXY", "http://proxy"),
            ("AWS_REGION", "r"),
            ("RUSTUP_HOME", "/opt/rust"),
        ];
        let cargo = format!("CARGO_HOME={home}/.cargo");
        assert_eq!(
            names(&ProcessEnvironment::default(), &own),
            [&cargo, "LC_ALL=C", "RUSTUP_HOME=/opt/rust"]
        );
        let more = ProcessEnvironment {
            pass: vec!["AWS_*".to_owned()],
            ..ProcessEnvironment::default()
        };
        assert_eq!(
            names(&more, &own),
            ["AWS_REGION=r", &cargo, "LC_ALL=C", "RUSTUP_HOME=/opt/rust"]
        );
    }

    #[test]
    fn relative_files_stay_what_they_were_in_another_folder() {
        let own = ProcessEnvironment {
            working_directory: WorkingDirectory::Own,
            ..ProcessEnvironment::default()
        };
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            own.argument("Cargo.toml"),
            here.join("Cargo.toml").to_str().unwrap()
        );
        assert_eq!(own.argument("--flag"), "--flag");
        assert_eq!(
            ProcessEnvironment::default().argument("Cargo.toml"),
            "Cargo.toml"
        );
    }
}
