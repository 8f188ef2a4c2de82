//! What a client process gets of the user's environment: the variables of an allow list, and a
//! working directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use wildmatch::WildMatch;

use super::working_directory::WorkingDirectory;

/// Variables that are passed on: language, time zone, terminal, who the user is, certificates, and
/// where interpreters find their libraries. None of them usually contains a secret. Proxies are not
/// passed on, as every server of a run is on this machine.
const PASSED_VARIABLES: &[&str] = &[
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

/// Toolchains and download caches in the user's home, by the variable that says where they are. A
/// client's home is another folder: without these variables, `cargo run`, `go run`, `npx` and
/// `uv run` would install everything again in each run. No client keeps tokens there.
const TOOLCHAIN_FOLDERS: &[(&str, &str)] = &[
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

/// What a client process gets of the user's environment.
#[derive(Debug, Clone, Default)]
pub struct ProcessEnvironment {
    pub working_directory: WorkingDirectory,
    /// Names of more variables to pass on; `*` stands for anything.
    pub pass: Vec<String>,
    /// Variables to set. They win over everything but the contract's own.
    pub set: BTreeMap<String, String>,
}

impl ProcessEnvironment {
    /// Which of the user's variables a client gets, without `PATH`.
    pub(super) fn passed_variables(
        &self,
        users: impl Iterator<Item = (OsString, OsString)>,
    ) -> BTreeMap<OsString, OsString> {
        let patterns: Vec<WildMatch> = PASSED_VARIABLES
            .iter()
            .copied()
            .chain(self.pass.iter().map(String::as_str))
            .map(WildMatch::new)
            .collect();
        let users: BTreeMap<OsString, OsString> = users.collect();
        let mut passed: BTreeMap<OsString, OsString> = TOOLCHAIN_FOLDERS
            .iter()
            .filter_map(|(name, below_home)| {
                let folder = find_toolchain(name, below_home, &users)?;
                Some((OsString::from(name), folder))
            })
            .collect();
        passed.extend(users.into_iter().filter(|(name, _)| {
            name.to_str()
                .is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)))
        }));
        passed
    }

    /// An argument as the client's working directory needs it: a relative path of an existing file
    /// becomes absolute where the client starts in another folder than the harness.
    pub(super) fn argument(&self, argument: &str) -> String {
        let starts_elsewhere = self.working_directory != WorkingDirectory::Inherited;
        let is_relative = !argument.is_empty() && Path::new(argument).is_relative();
        match std::path::absolute(argument) {
            Ok(path) if starts_elsewhere && is_relative && path.exists() => {
                path.to_string_lossy().into_owned()
            }
            _ => argument.to_owned(),
        }
    }
}

/// The folder of a toolchain: the one that the user's variable names, or the usual one in the
/// user's home if it exists.
fn find_toolchain(
    name: &str,
    below_home: &str,
    users: &BTreeMap<OsString, OsString>,
) -> Option<OsString> {
    let named = users.get(&OsString::from(name)).cloned();
    named.or_else(|| {
        let home = users.get(&OsString::from("HOME"))?;
        let folder = Path::new(home).join(below_home);
        folder.is_dir().then(|| folder.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(environment: &ProcessEnvironment, users: &[(&str, &str)]) -> Vec<String> {
        let users = users
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        environment
            .passed_variables(users)
            .into_iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect()
    }

    #[test]
    fn only_variables_that_clients_need_are_passed_on() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".cargo")).unwrap();
        let home = home.path().to_str().unwrap();
        let users = [
            ("HOME", home),
            ("LC_ALL", "C"),
            ("SECRET_TOKEN", "x"),
            ("HTTPS_PROXY", "http://proxy"),
            ("AWS_REGION", "r"),
            ("RUSTUP_HOME", "/opt/rust"),
        ];
        let cargo = format!("CARGO_HOME={home}/.cargo");
        assert_eq!(
            passed(&ProcessEnvironment::default(), &users),
            [&cargo, "LC_ALL=C", "RUSTUP_HOME=/opt/rust"]
        );
        let more = ProcessEnvironment {
            pass: vec!["AWS_*".to_owned()],
            ..ProcessEnvironment::default()
        };
        assert_eq!(
            passed(&more, &users),
            ["AWS_REGION=r", &cargo, "LC_ALL=C", "RUSTUP_HOME=/opt/rust"]
        );
    }

    #[test]
    fn relative_files_are_found_from_another_folder() {
        let own = ProcessEnvironment {
            working_directory: WorkingDirectory::Own,
            ..ProcessEnvironment::default()
        };
        let current = std::env::current_dir().unwrap();
        assert_eq!(
            own.argument("Cargo.toml"),
            current.join("Cargo.toml").to_str().unwrap()
        );
        assert_eq!(own.argument("--flag"), "--flag");
        assert_eq!(
            ProcessEnvironment::default().argument("Cargo.toml"),
            "Cargo.toml"
        );
    }
}
