//! The catalogue against its own rules and against what names its requirements.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::requirements::Tier;
use crate::scenario::model::{Level, Revision};

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// A file of area `iss` with one requirement, some lines of which are others.
fn with(replaced: &str, by: &str) -> Result<Catalogue, CatalogueError> {
    let text = "\n[iss-x]\nstatement = \"S.\"\ntier = \"core\"\nsince = \"2025-06-18\"\nlevel = \
     \"MUST\"\nbasis = \"literal\"\n\
                source = { document = \"RFC 9207\", section = \"2.4\", url = \
                \"https://a.example/\", keyword = \"MUST\" }\nobservation = \"o\"\n";
    assert!(replaced.is_empty() || text.contains(replaced), "{replaced}");
    Catalogue::parse([(Area::Iss, text.replace(replaced, by).as_str())])
}

fn message(result: Result<Catalogue, CatalogueError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn all_requirements_load() {
    let catalogue = catalogue();
    assert_eq!(catalogue.len(), 342);
    for requirement in &catalogue {
        assert_eq!(catalogue.get(&requirement.id), Some(requirement));
        assert!(
            requirement.id.starts_with(requirement.area.as_str()),
            "{}",
            requirement.id
        );
        assert!(
            requirement
                .until
                .is_none_or(|until| requirement.since <= until),
            "{}",
            requirement.id
        );
        for citation in [&requirement.source].into_iter().chain(&requirement.also) {
            assert!(
                citation.url.as_str().starts_with("https://"),
                "{}",
                requirement.id
            );
        }
        assert!(
            requirement.statement.ends_with('.'),
            "{}: {}",
            requirement.id,
            requirement.statement
        );
        assert!(
            requirement.tier != Tier::Extension || !requirement.applies_if.is_empty(),
            "{}",
            requirement.id
        );
        assert_eq!(
            requirement.tier == Tier::Extension,
            requirement.area.as_str().starts_with("ext-"),
            "{}",
            requirement.id
        );
    }
}

/// Slugs of the headings of each page of the specification that is cited.
const HEADINGS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/headings.toml"
));

#[test]
fn links_into_the_specification_end_in_a_heading_that_is_there() {
    let pages: BTreeMap<String, Vec<String>> = toml::from_str(HEADINGS).unwrap();
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    let catalogue = catalogue();
    for (id, citation) in catalogue.iter().flat_map(|r| {
        [&r.source]
            .into_iter()
            .chain(&r.also)
            .map(move |c| (&r.id, c))
    }) {
        let Some(rest) = citation
            .url
            .as_str()
            .strip_prefix("https://modelcontextprotocol.io/")
        else {
            continue;
        };
        let (page, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let headings = pages
            .get(page)
            .unwrap_or_else(|| panic!("{id}: fixtures/headings.toml has no page {page}"));
        linked.extend(pages.get_key_value(page).map(|(page, _)| page.as_str()));
        assert!(
            fragment.is_empty() && citation.section == "page introduction"
                || headings.iter().any(|h| h == fragment),
            "{id}: {rest}"
        );
        let slug: String = citation
            .section
            .to_lowercase()
            .replace(' ', "-")
            .chars()
            .filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c))
            .collect();
        let numbered = fragment.strip_prefix(slug.as_str()).is_some_and(|rest| {
            rest.trim_start_matches('-')
                .chars()
                .all(|c| c.is_ascii_digit())
        });
        assert!(
            fragment.is_empty() || numbered,
            "{id}: the section is called {}, the link says {fragment}",
            citation.section
        );
        let revision = Revision::ALL
            .iter()
            .find(|revision| page.contains(revision.as_str()));
        assert!(
            revision.is_none_or(|revision| citation.document.contains(revision.as_str())),
            "{id}: {} links to {page}",
            citation.document
        );
    }
    assert_eq!(
        linked,
        pages.keys().map(String::as_str).collect(),
        "pages that nothing links to"
    );
}

