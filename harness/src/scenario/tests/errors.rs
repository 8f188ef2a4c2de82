//! What authors read when they write something wrong.

use super::*;

/// Everything that is wrong with a file that has this after its title.
fn errors(rest: &str) -> String {
    let text = format!("title = \"T\"\nwhy = \"W.\"\n{rest}");
    match Suite::new().load("iss/x", &text) {
        Ok(cases) => panic!("{} cases", cases.len()),
        Err(errors) => errors
            .iter()
            .map(|error| error.render(&text))
            .collect::<Vec<_>>()
            .join("\n\n"),
    }
}

macro_rules! refused {
    ($($name:ident: $text:expr;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), errors($text));
        })+
    };
}

refused! {
    not_toml: "[expect.iss-advertised-mismatch]\nnever = { event = \"token-request\"\n";
    a_key_twice: "from = \"2025-06-18\"\nfrom = \"2025-11-25\"\n";
    unknown_keys: "tittle = \"T\"\n[expect.iss-advertised-mismatch]\nnver = \"token-request\"\nbecuase = \"B\"\n";
    empty_texts: "official_differs = \"\"\n[variant.one]\ntitle = \"\"\nexpect.iss-advertised-mismatch.never = \"token-request\"\n";
    unknown_event: "[expect.iss-advertised-mismatch]\nnever = [\"token-requst\", \"mcp.token-request\"]\n";
    unknown_parties: "[expect.iss-advertised-mismatch]\nnever = \"other.token-request\"\n[[step]]\nconnect = [\"mpc\"]\n";
    unknown_field_and_matcher: "[expect.iss-advertised-mismatch]\n\
        never = { event = \"token-request\", where = { iss_is = \"x\", code.presnt = true, dpop.jit.fresh = true } }\n";
    bad_words: "[world.as]\nconsent = \"refused\"\n[expect.iss-advertised-mismatch]\n\
        never = { event = \"token-request\", where = { grant_type = \"code\", carries = \"as.acess_token\" } }\n";
    misspelt_member: "[deviation.wrong]\nat = \"as.authorization-response\"\nset = { issuer = \"{mcp.origin}\" }\nremove = [\"stat\"]\n\
        [expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    unknown_answer_place_and_header: "[deviation.a]\nat = \"as.prm\"\nstatus = 404\n[deviation.b]\nat = \"as.metadata.root\"\nstatus = 404\n\
        [deviation.c]\nat = \"mcp.challenge\"\nheaders.Www-Authenticate = \"Bearer\"\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    reason_missing: "[expect.iss-advertised-mismatch]\nnever = \"token-request\"\nlevel = \"SHOULD\"\n\
        [expect.state-mismatch-discard]\nany_of = [{ never = \"token-request\" }, { eventually = \"client-finished\" }]\n";
    literal_secret: "[expect.iss-advertised-mismatch]\nnever = { event = \"token-request\", where = { code = \"abc\", resource.not = [\"https://ok\", \"mcp\"], scope = \"files:read\" } }\n";
    unsent_canary: "[deviation.shown]\nat = \"as.authorization-response\"\nset = { error_description = \"{canary.text}\" }\n\
        [expect.iss-error-mismatch-no-display]\nnever = [{ event = \"display\", where = { contains = \"{canary.txt}\" } }, { event = \"display\", where = { contains = \"x\" } }]\n";
    braces_and_placeholders: "[deviation.shown]\nat = \"as.metadata\"\n\
        set = { issuer = \"{as.issuer\", jwks_uri = \"{as.jwks}\", token_endpoint = \"{as.token_endpoint|slsh}\", scopes_supported = [\"{null} x\"] }\n\
        [expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    unknown_requirements_and_monitors: "watch = [\"pkce-requird\", \"iss-advertised-match\"]\n[expect.iss-advertised-mismtach]\nnever = \"token-request\"\n";
    a_step_waits_for_a_deviation: "goal = \"deviation.wrong\"\n[deviation.wrong]\nat = \"as.authorization-response\"\nremove = [\"iss\"]\n\
        [[step]]\nafter = \"deviation.wrong\"\nexpire = [\"as.access_token\"]\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    steps_that_are_neither: "[[step]]\nexpire = [\"mcp.code\"]\n[[step]]\nconnect = [\"as\"]\nrevoke = [\"as.code\"]\numask = \"22\"\n\
        [expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    deviations_that_change_nothing: "[deviation.a]\nat = \"as.metadata\"\n[deviation.b]\nset = { iss = \"x\" }\n[deviation.c]\nat = \"as\"\nset = { iss = \"on\" }\n\
        [deviation.d]\nat = \"as.metadata\"\nbody = \"x\"\nremove = [\"issuer\"]\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    behaviours: "[deviation.a]\nat = \"as.authorization-response\"\ndo = \"extra-callback\"\nstatus = 200\n\
        [deviation.b]\nat = \"as.metadata\"\ndo = \"relay-browser\"\nto = \"as\"\n[deviation.c]\nat = \"as.authorization-response\"\ndo = \"relay\"\n\
        [expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    metadata_under_2025_03_26: "[world.mcp]\nprm_at = [\"root\"]\n[expect.token-request-form]\neventually = \"token-request\"\n";
    never_applies: "until = \"2025-11-25\"\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    a_party_that_nobody_mentions: "[world.other]\nis = \"authorization server\"\n[world.new]\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    nobody_can_sign_in: "from = \"2025-06-18\"\n[world.as]\nup = false\n[deviation.a]\nat = \"mcp.prm\"\nstatus = 404\n\
        [expect.iss-advertised-mismatch]\nnever = \"token-request\"\n";
    demands_without_content: "[expect.iss-advertised-mismatch]\nposition = 1\n[expect.iss-advertised-absent]\nnever = []\n\
        [expect.iss-advertised-match]\nevery = { event = \"token-request\" }\nat_most = \"token-request\"\n";
}

#[test]
fn an_error_of_the_base_is_told_once_and_at_its_place() {
    let text = "title = \"T\"\nwhy = \"W.\"\nneeds = [\"cimdd\"]\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n\
        [variant.one]\nexpect.iss-advertised-mismatch.never = \"x\"\n[variant.two]\n[variant.three]\nexpect.iss-advertised-mismatch.never = \"y\"\n";
    let errors = Suite::new().load("iss/x", text).unwrap_err();
    let places: Vec<_> = errors
        .iter()
        .map(|error| (error.line, error.column))
        .collect();
    assert_eq!(places, [(3, 10), (7, 40), (10, 40)]);
}

#[test]
fn monitors_name_no_party() {
    let suite = Suite::new();
    let text = "[expect.state-send]\nevery = { event = \"as.authorization-request\", has = { client_id = \"{event.url}\" } }\n";
    let errors = suite
        .with(|known| load_monitors("scenarios/monitors.toml", text, known.requirements))
        .unwrap_err();
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn what_a_variant_lacks_is_told_where_it_begins() {
    let text = "why = \"W.\"\n[expect.iss-advertised-mismatch]\nnever = \"token-request\"\n[variant.one]\ntitle = \"T\"\n[variant.two]\n";
    let errors = Suite::new().load("iss/x", text).unwrap_err();
    assert_eq!(
        shown(&errors),
        "scenarios/iss/x.toml:6:10: `title` is missing\n  help: write `title = \"...\"`\n"
    );
}
