//! The state of reading one case: the parties met so far and the problems found.

use std::collections::{BTreeMap, BTreeSet};

use super::error::line_and_column;
use super::load_context::LoadContext;
use super::model::RoleKind;
use super::model::{
    Capability, EventField, EventKind, Party, Placeholder, Source, Template, Value,
};
use super::node::{Node, NodeKind};
use super::problem::{ScenarioProblem, Span};
use super::suggest;
use super::template::TemplateError;
use super::values::ReadValues;

/// One case (or the monitors) being read.
pub(crate) struct CaseReader<'a> {
    pub(crate) context: &'a LoadContext<'a>,
    file: &'a str,
    text: &'a str,
    /// Monitors speak of no party and of no world.
    pub(crate) monitors: bool,
    pub(crate) world: BTreeMap<String, Party>,
    pub(crate) deviations: Vec<String>,
    /// Every key and text of the world, the deviations and the steps.
    pub(crate) sent_words: Vec<String>,
    /// Parties that something in the case names.
    pub(crate) mentioned: BTreeSet<String>,
    /// Settings, as `PARTY.SETTING`, that an earlier step changes.
    pub(crate) changed_settings: BTreeSet<String>,
    sent: BTreeSet<String>,
    sought: BTreeMap<String, Span>,
    pub(crate) needs: BTreeSet<Capability>,
    pub(crate) problems: Vec<ScenarioProblem>,
}

/// What a text with placeholders is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextUse {
    /// Settings and steps: canaries in it are sent.
    World,
    /// A change of an honest answer: it may keep what was there, and canaries in it are sent.
    Patch,
    /// What an event's field must be: canaries in it are sought. `None`: the event is the delivery
    /// of a deviation.
    Field(Option<EventKind>),
}

impl ReadValues for CaseReader<'_> {
    fn problems(&mut self) -> &mut Vec<ScenarioProblem> {
        &mut self.problems
    }
}

