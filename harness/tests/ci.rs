//! The GitHub action and the GitLab template, run as their runners would run them, with the
//! runner's variables faked.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp-authspec");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

#[derive(Deserialize)]
struct Action {
    inputs: BTreeMap<String, Input>,
    outputs: BTreeMap<String, Value>,
    runs: Steps,
}

#[derive(Deserialize)]
struct Input {
    default: String,
}

#[derive(Deserialize)]
struct Value {
    value: String,
}

#[derive(Deserialize)]
struct Steps {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    id: Option<String>,
    run: Option<String>,
    uses: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
}

/// A runner with the inputs of the action, the outputs of its steps, and the `github` context.
struct Runner {
    action: Action,
    folder: tempfile::TempDir,
    values: BTreeMap<String, String>,
    log: String,
    status: Option<i32>,
}

impl Runner {
    fn with(inputs: &[(&str, &str)]) -> Self {
        let text = std::fs::read_to_string(root().join("ci/action.yml")).unwrap();
        let action: Action = serde_yaml_ng::from_str(&text).unwrap();
        let mut values: BTreeMap<String, String> = action
            .inputs
            .iter()
            .map(|(name, input)| (format!("inputs.{name}"), input.default.clone()))
            .collect();
        for (name, value) in inputs {
            values
                .insert(format!("inputs.{name}"), (*value).to_owned())
                .expect("an input of the action");
        }
        values.insert("github.server_url".into(), "file://".into());
        values.insert("github.action_repository".into(), "none".into());
        Self {
            action,
            folder: tempfile::tempdir().unwrap(),
            values,
            log: String::new(),
            status: None,
        }
    }

    fn run(mut self) -> Self {
        let steps = std::mem::take(&mut self.action.runs.steps);
        for step in steps {
            // actions of others are not run here, but their inputs must be known
            step.with
                .values()
                .for_each(|text| drop(self.evaluate(text)));
            if let Some(script) = &step.run {
                let failed = self.run_step(&step, script) != 0;
                if failed {
                    break;
                }
            } else {
                assert!(step.uses.is_some(), "{} does nothing", step.name);
            }
        }
        self
    }

    fn run_step(&mut self, step: &Step, script: &str) -> i32 {
        let file = |name: &str| self.folder.path().join(name);
        let env: Vec<(String, String)> = step
            .env
            .iter()
            .map(|(name, text)| (name.clone(), self.evaluate(text)))
            .collect();
        std::fs::write(file("output"), "").unwrap();
        let output = Command::new("bash")
            .args([
                "--noprofile",
                "--norc",
                "-e",
                "-o",
                "pipefail",
                "-c",
                script,
            ])
            .current_dir(root())
            .envs(env)
            .env("GITHUB_ACTION_PATH", root().join("ci"))
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("RUNNER_TEMP", self.folder.path())
            .output()
            .unwrap();
        self.log += &String::from_utf8_lossy(&output.stdout);
        self.log += &String::from_utf8_lossy(&output.stderr);
        if let Some(id) = &step.id {
            for line in std::fs::read_to_string(file("output")).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                self.values
                    .insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        self.status = output.status.code();
        self.status.unwrap_or(-1)
    }

    /// Replaces expressions such as `${{ inputs.spec }}` with their values.
    fn evaluate(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (name, behind) = after.split_once("}}").unwrap();
            out += before;
            out += self
                .values
                .get(name.trim())
                .unwrap_or_else(|| panic!("unknown value {name}: {:?}\n{}", self.values, self.log));
            rest = behind;
        }
        out + rest
    }

