//! Deviations that only a browser can be made to take part in: it is relayed to another server,
//! brings more than one response to the client, or brings the responses of two servers crosswise.

use serde_json::json;

use super::deviate::Forgery;
use super::draft::{Content, Draft, Parameter};
use super::http_request::{Parameters, ReceivedRequest};
use super::observe::fields::{fields, oauth_fields};
use super::parties::Records;
use super::party_id::PartyId;
use super::recorder::NewEvent;
use super::response_delivery::{ForgedResponse, ResponseDelivery};
use super::script::{AnswerPoint, ScriptedAction};
use super::sender::{Arrival, is_browser};
use super::world_state::{WorldReply, WorldState};
use crate::scenario::model::{EventField, EventKind, Message, Moment};
use crate::transcript::Actor;

impl WorldState {
    /// `relay-browser`: sends the browser on to another server's authorization endpoint, with the
    /// same parameters.
    pub(super) fn relay_browser(
        &mut self,
        point: AnswerPoint,
        request: &ReceivedRequest<'_>,
    ) -> Option<Draft> {
        let behaviours = self.find_behaviours(point);
        let (index, to, resource) = behaviours.into_iter().find_map(|index| {
            match &self.script.deviations[index].action {
                ScriptedAction::RelayBrowser { to, resource } => {
                    Some((index, *to, resource.clone()))
                }
                _ => None,
            }
        })?;
        let resource = resource.and_then(|template| self.recorder.resolver().text(&template));
        let client_id = self.client_id_for_relay(point.party, to, &request.parameters);
        let endpoint = &self.parties.authorization_server(to)?.addresses;
        let content = Content::Redirect {
            to: endpoint.authorization_endpoint.clone(),
            parameters: relayed_parameters(&request.parameters, &client_id, resource),
        };
        let note = format!("sends the browser on to `{}`", self.parties.name(to));
        let mut draft = Draft::new(302, content, note).with_message(Message::AuthorizationResponse);
        if let Some(location) = draft.render().header("location") {
            self.senders.note_relay(location);
        }
        draft.deviations.push(self.script.mark_applied(index));
        Some(draft)
    }

    /// A relay reaches a client without a browser when the server at its end has answered, and not
    /// when the client is told to go there.
    pub(super) fn follow_relay(&mut self, actor: Actor, reply: &mut WorldReply) {
        if !reply.authorization_response {
            return;
        }
        let location = reply.answer.header("location").unwrap_or_default();
        if self.senders.identify(Arrival::Network, location) == Actor::Relayed {
            if let Some(event) = reply.event.take() {
                self.senders.note_relay_under_way(event);
            }
        } else if actor == Actor::Relayed {
            let relays = self.senders.take_relays_under_way();
            self.recorder.mark_delivered(&relays);
        }
    }

    /// The client ID under which the attacker's relay works at the other server: the same, or one
    /// that the attacker registers there with the client's redirect URI.
    fn client_id_for_relay(
        &mut self,
        thief: PartyId,
        to: PartyId,
        parameters: &Parameters,
    ) -> String {
        let id = parameters.get("client_id").unwrap_or_default();
        let server = self.parties.authorization_server(to);
        if server.is_some_and(|server| server.find_client(id).is_some()) {
            return id.to_owned();
        }
        let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
        self.register_as_attacker(thief, to, redirect_uri)
            .unwrap_or_else(|| id.to_owned())
    }

    /// `extra-callback` and `cross-responses`: what the browser is to do besides following the
    /// answer. Nothing of that happens to a client that asks for itself.
    pub(super) fn plan_delivery(
        &mut self,
        point: AnswerPoint,
        request: &ReceivedRequest<'_>,
        draft: &Draft,
    ) -> ResponseDelivery {
        let mut delivery = ResponseDelivery::default();
        let Content::Redirect { to, parameters } = &draft.content else {
            return delivery;
        };
        if draft.message != Some(Message::AuthorizationResponse) || !is_browser(request.actor) {
            return delivery;
        }
        let client_id = request.parameters.get("client_id").unwrap_or_default();
        for index in self.find_behaviours(point) {
            match self.script.deviations[index].action.clone() {
                ScriptedAction::ExtraCallback {
                    moment,
                    method,
                    set,
                    remove,
                    append,
                } => {
                    self.issue_attackers_code(point.party, client_id, to);
                    let forgery = Forgery {
                        set: &set,
                        remove: &remove,
                        append: &append,
                    };
                    let forged = forgery.apply(parameters, self.recorder.resolver());
                    let (event, address) =
                        self.record_extra_callback(point.party, index, to, forged);
                    let response = ForgedResponse {
                        event,
                        address,
                        method,
                    };
                    match moment {
                        Moment::After => delivery.after.push(response),
                        Moment::Before | Moment::Instead => delivery.before.push(response),
                    }
                    delivery.instead |= moment == Moment::Instead;
                }
                ScriptedAction::CrossResponses { between } => delivery.cross = between,
                ScriptedAction::Patch(_) | ScriptedAction::RelayBrowser { .. } => {}
            }
        }
        delivery
    }