impl<'a> CaseReader<'a> {
    pub(crate) fn new(context: &'a LoadContext<'a>, file: &'a str, text: &'a str) -> Self {
        Self {
            context,
            file,
            text,
            monitors: false,
            world: BTreeMap::new(),
            deviations: Vec::new(),
            sent_words: Vec::new(),
            mentioned: BTreeSet::new(),
            changed_settings: BTreeSet::new(),
            sent: BTreeSet::new(),
            sought: BTreeMap::new(),
            needs: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn source(&self, span: &Span) -> Source {
        Source {
            file: self.file.to_owned(),
            line: line_and_column(self.text, span.start).0,
        }
    }

    // ------------------------------------------------------------ parties and placeholders

    /// The role of a party. Notes that something names the party.
    pub(crate) fn party(&mut self, name: &str, span: &Span) -> Option<RoleKind> {
        if self.monitors {
            self.problem_with(
                span,
                format!(
                    "a monitor cannot name the party `{name}`: it watches the runs of all worlds"
                ),
                "write the event without a party",
            );
            return None;
        }
        let Some(party) = self.world.get(name) else {
            let remedy = suggest::instead(name, self.world.keys().map(String::as_str));
            self.problem_with(span, format!("unknown party `{name}`"), remedy);
            return None;
        };
        self.mentioned.insert(name.to_owned());
        Some(party.role.kind())
    }

    /// A value with placeholders in its texts.
    pub(crate) fn value(&mut self, node: &Node, place: TextUse) -> Option<Value> {
        Some(match &node.kind {
            NodeKind::Text(_) => Value::Text(self.template(node, place)?),
            NodeKind::Integer(number) => Value::Integer(*number),
            NodeKind::Boolean(yes) => Value::Boolean(*yes),
            NodeKind::List(items) => {
                let values: Vec<_> = items.iter().map(|item| self.value(item, place)).collect();
                Value::List(values.into_iter().collect::<Option<_>>()?)
            }
            NodeKind::Table(entries) => {
                let values: Vec<_> = entries
                    .iter()
                    .map(|e| Some((e.key.clone(), self.value(&e.value, place)?)))
                    .collect();
                Value::Table(values.into_iter().collect::<Option<_>>()?)
            }
            NodeKind::Useless(_) => {
                self.expected(node, "a text, an integer, a boolean, a list or a table");
                return None;
            }
        })
    }

    pub(crate) fn template(&mut self, node: &Node, place: TextUse) -> Option<Template> {
        let text = self.text(node)?;
        match Template::parse(text) {
            Ok(template) => {
                let fine: Vec<_> = template
                    .placeholders()
                    .map(|what| self.placeholder(what, &node.span, place))
                    .collect();
                fine.into_iter().all(|fine| fine).then_some(template)
            }
            Err(error) => {
                self.template_problem(&node.span, &error);
                None
            }
        }
    }

    pub(crate) fn template_problem(&mut self, span: &Span, error: &TemplateError) {
        self.problem_with(span, error.to_string(), error.remedy());
    }

    /// Whether a placeholder can be resolved.
    fn placeholder(&mut self, what: &Placeholder, span: &Span, place: TextUse) -> bool {
        match what {
            Placeholder::PartyValue { party, value } => self
                .party(party, span)
                .is_some_and(|role| self.has(party, role, value, false, span)),
            Placeholder::Secret(name) => self
                .party(&name.party, span)
                .is_some_and(|role| self.has(&name.party, role, &name.kind, true, span)),
            Placeholder::Canary(name) => {
                if let TextUse::Field(_) = place {
                    self.sought
                        .entry(name.clone())
                        .or_insert_with(|| span.clone());
                } else {
                    self.sent.insert(name.clone());
                }
                true
            }
            Placeholder::Original | Placeholder::Null => {
                if place != TextUse::Patch {
                    self.problem(
                        span,
                        format!("`{{{what}}}` is only possible in patches of answers"),
                    );
                }
                place == TextUse::Patch
            }
            Placeholder::EventField(field) => match place {
                TextUse::Field(Some(kind)) if self.monitors => {
                    if !field.occurs_in(kind) {
                        let known = EventField::all_of(kind).map(EventField::as_str);
                        let remedy = suggest::instead(field.as_str(), known);
                        self.problem_with(span, format!("{kind} has no field `{field}`"), remedy);
                    }
                    field.occurs_in(kind)
                }
                _ => {
                    self.problem(
                        span,
                        format!(
                            "cannot resolve `{{event.{field}}}`: only monitors \
                     can refer to a field of the event"
                        ),
                    );
                    false
                }
            },
        }
    }

    /// Whether a party of this role has such an address, or issues such a secret.
    fn has(&mut self, party: &str, role: RoleKind, name: &str, secret: bool, span: &Span) -> bool {
        let (values, secrets) = (role.addresses(), role.secrets());
        let known = if secret { secrets } else { values }.contains(&name);
        if !known {
            let remedy = suggest::instead(name, values.iter().chain(secrets).copied());
            self.problem_with(
                span,
                format!("{party} has no value or secret `{name}`"),
                remedy,
            );
        }
        known
    }

    /// Refuses canaries that are searched for although nothing sends them: such a check could never
    /// fail.
    pub(crate) fn check_unsent_canaries(&mut self) {
        let lost: Vec<_> = self
            .sought
            .iter()
            .filter(|(name, _)| !self.sent.contains(*name))
            .map(|(n, s)| (n.clone(), s.clone()))
            .collect();
        for (name, span) in lost {
            let remedy = if self.sent.is_empty() {
                "put it into an answer with a deviation, or into a setting".to_owned()
            } else {
                suggest::instead(&name, self.sent.iter().map(String::as_str))
            };
            self.problem_with(
                &span,
                format!("`{{canary.{name}}}` is searched for but never sent"),
                remedy,
            );
        }
    }
}
