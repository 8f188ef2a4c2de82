//! Where the code has an enum or a list for what the vocabulary lists too, both say the same.

use super::super::settings::RoleKind;
use super::super::{case, deviation, expectation, pattern, step, template};
use super::*;

#[test]
fn enums_have_the_words_of_the_vocabulary() {
    let words = Words::read();
    words.same("filter.names", Filter::ALL);
    words.same("matcher.charset", Charset::ALL);
    words.same("deviation.transport", Transport::ALL);
    words.same("deviation.parameters.moment", Moment::ALL);
    words.same("deviation.do", deviation::Behaviour::ALL);
    words.same("member", Message::ALL);
    words.same("role", RoleKind::ALL);
    words.same("step.flow", Flow::ALL);
}

#[test]
fn settings_have_the_words_of_the_vocabulary() {
    let words = Words::read();
    let server = |setting: &str| format!("role.authorization server.settings.{setting}");
    let mcp = |setting: &str| format!("role.mcp server.settings.{setting}");
    words.same("common.host", Host::ALL);
    words.same("common.scheme", Scheme::ALL);
    words.same("common.certificate", Certificate::ALL);
    words.same(&server("metadata_at"), MetadataPlace::ALL);
    words.same(&server("endpoints"), Endpoints::ALL);
    words.same(&server("registration"), Registration::ALL);
    words.same(&server("client_auth"), ClientAuth::ALL);
    words.same(&server("consent"), Consent::ALL);
    words.same(&server("iss"), IssParameter::ALL);
    words.same(&server("pkce"), Pkce::ALL);
    words.same(&server("refresh"), Refresh::ALL);
    words.same(&server("resource_indicators"), ResourceIndicators::ALL);
    words.same(&server("token_format"), TokenFormat::ALL);
    words.same(&server("grants"), Grant::ALL);
    words.same(&server("dpop"), Dpop::ALL);
    words.same(&mcp("challenge"), Challenge::ALL);
    words.same(&mcp("answers"), Answers::ALL);
    words.same(&mcp("dpop"), Dpop::ALL);
    words.same("common", COMMON_SETTINGS);
    words.same(&mcp("prm_at"), ["path", "root"]);
    words.same(
        "role.authorization server.settings",
        RoleKind::AuthorizationServer.settings(),
    );
    words.same("role.mcp server.settings", RoleKind::McpServer.settings());
    words.same("role.web site.settings", RoleKind::WebSite.settings());
}

#[test]
fn keys_are_those_of_the_vocabulary() {
    let words = Words::read();
    words.same(
        "scenario.keys",
        case::KEYS.iter().copied().chain(["variant"]),
    );
    words.same("deviation.keys", deviation::KEYS);
    words.same("deviation.patch", deviation::PATCH);
    for behaviour in deviation::Behaviour::ALL {
        words.same(&format!("deviation.do.{behaviour}"), behaviour.parameters());
    }
    words.same("step.start", step::START);
    words.same("step.change", step::CHANGE);
    words.same(
        "step.keys",
        step::START
            .iter()
            .chain(&step::CHANGE)
            .copied()
            .chain(["after"]),
    );
    words.same("expect.keys", expectation::KEYS);
    words.same("expect.forms", expectation::FORMS);
    words.same("matcher.names", pattern::MATCHERS);
    let values = RoleKind::ALL
        .iter()
        .flat_map(|role| words.vocabulary.values_of(*role))
        .collect::<BTreeSet<_>>();
    assert_eq!(
        values,
        template::ADDRESSES
            .iter()
            .map(|s| (*s).to_owned())
            .collect::<Vec<_>>()
            .iter()
            .collect()
    );
    let secrets = RoleKind::ALL
        .iter()
        .flat_map(|role| words.vocabulary.secrets_of(*role))
        .collect::<BTreeSet<_>>();
    assert!(
        values.is_disjoint(&secrets),
        "a placeholder could mean two things"
    );
}

