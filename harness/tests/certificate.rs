//! Certificates: made of a saved run, checked by strangers, and refuted once anything is changed.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use common::{run, text};
use mcp_authspec::certificate::{CertificateRequest, VerifyRequest, issue, verify};
use mcp_authspec::suite::Suite;
use proptest::prelude::*;

/// Keys that were made for these tests: `openssl genpkey`, and `ssh-keygen -t ed25519`.
const ED25519: &str = include_str!("keys/ed25519.pem");
const P256: &str = include_str!("keys/p256.pem");
const OPENSSH: &str = include_str!("keys/openssh");

static SUITE: LazyLock<Suite> = LazyLock::new(|| Suite::embedded().unwrap());

/// A saved run that answers the challenge `Tuesday`, and a certificate of it.
static CERTIFIED: LazyLock<Certified> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let certified = Certified { folder };
    let saved = certified.text("run");
    let output = run(&[
        "run",
        "--scenario",
        "plain/*",
        "--challenge",
        "Tuesday",
        "--save",
        &saved,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    std::fs::write(certified.path("key.pem"), ED25519).unwrap();
    std::fs::write(certified.path("client.tar"), "the client").unwrap();
    let issued = certified.certify("certificate", ED25519);
    assert!(issued.is_ok(), "{issued:?}");
    certified
});

struct Certified {
    folder: tempfile::TempDir,
}

impl Certified {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn certify(&self, into: &str, key: &str) -> Result<(), String> {
        let key_file = self.path(&format!("{into}.key"));
        std::fs::write(&key_file, key).unwrap();
        let request = CertificateRequest {
            run: &self.path("run"),
            into: &self.path(into),
            key: &key_file,
            artifacts: &[self.path("client.tar")],
        };
        issue(&request, &SUITE)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

fn check(folder: &Path) -> Result<(), String> {
    let request = VerifyRequest {
        folder,
        key: None,
        challenge: None,
        artifacts: &[],
    };
    verify(&request, &SUITE)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// What a command prints, without what differs from run to run.
fn output_of(arguments: &[&str]) -> String {
    let output = run(arguments);
    let folder = CERTIFIED.folder.path().to_str().unwrap();
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    let all = all.replace(folder, "FOLDER");
    let version = env!("CARGO_PKG_VERSION");
    let all = all.replace(&format!("mcp-authspec {version}"), "mcp-authspec VERSION");
    let digits = |line: &str| {
        line.split(' ')
            .map(|word| {
                if word.parse::<usize>().is_ok() {
                    "N"
                } else {
                    word
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines: Vec<String> = all.lines().map(digits).collect();
    format!(
        "{}\nexit code {}",
        lines.join("\n"),
        output.status.code().unwrap()
    )
}

#[test]
fn a_certificate_is_checked_by_a_stranger() {
    let (certificate, client) = (CERTIFIED.text("certificate"), CERTIFIED.text("client.tar"));
    insta::assert_snapshot!(
        "verify",
        output_of(&[
            "verify",
            &certificate,
            "--challenge",
            "Tuesday",
            "--artifact",
            &client
        ])
    );
}

#[test]
fn a_run_that_does_not_answer_the_challenge_is_refused() {
    let certificate = CERTIFIED.text("certificate");
    insta::assert_snapshot!(
        "verify-other-challenge",
        output_of(&["verify", &certificate, "--challenge", "Wednesday"])
    );
}

#[test]
fn another_key_or_another_file_is_refused() {
    CERTIFIED.certify("by-another", P256).unwrap();
    let (certificate, other) = (CERTIFIED.text("certificate"), CERTIFIED.text("by-another"));
    let key = format!("{other}/public-key.pem");
    let file = CERTIFIED.text("key.pem");
    insta::assert_snapshot!(
        "verify-refused",
        [
            output_of(&["verify", &certificate, "--key", &key]),
            output_of(&["verify", &certificate, "--artifact", &file]),
            output_of(&["verify", &CERTIFIED.text("run")]),
        ]
        .join("\n\n")
    );
}

#[test]
fn keys_of_each_kind_sign() {
    for (name, key) in [("ed25519", ED25519), ("p256", P256), ("openssh", OPENSSH)] {
        let into = format!("signed-{name}");
        CERTIFIED.certify(&into, key).unwrap();
        assert_eq!(check(&CERTIFIED.path(&into)), Ok(()), "{name}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = CERTIFIED.folder.path().to_str().unwrap();
    let refused = CERTIFIED.certify("run", ED25519).unwrap_err();
    insta::assert_snapshot!("not-empty", refused.replace(folder, "FOLDER"));
}

#[test]
fn a_file_without_a_key_is_refused_with_a_remedy() {
    let refused = CERTIFIED.certify("unsigned", "no key").unwrap_err();
    let folder = CERTIFIED.folder.path().to_str().unwrap();
    insta::assert_snapshot!("no-key", refused.replace(folder, "FOLDER"));
}

#[test]
fn another_run_beside_the_statement_is_refused() {
    let folder = CERTIFIED.path("with-another-run");
    copy_folder(&CERTIFIED.path("certificate"), &folder);
    std::fs::write(folder.join("run.tar.gz"), b"another run").unwrap();
    let refused = check(&folder).unwrap_err();
    assert!(refused.starts_with("run.tar.gz is not what"), "{refused}");
}

#[test]
fn a_selection_of_ones_own_is_no_short_plan() {
    let copy = tempfile::tempdir().unwrap();
    let (run, into, key) = (
        copy.path().join("run"),
        copy.path().join("certificate"),
        copy.path().join("key.pem"),
    );
    copy_folder(&CERTIFIED.path("run"), &run);
    let manifest = run.join("run.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let claimed = text.replacen("\"declared\"", "\"plan\":\"short\",\"declared\"", 1);
    assert_ne!(text, claimed);
    std::fs::write(&manifest, claimed).unwrap();
    std::fs::write(&key, ED25519).unwrap();
    let request = CertificateRequest {
        run: &run,
        into: &into,
        key: &key,
        artifacts: &[],
    };
    let statement = issue(&request, &SUITE).unwrap();
    let claim = &statement.predicate.mcp_authspec.claims[0];
    assert!(claim.must.passed > 0);
    assert_eq!(
        serde_json::to_value(claim.level).unwrap(),
        serde_json::json!("none")
    );
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A change of any byte either refutes the certificate, or leaves what it says as it was.
    #[test]
    fn every_changed_byte_is_noticed(
        file in prop::sample::select(vec!["certificate.json", "public-key.pem", "run.tar.gz"]),
        place in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&CERTIFIED.path("certificate"), copy.path());
        let path = copy.path().join(file);
        let mut content = std::fs::read(&path).unwrap();
        let place = place.index(content.len());
        content[place] ^= flip;
        std::fs::write(&path, &content).unwrap();
        let request = |folder| VerifyRequest { folder, key: None, challenge: None, artifacts: &[] };
        let honest = CERTIFIED.path("certificate");
        let honest = verify(&request(&honest), &SUITE).unwrap();
        if let Ok(changed) = verify(&request(copy.path()), &SUITE) {
            prop_assert_eq!(changed.statement, honest.statement);
            prop_assert_eq!(changed.key, honest.key);
        }
    }
}