    fn output(&self, name: &str) -> String {
        self.evaluate(&self.action.outputs[name].value)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

#[test]
fn a_job_fails_with_annotations_summary_reports_and_counts() {
    let client = format!("{PROGRAM} reference-client --defect no-iss-check");
    let job = Runner::with(&[
        ("binary", PROGRAM),
        ("command", &client),
        (
            "arguments",
            "--scenario 'iss/advertised-and-wrong*' --scenario plain/flow --seed s",
        ),
    ])
    .run();
    assert_eq!(job.status, Some(1), "{}", job.log);
    assert_eq!(job.output("exit-code"), "1");
    assert_ne!(job.output("failed"), "0");
    assert_ne!(job.output("passed"), "0");
    let annotations: Vec<&str> = job
        .log
        .lines()
        .filter(|line| line.starts_with("::"))
        .collect();
    assert!(
        annotations
            .iter()
            .any(|line| line.starts_with("::error title=MUST iss-advertised-mismatch failed")),
        "{annotations:#?}"
    );
    assert!(job.read("summary").contains("iss-advertised-mismatch"));
    let reports = PathBuf::from(job.output("reports"));
    for file in ["report.json", "junit.xml", "report.html", "summary.md"] {
        assert!(reports.join(file).metadata().unwrap().len() > 0, "{file}");
    }
}

#[test]
fn a_passing_job_has_no_annotations() {
    let job = Runner::with(&[("binary", PROGRAM), ("arguments", "--scenario plain/flow")]).run();
    assert_eq!(job.status, Some(0), "{}", job.log);
    assert_eq!(
        (job.output("exit-code"), job.output("failed")),
        ("0".into(), "0".into())
    );
    assert!(
        !job.log.lines().any(|line| line.starts_with("::error")),
        "{}",
        job.log
    );
}

#[test]
fn a_job_whose_client_cannot_be_run_has_exit_code_3() {
    let job = Runner::with(&[("binary", PROGRAM), ("command", "no-such-program-anywhere")]).run();
    assert_eq!(job.status, Some(3), "{}", job.log);
    assert!(
        job.log
            .contains("::error title=mcp-authspec::nothing could be run (exit code 3)"),
        "{}",
        job.log
    );
    let missing = Runner::with(&[("binary", "no-such-program-anywhere")]).run();
    assert_eq!(missing.status, Some(2), "{}", missing.log);
}

#[test]
fn a_release_is_downloaded_and_its_checksum_compared() {
    let releases = tempfile::tempdir().unwrap();
    let place = releases.path().join("none/releases/download/v1");
    let packed = Command::new(root().join("ci/release"))
        .arg(&place)
        .arg(PROGRAM)
        .output()
        .unwrap();
    assert!(
        packed.status.success(),
        "{}",
        String::from_utf8_lossy(&packed.stderr)
    );
    let archive = PathBuf::from(String::from_utf8(packed.stdout).unwrap().trim());
    let job = || {
        let mut runner = Runner::with(&[("version", "v1"), ("arguments", "--scenario plain/flow")]);
        runner.values.insert(
            "github.server_url".into(),
            format!("file://{}", releases.path().display()),
        );
        runner.run()
    };

    let version = concat!("mcp-authspec ", env!("CARGO_PKG_VERSION"));
    let downloaded = job();
    assert_eq!(
        (downloaded.status, downloaded.log.contains(version)),
        (Some(0), true),
        "{}",
        downloaded.log
    );
    std::fs::write(format!("{}.sha256", archive.display()), "0".repeat(64)).unwrap();
    assert!(job().log.contains("does not have the checksum"));
}

#[test]
fn the_gitlab_template_writes_its_reports_and_fails_with_the_run() {
    #[derive(Deserialize)]
    struct Template {
        #[serde(rename = ".mcp-authspec")]
        job: Job,
    }
    #[derive(Deserialize)]
    struct Job {
        variables: BTreeMap<String, String>,
        script: Vec<String>,
    }
    let text =
        std::fs::read_to_string(root().join("ci/gitlab/mcp-authspec.gitlab-ci.yml")).unwrap();
    let template: Template = serde_yaml_ng::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = |options: &str| {
        let bin = Path::new(PROGRAM).parent().unwrap();
        Command::new("bash")
            .args([
                "-e",
                "-o",
                "pipefail",
                "-c",
                &template.job.script.join("\n"),
            ])
            .current_dir(folder.path())
            .envs(&template.job.variables)
            .env(
                "MCP_AUTHSPEC_CLIENT",
                format!("{PROGRAM} reference-client --defect no-iss-check"),
            )
            .env("MCP_AUTHSPEC_OPTIONS", options)
            .env(
                "PATH",
                format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()),
            )
            .output()
            .unwrap()
    };
    assert_eq!(run("--scenario plain/flow").status.code(), Some(0));
    let failed = run("--scenario iss/advertised-and-wrong*");
    assert_eq!(
        failed.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&failed.stderr)
    );
    let junit =
        std::fs::read_to_string(folder.path().join("mcp-authspec-reports/junit.xml")).unwrap();
    assert!(junit.contains("iss-advertised-mismatch"));
}