#[test]
fn every_word_that_authors_write_has_its_sentence() {
    let vocabulary = vocabulary();
    let roles = || RoleKind::ALL.iter().flat_map(|role| role.settings());
    let behaviours = deviation::Behaviour::ALL
        .iter()
        .flat_map(|behaviour| behaviour.parameters());
    let groups: [(&str, BTreeSet<&str>); 6] = [
        (
            "scenario",
            case::KEYS.iter().copied().chain(["variant"]).collect(),
        ),
        (
            "setting",
            COMMON_SETTINGS
                .iter()
                .chain(roles())
                .copied()
                .chain(["is"])
                .collect(),
        ),
        (
            "deviation",
            deviation::KEYS
                .iter()
                .chain(&deviation::PATCH)
                .chain(behaviours)
                .copied()
                .chain(["do"])
                .collect(),
        ),
        (
            "step",
            step::START
                .iter()
                .chain(&step::CHANGE)
                .copied()
                .chain(["after"])
                .collect(),
        ),
        ("expect", expectation::KEYS.into_iter().collect()),
        ("matcher", pattern::MATCHERS.into_iter().collect()),
    ];
    let told: Vec<(&str, BTreeSet<&str>)> = vocabulary
        .about_all()
        .map(|(group, words)| (group, words.into_iter().collect()))
        .collect();
    assert_eq!(
        told.into_iter().collect::<BTreeMap<_, _>>(),
        groups.into_iter().collect(),
        "`[about]` in scenarios/vocabulary.toml"
    );
}

#[test]
fn defaults_are_those_of_the_vocabulary() {
    let words = Words::read();
    for role in RoleKind::ALL {
        let spelled = if *role == RoleKind::IdentityProvider {
            RoleKind::AuthorizationServer
        } else {
            *role
        };
        let mut said = Party::new("p", *role);
        for entry in ["party", spelled.as_str()]
            .iter()
            .flat_map(|key| words.at(&format!("default.{key}")).as_table().unwrap())
        {
            said.apply(&entry.key, &value(&entry.value)).unwrap();
        }
        // `localhost` is the default of honest parties, so that `Party::new` leaves it open.
        assert_eq!(said.host, Some(Party::new("p", *role).effective_host()));
        said.host = None;
        assert_eq!(said, Party::new("p", *role));
    }
}

/// The vocabulary as it is written.
struct Words {
    root: Node,
    vocabulary: Vocabulary,
}

impl Words {
    fn read() -> Self {
        let text = read(&Path::new(SCENARIOS).join("vocabulary.toml"));
        Self {
            root: Node::parse(&text).unwrap(),
            vocabulary: Vocabulary::parse(&text).unwrap(),
        }
    }

    fn at(&self, path: &str) -> &Node {
        path.split('.').fold(&self.root, |node, key| {
            &node.get(key).unwrap_or_else(|| panic!("{path}")).value
        })
    }

    /// The words at a place: of a list, of `strings:a,b`, or the keys of a table.
    fn same<T: std::fmt::Display>(&self, path: &str, known: impl IntoIterator<Item = T>) {
        let node = self.at(path);
        let written: BTreeSet<String> = match &node.kind {
            node::NodeKind::List(items) => items
                .iter()
                .map(|item| item.as_text().unwrap().to_owned())
                .collect(),
            node::NodeKind::Table(entries) => {
                entries.iter().map(|entry| entry.key.clone()).collect()
            }
            node::NodeKind::Text(text) => text
                .split_once(':')
                .unwrap()
                .1
                .split(',')
                .map(str::to_owned)
                .collect(),
            _ => panic!("{path}"),
        };
        assert_eq!(
            written,
            known.into_iter().map(|word| word.to_string()).collect(),
            "{path}"
        );
    }
}

/// A plain value of the vocabulary.
fn value(node: &Node) -> Value {
    match &node.kind {
        node::NodeKind::Text(text) => Value::Text(Template::parse(text).unwrap()),
        node::NodeKind::Integer(number) => Value::Integer(*number),
        node::NodeKind::Boolean(yes) => Value::Boolean(*yes),
        node::NodeKind::List(items) => Value::List(items.iter().map(value).collect()),
        node::NodeKind::Table(_) | node::NodeKind::Useless(_) => panic!("{node:?}"),
    }
}
