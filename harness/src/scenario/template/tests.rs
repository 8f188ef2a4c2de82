use proptest::prelude::*;

use super::*;
use crate::scenario::model::EventField;

fn one(text: &str) -> (Placeholder, Vec<Filter>) {
    match Template::parse(text).unwrap().0.as_slice() {
        [Part::Placeholder { what, filters }] => (what.clone(), filters.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_kind_of_placeholder() {
    assert_eq!(
        one("{mcp.url|upper-scheme|upper-host}").1,
        [Filter::UpperScheme, Filter::UpperHost]
    );
    assert_eq!(
        one("{as.issuer}").0,
        Placeholder::PartyValue {
            party: "as".into(),
            value: "issuer".into()
        }
    );
    let secret = |nth| {
        Placeholder::Secret(SecretName {
            party: "as".into(),
            kind: "code".into(),
            nth,
        })
    };
    assert_eq!(one("{as.code}").0, secret(Nth::Unnumbered));
    assert_eq!(one("{as.code#2}").0, secret(Nth::Number(2)));
    assert_eq!(one("{as.code#latest}").0, secret(Nth::Latest));
    assert_eq!(one("{canary.x-1}").0, Placeholder::Canary("x-1".into()));
    assert_eq!(
        one("{event.url}").0,
        Placeholder::EventField(EventField::Url)
    );
    assert_eq!(
        one("{original|flip}"),
        (Placeholder::Original, vec![Filter::Flip])
    );
    assert!(Template::parse("{null}").unwrap().is_null());
}

#[test]
fn doubled_braces_are_literal() {
    assert_eq!(Template::parse("a{{b}}c").unwrap().literal(), Some("a{b}c"));
    assert_eq!(Template::parse("${{IFS}}{canary.file}").unwrap().0.len(), 2);
    assert_eq!(
        Template::parse("{as.issuer}}}").unwrap().to_string(),
        "{as.issuer}}}"
    );
    assert_eq!(Template::parse("").unwrap().literal(), Some(""));
}

#[test]
fn mistakes() {
    for text in [
        "{",
        "}",
        "a{b",
        "a}b",
        "{as.issuer}}",
        "{as.{issuer}}",
        "{{}",
    ] {
        assert!(
            matches!(
                Template::parse(text),
                Err(TemplateError::UnbalancedBrace(_))
            ),
            "{text}"
        );
    }
    for text in [
        "{}",
        "{as}",
        "{as.}",
        "{.issuer}",
        "{As.issuer}",
        "{canary.}",
        "{canary.a b}",
    ] {
        assert!(
            matches!(
                Template::parse(text),
                Err(TemplateError::UnknownPlaceholder(_))
            ),
            "{text}"
        );
    }
    for text in [
        "{as.code#}",
        "{as.code#0}",
        "{as.code#+1}",
        "{as.code#last}",
    ] {
        assert!(
            matches!(Template::parse(text), Err(TemplateError::WrongNumber(_))),
            "{text}"
        );
    }
    assert!(matches!(
        Template::parse("{as.issuer|slsh}"),
        Err(TemplateError::UnknownFilter(_))
    ));
    assert!(matches!(
        Template::parse("x{null}"),
        Err(TemplateError::NullNotAlone)
    ));
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let name = "[a-z][a-z0-9-]{0,5}".prop_filter("reserved", |n| n != "canary" && n != "event");
    let what = prop_oneof![
        (name.clone(), proptest::sample::select(ADDRESSES)).prop_map(|(party, v)| {
            Placeholder::PartyValue {
                party,
                value: v.into(),
            }
        }),
        (name.clone(), "[a-z_]{1,8}", 0..4usize)
            .prop_filter("an address", |(_, kind, _)| !ADDRESSES
                .contains(&kind.as_str()))
            .prop_map(|(party, kind, n)| {
                let nth = if n == 0 {
                    Nth::Unnumbered
                } else {
                    Nth::Number(n)
                };
                Placeholder::Secret(SecretName { party, kind, nth })
            }),
        name.prop_map(Placeholder::Canary),
        Just(Placeholder::Original),
        proptest::sample::select(EventField::ALL).prop_map(Placeholder::EventField),
    ];
    let filters = proptest::collection::vec(proptest::sample::select(Filter::ALL), 0..3);
    let part = prop_oneof![
        "[a-z{}|.# ü]{1,6}".prop_map(Part::Literal),
        (what, filters).prop_map(|(what, filters)| Part::Placeholder { what, filters })
    ];
    // Neighbouring literals are one.
    proptest::collection::vec(part, 0..6).prop_map(|parts| {
        let mut out: Vec<Part> = Vec::new();
        for part in parts {
            match (out.last_mut(), part) {
                (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
                (_, part) => out.push(part),
            }
        }
        out
    })
}

proptest! {
    #[test]
    fn what_is_displayed_parses_to_the_same(parts in parts()) {
        let template = Template(parts);
        prop_assert_eq!(Template::parse(&template.to_string()).unwrap(), template);
    }

    #[test]
    fn no_text_makes_it_panic_and_what_parses_displays_as_written(text in "[a-z{}|.#]{0,12}") {
        if let Ok(template) = Template::parse(&text) {
            prop_assert_eq!(template.to_string(), text);
        }
    }
}