#[test]
fn links_into_rfcs_and_drafts_end_in_the_section_cited() {
    let numbered = [
        "https://www.rfc-editor.org/",
        "https://datatracker.ietf.org/",
        "https://www.ietf.org/archive/id/",
    ];
    for requirement in &catalogue() {
        for citation in [&requirement.source].into_iter().chain(&requirement.also) {
            let url = citation.url.as_str();
            if numbered.iter().any(|host| url.starts_with(host)) {
                let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
                let same = ["section-", "appendix-"]
                    .iter()
                    .any(|kind| fragment.strip_prefix(kind) == Some(citation.section.as_str()));
                assert!(
                    same,
                    "{}: section {} and {url}",
                    requirement.id, citation.section
                );
            }
            let rfc = url
                .strip_prefix("https://www.rfc-editor.org/rfc/rfc")
                .and_then(|rest| rest.split('.').next());
            assert!(
                rfc.is_none_or(|number| citation.document.contains(&format!("RFC {number}"))),
                "{}: {url}",
                requirement.id
            );
        }
    }
}

#[test]
fn every_area_has_its_file() {
    let areas: Vec<Area> = FILES.iter().map(|(area, _)| *area).collect();
    assert_eq!(areas, Area::ALL);
}

#[test]
fn a_requirement_is_observable_or_excluded() {
    for requirement in &catalogue() {
        let told = requirement.defect.is_some()
            || requirement.needs.is_some()
            || requirement.excluded.is_some()
            || requirement.level == Level::May;
        assert!(
            told,
            "{}: neither a defect nor a reason why not",
            requirement.id
        );
    }
}

