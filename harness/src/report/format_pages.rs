//! Two pages of the reference that come from the tables of the scenario format: the settings of
//! parties, and events with their fields.

use crate::report::markdown_page::MarkdownPage;
use crate::report::wording::capitalize::capitalize;
use crate::report::wording::event_phrases::event_at_party;
use crate::scenario::model::{
    EventField, EventKind, FieldKind, RoleKind, SettingFacts, SettingType,
};

/// Every setting of every role, with its default.
pub(super) fn setting_page() -> String {
    let mut page = MarkdownPage::titled("Settings of parties");
    page.paragraph(
        "A scenario sets them in `[world.NAME]`. A setting that is not given has its default. The \
         identity provider has the settings of an authorization server.",
    );
    let common = RoleKind::WebSite.settings();
    page.heading("Every party");
    add_settings(&mut page, &common);
    for role in [RoleKind::AuthorizationServer, RoleKind::McpServer] {
        page.heading(&capitalize(role.with_article()));
        let settings = role.settings();
        let own = settings
            .into_iter()
            .filter(|setting| !common.contains(setting));
        add_settings(&mut page, &own.collect::<Vec<_>>());
    }
    page.into_text()
}

fn add_settings(page: &mut MarkdownPage, settings: &[SettingFacts]) {
    let rows = settings.iter().map(|setting| {
        vec![
            format!("`{}`", setting.name),
            setting.about.clone(),
            describe_type(&setting.takes),
            format!("`{}`", setting.default),
        ]
    });
    page.table(&["setting", "meaning", "values", "default"], rows);
}

fn describe_type(takes: &SettingType) -> String {
    match takes {
        SettingType::Boolean => "`true` or `false`".to_owned(),
        SettingType::Integer => "an integer".to_owned(),
        SettingType::Text => "a text".to_owned(),
        SettingType::Texts => "a list of texts".to_owned(),
        SettingType::Party => "the name of a party".to_owned(),
        SettingType::Parties => "a list of names of parties".to_owned(),
        SettingType::UrlPath => "empty, or a path that begins with a slash".to_owned(),
        SettingType::Word(words) => list_words(words),
        SettingType::Words(words) => format!("a list of {}", list_words(words)),
        SettingType::WordsOrPaths(words) => format!("a list of {} and paths", list_words(words)),
        SettingType::Record(keys) => format!("a table with {}", list_words(keys)),
        SettingType::ListsByName => "a table of lists of texts".to_owned(),
    }
}

/// Every event and its fields.
pub(super) fn event_page() -> String {
    let mut page = MarkdownPage::titled("Events and their fields");
    page.paragraph(
        "Expectations, deviations and steps name events as `PARTY.EVENT`, or as `EVENT` at any \
         party, and compare their fields.",
    );
    for event in EventKind::ALL {
        page.heading(&format!("`{event}`"));
        let about = match event.about() {
            "" => format!("{}.", capitalize(&event_at_party(*event, None))),
            about => about.to_owned(),
        };
        page.paragraph(&about);
        let rows = EventField::all_of(*event).map(|field| {
            vec![
                format!("`{field}`"),
                field.about().to_owned(),
                describe_kind(field.kind()),
            ]
        });
        page.table(&["field", "meaning", "values"], rows);
    }
    page.into_text()
}

fn describe_kind(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => "a text".to_owned(),
        FieldKind::SearchedText => "a text, which is searched".to_owned(),
        FieldKind::Integer => "an integer".to_owned(),
        FieldKind::Boolean => "`true` or `false`".to_owned(),
        FieldKind::Texts => "a list of texts".to_owned(),
        FieldKind::Scope => "a set of scopes".to_owned(),
        FieldKind::Word(words) => list_words(words),
        FieldKind::Words(words) => format!("a list of {}", list_words(words)),
        FieldKind::Secrets => "names of secrets, such as `as.code`".to_owned(),
        FieldKind::Object => "a JSON object".to_owned(),
        FieldKind::Table(members) => {
            let names: Vec<&str> = members.iter().map(|member| member.name).collect();
            format!("a table with {}", list_words(&names))
        }
        FieldKind::Headers => "a table of headers by name".to_owned(),
        FieldKind::Parameters => "a table of lists of values by parameter".to_owned(),
    }
}

fn list_words(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_and_every_event_field_is_on_its_page() {
        let settings = setting_page();
        for setting in RoleKind::ALL.iter().flat_map(|role| role.settings()) {
            assert!(settings.contains(&format!("\n| `{}` |", setting.name)));
        }
        let events = event_page();
        for event in EventKind::ALL {
            assert!(events.contains(&format!("\n## `{event}`\n")));
        }
        for field in EventField::ALL {
            assert!(events.contains(&format!("\n| `{field}` |")), "{field}");
        }
    }
}
