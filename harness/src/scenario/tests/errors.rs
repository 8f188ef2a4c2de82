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
            .join(
                "\n\
             \n",
            ),
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
    steps_without_effect: "[expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n\
     [[step]]\n\
     connect = [\"mcp\"]\n\
     [[step]]\n\
     after = \"mcp.call-accepted\"\n\
     revoke = [\"as.code\"]\n\
     set = { \"mcp.path\" = \"/other\", \"as.consent\" = \"granted\" }\n";
    settings_and_starts_without_effect: "from = \"2025-06-18\"\n\
     [world.as]\n\
     registration = [\"cimd\"]\n\
     certificate = \"expired\"\n\
     address = \"private\"\n\
     client_secret_lifetime = 60\n\
     refresh = \"none\"\n\
     dpop_algorithms = [\"ES256\"]\n\
     [expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n\
     [[step]]\n\
     connect = [\"mcp\"]\n\
     at_once = true\n\
     [[step]]\n\
     after = \"mcp.call-accepted\"\n\
     revoke = [\"as.client_id\", \"as.refresh_token\"]\n\
     [[step]]\n\
     after = \"client-start\"\n\
     connect = [\"mcp\"]\n\
     [[step]]\n\
     after = \"client-finished\"\n\
     expire = [\"as.access_token\"]\n";
    not_toml: "[expect.iss-advertised-mismatch]\n\
     never = { event = \"token-request\"\n";
    a_key_twice: "from = \"2025-06-18\"\n\
     from = \"2025-11-25\"\n";
    unknown_keys: "tittle = \"T\"\n\
     [expect.iss-advertised-mismatch]\n\
     nver = \"token-request\"\n\
     becuase = \"B\"\n";
    empty_texts: "official_differs = \"\"\n\
     [variant.one]\n\
     title = \"\"\n\
     expect.iss-advertised-mismatch.never = \"token-request\"\n";
    unknown_event: "[expect.iss-advertised-mismatch]\n\
     never = [\"token-requst\", \"mcp.token-request\"]\n";
    unknown_parties: "[expect.iss-advertised-mismatch]\n\
     never = \"other.token-request\"\n\
     [[step]]\n\
     connect = [\"mpc\"]\n";
    unknown_field_and_matcher: "[expect.iss-advertised-mismatch]\n\
        never = { event = \"token-request\", where = { iss_is = \"x\", code.presnt = true, \
        dpop.jit.fresh = true } }\n";
    bad_words: "[world.as]\n\
     consent = \"refused\"\n\
     [expect.iss-advertised-mismatch]\n\
        never = { event = \"token-request\", where = { grant_type = \"code\", carries = \
        \"as.acess_token\" } }\n";
    misspelt_member: "[deviation.wrong]\n\
     at = \"as.authorization-response\"\n\
     set = { issuer = \"{mcp.origin}\" }\n\
     remove = [\"stat\"]\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    unknown_answer_place_and_header: "[deviation.a]\n\
     at = \"as.prm\"\n\
     status = 404\n\
     [deviation.b]\n\
     at = \"as.metadata.root\"\n\
     status = 404\n\
        [deviation.c]\n\
        at = \"mcp.challenge\"\n\
        headers.Www-Authenticate = \"Bearer\"\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    reason_missing: "[expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n\
     level = \"SHOULD\"\n\
        [expect.state-mismatch-discard]\n\
        any_of = [{ never = \"token-request\" }, { eventually = \"client-finished\" }]\n";
    literal_secret: "[expect.iss-advertised-mismatch]\n\
     never = { event = \"token-request\", where = { code = \"abc\", resource.not = \
     [\"https://ok\", \"mcp\"], scope = \"files:read\" } }\n";
    unsent_canary: "[deviation.shown]\n\
     at = \"as.authorization-response\"\n\
     set = { error_description = \"{canary.text}\" }\n\
        [expect.iss-error-mismatch-no-display]\n\
        never = [{ event = \"display\", where = { contains = \"{canary.txt}\" } }, { event = \
        \"display\", where = { contains = \"x\" } }]\n";
    braces_and_placeholders: "[deviation.shown]\n\
     at = \"as.metadata\"\n\
        set = { issuer = \"{as.issuer\", jwks_uri = \"{as.jwks}\", token_endpoint = \
        \"{as.token_endpoint|slsh}\", scopes_supported = [\"{null} x\"] }\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    unknown_requirements_and_monitors: "watch = [\"pkce-requird\", \"iss-advertised-match\"]\n\
     [expect.iss-advertised-mismtach]\n\
     never = \"token-request\"\n";
    a_step_waits_for_a_deviation: "goal = \"deviation.wrong\"\n\
     [deviation.wrong]\n\
     at = \"as.authorization-response\"\n\
     remove = [\"iss\"]\n\
        [[step]]\n\
        after = \"deviation.wrong\"\n\
        expire = [\"as.access_token\"]\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    steps_that_are_neither: "[[step]]\n\
     expire = [\"mcp.code\"]\n\
     [[step]]\n\
     connect = [\"as\"]\n\
     revoke = [\"as.code\"]\n\
     umask = \"22\"\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    deviations_that_change_nothing: "[deviation.a]\n\
     at = \"as.metadata\"\n\
     [deviation.b]\n\
     set = { iss = \"x\" }\n\
     [deviation.c]\n\
     at = \"as\"\n\
     set = { iss = \"on\" }\n\
        [deviation.d]\n\
        at = \"as.metadata\"\n\
        body = \"x\"\n\
        remove = [\"issuer\"]\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    behaviours: "[deviation.a]\n\
     at = \"as.authorization-response\"\n\
     do = \"extra-callback\"\n\
     status = 200\n\
        [deviation.b]\n\
        at = \"as.metadata\"\n\
        do = \"relay-browser\"\n\
        to = \"as\"\n\
        [deviation.c]\n\
        at = \"as.authorization-response\"\n\
        do = \"relay\"\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    metadata_under_2025_03_26: "[world.mcp]\n\
     prm_at = [\"root\"]\n\
     [expect.token-request-form]\n\
     eventually = \"token-request\"\n";
    never_applies: "until = \"2025-11-25\"\n\
    [expect.iss-advertised-mismatch]\n\
    never = \"token-request\"\n";
    a_party_that_nobody_mentions: "[world.other]\n\
     is = \"authorization server\"\n\
     [world.new]\n\
     [expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n";
    nobody_can_sign_in: "from = \"2025-06-18\"\n\
     [world.as]\n\
     up = false\n\
     [deviation.a]\n\
     at = \"mcp.prm\"\n\
     status = 404\n\
        [expect.iss-advertised-mismatch]\n\
        never = \"token-request\"\n";
    demands_without_content: "[expect.iss-advertised-mismatch]\n\
     position = 1\n\
     [expect.iss-advertised-absent]\n\
     never = []\n\
        [expect.iss-advertised-match]\n\
        every = { event = \"token-request\" }\n\
        at_most = \"token-request\"\n";
}

#[test]
fn an_error_of_the_base_is_told_once_and_at_its_place() {
    let text = "title = \"T\"\n\
     why = \"W.\"\n\
     needs = [\"cimdd\"]\n\
     [expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n\
        [variant.one]\n\
        expect.iss-advertised-mismatch.never = \"x\"\n\
        [variant.two]\n\
        [variant.three]\n\
        expect.iss-advertised-mismatch.never = \"y\"\n";
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
    let text = "[expect.state-send]\n\
     every = { event = \"as.authorization-request\", has = { client_id = \"{event.url}\" } }\n";
    let errors = suite
        .with(|known| load_monitors("scenarios/monitors.toml", text, known.requirements))
        .unwrap_err();
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn what_a_variant_lacks_is_told_where_it_begins() {
    let text = "why = \"W.\"\n\
     [expect.iss-advertised-mismatch]\n\
     never = \"token-request\"\n\
     [variant.one]\n\
     title = \"T\"\n\
     [variant.two]\n";
    let errors = Suite::new().load("iss/x", text).unwrap_err();
    assert_eq!(
        shown(&errors),
        "scenarios/iss/x.toml:6:10: `title` is missing\n  \
         help: write `title = \"...\"`\n"
    );
}
