//! Control twins and their worlds.

use super::*;

#[test]
fn a_twin_is_the_case_without_its_deviations() {
    for case in Suite::new().cases() {
        let twin = case.control();
        assert_eq!(twin.id, format!("{} (control)", case.id));
        assert!(
            twin.deviations.is_empty() && twin.expectations.is_empty() && twin.watch.is_empty()
        );
        assert_eq!(twin.world, case.world);
        assert_eq!(twin.needs, case.needs);
        assert_eq!(twin.world_digest(), case.world_digest());
    }
}

#[test]
fn equal_worlds_share_one_run() {
    let cases = Suite::new().cases();
    let mut worlds: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.deviations.is_empty()) {
        worlds
            .entry(case.world_digest())
            .or_default()
            .push(&case.id);
    }
    let plain = cases.iter().find(|case| case.id == "plain/flow").unwrap();
    assert!(
        worlds[&plain.world_digest()].len() >= 50,
        "most cases differ from the plain flow by their deviation only"
    );
    assert!(worlds.len() < cases.len() / 3, "control runs are shared");
}

#[test]
fn what_a_world_is_made_of_shows_in_its_digest_and_what_nobody_meets_does_not() {
    let base = "title = \"T\"\nwhy = \"W.\"\nfrom = \
     \"2025-06-18\"\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    let digest = |more: &str| {
        let cases = Suite::new()
            .load("iss/x", &format!("{base}{more}"))
            .unwrap_or_else(|errors| panic!("{}", shown(&errors)));
        cases[0].world_digest()
    };
    let other = "[world.other]\nis = \"authorization server\"\n";
    let at_other = "[deviation.d]\nat = \"as.metadata\"\nset = { issuer = \"{other.issuer}\" }\n";
    let plain = digest("");
    for same in [
        "[world.as]\nconsent = \"granted\"\nhost = \"localhost\"\n".to_owned(),
        "[[step]]\nconnect = [\"mcp\"]\nflow = \"plain\"\n".to_owned(),
        format!("{other}{at_other}"),
        format!("{other}hostile = true\n{at_other}"),
    ] {
        assert_eq!(digest(&same), plain, "{same}");
    }
    let mut seen = BTreeSet::from([plain]);
    for different in [
        "[world.as]\nconsent = \"denied\"\n".to_owned(),
        "[world.as]\nhost = \"127.0.0.1\"\n".to_owned(),
        "[world.as]\nhostile = true\n".to_owned(),
        "[world.mcp]\nsession = false\n".to_owned(),
        "[[step]]\nconnect = [\"mcp\"]\numask = \"000\"\n".to_owned(),
        "[[step]]\nafter = \"mcp.call-accepted\"\nexpire = [\"as.access_token\"]\n".to_owned(),
        "[[step]]\nafter = \"mcp.call-accepted\"\nrevoke = [\"as.access_token\"]\n".to_owned(),
        format!("{other}hosted_on = \"as\"\n"),
        format!("{other}[world.mcp]\nauthorization_servers = [\"as\", \"other\"]\n"),
        format!("{other}[world.mcp]\nresource = \"{{other.origin}}/mcp\"\n"),
        format!(
            "{other}[[step]]\nafter = \"mcp.call-accepted\"\nset = {{ \
             \"mcp.authorization_servers\" = [\"other\"] }}\n"
        ),
        format!(
            "{other}hostile = true\n[[step]]\nafter = \"mcp.call-accepted\"\nset = {{ \
             \"mcp.authorization_servers\" = [\"other\"] }}\n"
        ),
    ] {
        assert!(seen.insert(digest(&different)), "{different}");
    }
}

#[test]
fn a_case_says_where_it_is_written_and_what_it_takes() {
    let cases = Suite::new().cases();
    let case = |id: &str| cases.iter().find(|case| case.id == id).unwrap();

    let two = case("iss/two-values/wrong-then-right");
    assert_eq!(
        two.source.to_owned(),
        Source {
            file: "scenarios/iss/two-values.toml".into(),
            line: 17
        }
    );
    assert_eq!(two.expectations[0].source.line, 12);
    assert_eq!(two.steps.len(), 1);
    let Action::Patch(patch) = &two.deviations[0].action else {
        panic!()
    };
    assert_eq!(
        (patch.set[0].0.as_str(), patch.append[0].0.as_str()),
        ("iss", "iss")
    );

    let flight = case("refresh/single-flight");
    let needs: Vec<_> = flight.needs.iter().map(|need| need.as_str()).collect();
    assert_eq!(needs, ["refresh", "calls-tools", "calls-at-once"]);
    assert!(!flight.why.contains('\n'));

    let march = case("march/default-endpoints");
    assert!(march.applies_in(Revision::March2025) && !march.applies_in(Revision::June2025));
    assert!(march.needs.contains(&Capability::Dcr));
}
