//! What the table of event fields says of one field.

use super::EventKind::{self, AuthorizationRequest, AuthorizationResponse, TokenRequest};
use super::field_kind::{FieldKind, FieldMember};

/// Events that carry OAuth parameters.
pub(super) const OAUTH_MESSAGES: &[EventKind] =
    &[AuthorizationRequest, TokenRequest, AuthorizationResponse];

/// What the table says of one field.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldFacts {
    pub(super) kind: FieldKind,
    pub(super) events: &'static [EventKind],
    pub(super) needs_placeholder: bool,
    pub(super) comes_from_world: bool,
    pub(super) is_oauth_parameter: bool,
    pub(super) phrase: Option<&'static str>,
}

impl FieldFacts {
    /// The field exists in these events.
    pub(super) const fn of(mut self, events: &'static [EventKind]) -> Self {
        self.events = events;
        self
    }

    /// The field exists in authorization requests, token requests and authorization responses.
    pub(super) const fn oauth_parameter(self) -> Self {
        self.oauth_parameter_and_of(OAUTH_MESSAGES)
    }

    /// The field is an OAuth parameter, and exists in more events than the OAuth messages.
    pub(super) const fn oauth_parameter_and_of(mut self, events: &'static [EventKind]) -> Self {
        self.is_oauth_parameter = true;
        self.of(events)
    }

    /// The field holds a secret or an address, which differs in every run.
    pub(super) const fn needs_placeholder(mut self) -> Self {
        self.needs_placeholder = true;
        self
    }

    /// The world of the scenario must have put the value there.
    pub(super) const fn comes_from_world(mut self) -> Self {
        self.comes_from_world = true;
        self
    }

    /// How a sentence names the field before its value.
    pub(super) const fn reads(mut self, phrase: &'static str) -> Self {
        self.phrase = Some(phrase);
        self
    }
}

/// A field of this kind, about which the row says more.
pub(super) const fn field(kind: FieldKind) -> FieldFacts {
    FieldFacts {
        kind,
        events: &[],
        needs_placeholder: false,
        comes_from_world: false,
        is_oauth_parameter: false,
        phrase: None,
    }
}

pub(super) const fn text() -> FieldFacts {
    field(FieldKind::Text)
}

pub(super) const fn searched_text() -> FieldFacts {
    field(FieldKind::SearchedText)
}

pub(super) const fn integer() -> FieldFacts {
    field(FieldKind::Integer)
}

pub(super) const fn boolean() -> FieldFacts {
    field(FieldKind::Boolean)
}

pub(super) const fn texts() -> FieldFacts {
    field(FieldKind::Texts)
}

pub(super) const fn scope() -> FieldFacts {
    field(FieldKind::Scope)
}

pub(super) const fn word(words: &'static [&'static str]) -> FieldFacts {
    field(FieldKind::Word(words))
}

pub(super) const fn list_of_words(words: &'static [&'static str]) -> FieldFacts {
    field(FieldKind::Words(words))
}

pub(super) const fn secrets() -> FieldFacts {
    field(FieldKind::Secrets)
}

pub(super) const fn object() -> FieldFacts {
    field(FieldKind::Object)
}

pub(super) const fn member(name: &'static str) -> FieldMember {
    FieldMember {
        name,
        needs_placeholder: false,
        words: None,
    }
}

/// A member whose values are taken from these words.
pub(super) const fn word_member(name: &'static str, words: &'static [&'static str]) -> FieldMember {
    FieldMember {
        name,
        needs_placeholder: false,
        words: Some(words),
    }
}

/// A member whose values are secrets or addresses.
pub(super) const fn secret_member(name: &'static str) -> FieldMember {
    FieldMember {
        name,
        needs_placeholder: true,
        words: None,
    }
}