#[test]
fn what_scenarios_and_monitors_name_exists() {
    fn named(table: &toml::Table, ids: &mut BTreeSet<String>) {
        let expect = table.get("expect").and_then(toml::Value::as_table);
        for (id, body) in expect.into_iter().flatten() {
            ids.insert(id.clone());
            let also = body.get("also").and_then(toml::Value::as_array);
            ids.extend(
                also.into_iter()
                    .flatten()
                    .filter_map(toml::Value::as_str)
                    .map(str::to_owned),
            );
        }
        let watch = table.get("watch").and_then(toml::Value::as_array);
        ids.extend(
            watch
                .into_iter()
                .flatten()
                .filter_map(toml::Value::as_str)
                .map(str::to_owned),
        );
        let variants = table.get("variant").and_then(toml::Value::as_table);
        for variant in variants
            .into_iter()
            .flatten()
            .filter_map(|(_, variant)| variant.as_table())
        {
            named(variant, ids);
        }
    }
    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"),
        &mut found,
    );
    let mut ids = BTreeSet::new();
    for path in &found {
        let table = std::fs::read_to_string(path)
            .unwrap()
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        named(&table, &mut ids);
    }
    assert!(
        ids.len() >= 170,
        "only {} requirements named in {} files",
        ids.len(),
        found.len()
    );
    let catalogue = catalogue();
    let unknown: Vec<_> = ids
        .iter()
        .filter(|id| catalogue.get(id).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn levels_follow_the_revision() {
    let catalogue = catalogue();
    let level = |id: &str, revision| {
        catalogue
            .get(id)
            .unwrap_or_else(|| panic!("{id}"))
            .level_in(revision)
    };
    assert_eq!(
        level("reg-dcr-support", Revision::March2025),
        Some(Level::Should)
    );
    assert_eq!(
        level("reg-dcr-support", Revision::July2026),
        Some(Level::May)
    );
    assert_eq!(
        level("iss-advertised-mismatch", Revision::November2025),
        None
    );
    assert_eq!(
        level("iss-advertised-mismatch", Revision::July2026),
        Some(Level::Must)
    );
    assert_eq!(
        level("march-base-url", Revision::March2025),
        Some(Level::Must)
    );
    assert_eq!(level("march-base-url", Revision::June2025), None);
}

#[test]
fn the_smallest_requirement_loads() {
    let catalogue = with("", "").unwrap();
    let requirement = catalogue.get("iss-x").unwrap();
    assert!(
        requirement.section_checked && requirement.applies_if.is_empty() && !requirement.prohibits
    );
}

#[test]
fn errors_name_file_and_key() {
    let unknown_key = message(with("tier", "teir"));
    assert!(
        unknown_key.starts_with("iss.toml: ") && unknown_key.contains("teir"),
        "{unknown_key}"
    );
    let unknown_word = message(with("\"core\"", "\"coer\""));
    assert!(
        unknown_word.contains("iss.toml")
            && unknown_word.contains("tier =")
            && unknown_word.contains("coer"),
        "{unknown_word}"
    );
    assert!(message(with("https://", "http://")).contains("not an https URL"));
    assert!(
        message(with("level = ", "excluded = \"needs cimd\"\nlevel = ")).contains("needs cimd")
    );
    assert!(message(with("level = ", "needs = \"tsl\"\nlevel = ")).contains("tsl"));
    let both = message(with(
        "level = ",
        "needs = \"tls\"\nexcluded = \"No.\"\nlevel = ",
    ));
    assert_eq!(
        both,
        "iss.toml:2: [iss-x] `needs` and `excluded` exclude each other: a run shows the \
         requirement, or none does"
    );
    assert!(message(with("level = ", "level = \"MAY\"\nlevel = ")).contains("iss.toml"));
    assert_eq!(
        message(with("[iss-x]", "[state-x]")),
        "iss.toml:2: [state-x] the id does not begin with the area, `iss-`"
    );
    assert_eq!(
        message(with("level = ", "until = \"2025-03-26\"\nlevel = ")),
        "iss.toml:2: [iss-x] `until` (2025-03-26) is before `since` (2025-06-18)"
    );
    assert_eq!(
        message(with(
            "source",
            "level_by_revision = { \"2025-03-26\" = \"MAY\" }\nsource"
        )),
        "iss.toml:2: [iss-x] `level_by_revision` names 2025-03-26, in which the requirement does \
         not apply"
    );
    assert_eq!(
        message(with("\"S.\"", "\" \"")),
        "iss.toml:2: [iss-x] `statement` is empty"
    );
}

#[test]
fn every_must_points_to_its_sentence() {
    let without_keyword = with(", keyword = \"MUST\"", "");
    assert_eq!(
        message(without_keyword),
        "iss.toml:2: [iss-x] a literal MUST needs `keyword` in its `source`, one of MUST, MUST \
         NOT, REQUIRED, SHALL and SHALL NOT"
    );
    assert!(message(with("keyword = \"MUST\"", "keyword = \"SHOULD\"")).contains("a literal MUST"));
    assert_eq!(
        message(with("\"literal\"", "\"derived\"")),
        "iss.toml:2: [iss-x] `inference` does not fit `basis = \"derived\"`: a requirement has an \
         inference if it is derived, and only then"
    );
    assert_eq!(
        message(with("\"literal\"", "\"advice\"")),
        "iss.toml:2: [iss-x] advice cannot be a MUST: use another `basis` or another `level`"
    );
}

#[test]
fn an_id_is_taken_once() {
    let one = "[iss-x]\nstatement = \"S.\"\ntier = \"core\"\nsince = \"2025-06-18\"\nlevel = \
     \"MUST\"\nbasis = \"literal\"\n\
               source = { document = \"D\", section = \"1\", url = \"https://a.example/\", \
               keyword = \"MUST\" }\nobservation = \"o\"\n";
    let twice = message(Catalogue::parse([(Area::Iss, one), (Area::Iss, one)]));
    assert_eq!(twice, "iss.toml:1: [iss-x] another requirement has this id");
}
