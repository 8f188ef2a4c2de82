//! Tests of settings.

use super::*;
use crate::scenario::model::Template;

fn text(text: &str) -> Value {
    Value::Text(Template::parse(text).unwrap())
}

#[test]
fn settings_are_set() {
    let mut party = Party::new("as", RoleKind::AuthorizationServer);
    party
        .apply("metadata_at", &Value::List(vec![text("openid-appended")]))
        .unwrap();
    let credentials = vec![
        ("secret".into(), text("{canary.s}")),
        ("id".into(), text("i")),
    ];
    party.apply("client", &Value::Table(credentials)).unwrap();
    party.apply("hostile", &Value::Boolean(true)).unwrap();
    let Role::AuthorizationServer(server) = &party.role else {
        panic!()
    };
    assert_eq!(server.metadata_at, [MetadataPlace::OpenIdAppended]);
    assert_eq!(server.client.as_ref().unwrap().id.literal(), Some("i"));
    assert_eq!(party.effective_host(), Host::Ipv4);
}

#[test]
fn errors_say_what_is_expected() {
    let mut party = Party::new("mcp", RoleKind::McpServer);
    let mut message = |setting: &str, value: Value| {
        let error = party.apply(setting, &value).unwrap_err();
        (error.to_string(), error.remedy())
    };
    let (words, remedy) = message("answers", text("jsn"));
    assert_eq!(words, "unknown value `jsn` for the setting `answers`");
    assert_eq!(remedy.unwrap(), "did you mean `json`?");
    let (words, _) = message("path", text("mcp"));
    assert_eq!(
        words,
        "invalid value for the setting `path`: expected a path that is empty or begins with a \
         slash"
    );
    let (words, _) = message("prm_at", Value::List(vec![text("rot")]));
    assert_eq!(
        words,
        "invalid value for the setting `prm_at`: expected a list of `path`, `root` and paths \
         that begin with a slash"
    );
    let (words, _) = message("consent", text("granted"));
    assert_eq!(words, "an MCP server has no setting `consent`");
}

#[test]
fn every_setting_has_a_description() {
    for setting in RoleKind::ALL.iter().flat_map(|role| role.settings()) {
        assert!(setting.about.ends_with('.'), "{}", setting.name);
    }
}