    fn issue_attackers_code(&mut self, party: PartyId, client_id: &str, redirect_uri: &str) {
        let mut records = Records {
            recorder: &mut self.recorder,
            view: &self.view,
            issued: &mut self.issued,
        };
        self.parties
            .issue_attackers_code(party, client_id, redirect_uri, &mut records);
    }

    /// Records the event of an extra authorization response. Returns it with the response's
    /// address.
    fn record_extra_callback(
        &mut self,
        party: PartyId,
        deviation: usize,
        redirect_uri: &str,
        forged: Vec<Parameter>,
    ) -> (usize, String) {
        let sent = forged.iter().map(|p| (p.name.clone(), p.value.clone()));
        let sent = Parameters(sent.collect());
        self.note_authorization_response(redirect_uri, &sent);
        let mut event_fields = oauth_fields(&sent);
        event_fields.extend(fields([(EventField::Copy, json!(true))]));
        let name = self.script.mark_applied(deviation);
        let event = self.record_event(NewEvent {
            deviations: vec![name],
            delivered: false,
            ..NewEvent::new(
                Some(self.parties.name(party)),
                EventKind::AuthorizationResponse,
                event_fields,
            )
        });
        let content = Content::Redirect {
            to: redirect_uri.to_owned(),
            parameters: forged,
        };
        let answer = Draft::new(302, content, "").render();
        let address = answer.header("location").unwrap_or_default();
        (event, address.to_owned())
    }

    /// Counts one more application of each behaviour that concerns this authorization response.
    /// Returns their names.
    pub(super) fn mark_behaviours(&mut self, point: AnswerPoint) -> Vec<String> {
        let behaviours = self.find_behaviours(point).into_iter();
        behaviours
            .map(|index| self.script.mark_applied(index))
            .collect()
    }

    /// Indices of the deviations of this authorization response that are not patches.
    fn find_behaviours(&self, point: AnswerPoint) -> Vec<usize> {
        if point.message != Message::AuthorizationResponse {
            return Vec::new();
        }
        let action = |index: usize| &self.script.deviations[index].action;
        let concerned = self.script.find_deviations(point, self.recorder.view());
        let mut found: Vec<usize> = concerned
            .into_iter()
            .filter(|index| !matches!(action(*index), ScriptedAction::Patch(_)))
            .collect();
        // crossing concerns both responses, whichever of the two servers `at` names
        let crosses = |index: &usize| match action(*index) {
            ScriptedAction::CrossResponses { between } => between.contains(&point.party),
            _ => false,
        };
        let partners: Vec<usize> = (0..self.script.deviations.len())
            .filter(|index| crosses(index) && !found.contains(index))
            .collect();
        found.extend(partners);
        found
    }
}

/// The parameters of the client's request as the relay passes them on.
fn relayed_parameters(
    sent: &Parameters,
    client_id: &str,
    resource: Option<String>,
) -> Vec<Parameter> {
    let parameter = |name: &str, value: String| Parameter {
        name: name.to_owned(),
        value,
        raw: false,
    };
    let pass_on = |(name, value): &(String, String)| match (name.as_str(), &resource) {
        ("resource", Some(resource)) => parameter(name, resource.clone()),
        ("client_id", _) => parameter(name, client_id.to_owned()),
        _ => parameter(name, value.clone()),
    };
    let mut parameters: Vec<Parameter> = sent.0.iter().map(pass_on).collect();
    if let (Some(resource), None) = (resource, sent.get("resource")) {
        parameters.push(parameter("resource", resource));
    }
    parameters
}
