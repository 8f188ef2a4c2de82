//! The commands besides `run`, and what users are told about bad input.

use super::common::{run, text};

#[test]
fn errors_about_bad_input_say_what_to_do() {
    let errors: Vec<String> = [
        &["explain", "iss/two-value"][..],
        &["run", "--scenario", "nothing/*"],
        &["run", "--spec", "2024-11-05"],
        &["run", "--defect", "no-such-defect"],
        &["run", "--capability", "telepathy"],
        &["run", "--capability", "cimd", "--lacks", "cimd"],
        &["run", "--timeout", "0"],
        &["run", "--command", "sh 'x"],
        &[
            "run",
            "--scenario",
            "plain/flow",
            "--output",
            "/no/such/folder/report.json",
        ],
        &["run", "--report", "yaml=report.yaml"],
        &["run", "--report", "json", "--report", "console"],
    ]
    .iter()
    .map(|arguments| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        format!(
            "$ mcp-authspec {}\n{}",
            arguments.join(" "),
            text(&output.stderr)
        )
    })
    .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn completions_and_the_manual_contain_every_command() {
    let help = text(&run(&["--help"]).stdout);
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    // continuation lines of a description are indented further
    let commands: Vec<&str> = listed
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(commands.contains(&"explain"), "{help}");
    let manual = text(&run(&["man"]).stdout);
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(&["completions", shell]).stdout);
        assert!(
            commands.iter().all(|command| script.contains(command)),
            "{shell}"
        );
    }
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(
            manual.contains(&format!(".SH \"MCP-AUTHSPEC {}\"", command.to_uppercase())),
            "{command}"
        );
    }
}

#[test]
fn check_shows_the_line_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let good = "title = \"T\"\nwhy = \"W.\"\n\
                [expect.iss-advertised-match]\neventually = \"as.token-request\"\n";
    std::fs::write(&file, good).unwrap();
    assert_eq!(
        run(&["check", file.to_str().unwrap()]).status.code(),
        Some(0)
    );
    std::fs::write(&file, good.replace("as.token-request", "as.token-reqest")).unwrap();
    let output = run(&["check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(
        text(&output.stdout).replace(folder.path().to_str().unwrap(), "FOLDER")
    );
}

/// Follows scenarios/README.md, which shows how to write a scenario.
#[test]
fn the_instructions_for_new_scenarios_work() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let page = std::fs::read_to_string(format!("{root}/scenarios/README.md")).unwrap();
    let folder = format!("{root}/fixtures/own-scenario");
    let file = format!("{folder}/iss-of-another-tenant.toml");
    let shown = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(shown, std::fs::read_to_string(&file).unwrap());

    assert_eq!(run(&["check", &file]).status.code(), Some(0));
    let id = "own-scenario/iss-of-another-tenant";
    assert!(
        text(&run(&["explain", id, "--scenarios", &folder]).stdout).contains("no token request")
    );
    assert!(text(&run(&["list", "--scenarios", &folder]).stdout).contains(id));
    let alone = [
        "run",
        "--scenarios",
        &folder,
        "--scenario",
        "own-scenario/*",
    ];
    assert_eq!(run(&alone).status.code(), Some(0));
    let broken = run(&[&alone[..], &["--defect", "no-iss-check"]].concat());
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stdout).contains("failed in own-scenario/iss-of-another-tenant"));
}

#[test]
fn errors_in_scenario_folders_are_shown_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = "title = \"T\"\nwhy = \"W.\"\n\
                [expect.iss-advertised-match]\neventually = \"as.token-request\"\n";
    for name in ["broken", "empty", "plain"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    std::fs::write(at("broken/one.toml"), good.replace("match]", "mtach]")).unwrap();
    std::fs::write(at("broken/two.toml"), good.replace("title", "tittle")).unwrap();
    std::fs::write(at("plain/flow.toml"), good).unwrap();
    let errors: Vec<String> = ["broken", "empty", "plain", "missing"]
        .iter()
        .map(|name| {
            let output = run(&["run", "--scenarios", at(name).to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            format!(
                "$ mcp-authspec run --scenarios {name}\n{}",
                text(&output.stderr)
            )
        })
        .collect();
    insta::assert_snapshot!(
        errors
            .join("\n")
            .replace(folder.path().to_str().unwrap(), "FOLDER")
    );
}

#[test]
fn a_schema_is_printed_for_each_name() {
    for arguments in [
        &["schema"][..],
        &["schema", "scenario"],
        &["schema", "monitors"],
    ] {
        let schema: serde_json::Value = serde_json::from_slice(&run(arguments).stdout).unwrap();
        let expectations = schema["definitions"]["expectations"].to_string();
        assert!(
            expectations.contains("iss-advertised-mismatch"),
            "editors can complete requirement ids: {arguments:?}"
        );
    }
    let client: serde_json::Value =
        serde_json::from_slice(&run(&["schema", "client"]).stdout).unwrap();
    assert!(client["properties"]["command"]["description"].is_string());
    assert_eq!(run(&["schema", "scenarios"]).status.code(), Some(2));
}

#[test]
fn coverage_lists_every_requirement() {
    let output = run(&["coverage", "--format", "json"]);
    let coverage: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let requirements = coverage["requirements"].as_array().unwrap();
    assert!(requirements.len() >= 306);
    let unproven = requirements
        .iter()
        .filter(|r| r["state"] == "covered" && r["defects"].as_array().unwrap().is_empty());
    let unproven: Vec<&str> = unproven.map(|r| r["id"].as_str().unwrap()).collect();
    assert!(unproven.is_empty(), "no defect fails {unproven:?}");
    let state = |id: &str| {
        requirements
            .iter()
            .find(|r| r["id"] == id)
            .map(|r| r["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("ext-ema-https").as_deref(), Some("covered"));
    let needs_network = state("bcp-ssrf-redirects");
    assert!(
        matches!(
            needs_network.as_deref(),
            Some("covered" | "needs-private-network")
        ),
        "{needs_network:?}"
    );
    assert_eq!(state("march-oauth21").as_deref(), Some("excluded"));
    for group in ["by_tier", "by_level", "by_area"] {
        let counts = coverage["totals"][group]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|counts| counts.as_object().unwrap().values());
        assert_eq!(
            counts.map(|count| count.as_u64().unwrap()).sum::<u64>(),
            requirements.len() as u64,
            "{group}"
        );
    }
    assert_eq!(
        coverage["totals"]["by_revision"].as_object().unwrap().len(),
        4
    );
}

#[test]
fn counterparts_of_the_official_suite_are_listed() {
    let listed = text(&run(&["list", "--official"]).stdout);
    assert!(
        listed.contains("auth/iss-wrong-issuer\n    iss/advertised-and-wrong/success"),
        "{listed}"
    );
}
