//! From a case to the initial state of its world.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::attacker_memory::AttackerMemory;
use super::super::authorization_server::client::{ClientKind, RegisteredClient, read_key_set};
use super::super::authorization_server::role::AuthorizationServerRole;
use super::super::callback_listeners::CallbackListeners;
use super::super::client_view::{ClientView, KnownKind, KnownParty};
use super::super::error::WorldError;
use super::super::issued_grants::IssuedGrants;
use super::super::keys::CLIENT;
use super::super::parties::{Parties, PartyAtWork, PartyRole};
use super::super::party_id::PartyId;
use super::super::recorder::Recorder;
use super::super::sender::Senders;
use super::super::workload_platform::WorkloadPlatform;
use super::super::world_plan::{ClientDocument, WorldPlan};
use super::super::world_state::WorldState;
use super::party_builder::PartyBuilder;
use super::script::set_up_script;
use super::setup_error::setup_error;
use super::sites::{OUTSIDE, Sockets, listen};
use super::template::resolve_template;
use crate::scenario::model::{
    Action, Flow, Host, Party, Registration, Revision, Role, RoleKind, Scheme,
};
use crate::transcript::{FORMAT, Header, PartyInfo, SoughtTexts};

/// Sets up ports, addresses and the initial state of every party.
pub(in super::super) fn set_up(plan: &WorldPlan<'_>) -> Result<(WorldState, Sockets), WorldError> {
    let declared = declare_parties(plan)?;
    let (sites, sockets) = listen(plan.case, &declared, plan.network.as_ref())?;
    let mut builder = PartyBuilder {
        plan,
        header: header_of(plan, &declared),
        sites: &sites,
        client_documents: Arc::new(plan.client_documents.clone()),
    };
    for site in &sites {
        for id in &site.parties {
            let party = declared.values().nth(id.0);
            let name = party.map(|party| party.name.clone()).unwrap_or_default();
            builder.add_address(&name, "origin", site.origin.clone());
        }
    }
    let mut all = Vec::new();
    for (index, party) in declared.into_values().enumerate() {
        all.push(builder.put_to_work(PartyId(index), party)?);
    }
    let header = builder.header;
    let client_documents = builder.client_documents;
    let mut parties = Parties { all, sites };
    for id in parties.ids() {
        parties.adopt_settings(id);
        if let Some(server) = parties.authorization_server_mut(id) {
            register_beforehand(server, &header);
        }
        if let Some(server) = parties.mcp_server_mut(id) {
            let text = server.settings.tool_text.as_ref();
            server.tool_text = text.and_then(|text| resolve_template(&header, text));
        }
    }
    let script = set_up_script(plan.case, &parties)?;
    let view = begin_view(plan, &parties, &header, client_documents);
    let state = WorldState {
        recorder: Recorder::new(header),
        parties,
        script,
        view,
        issued: IssuedGrants::default(),
        senders: Senders::default(),
        attacker: AttackerMemory::default(),
        workload_platform: start_workload_platform(plan)?,
        listeners: CallbackListeners::new(plan.network.is_some()),
        revision: plan.revision,
        sought: SoughtTexts::of_case(plan.case),
        fault: None,
    };
    Ok((state, sockets))
}

/// What the client knows before its first request.
fn begin_view(
    plan: &WorldPlan<'_>,
    parties: &Parties,
    header: &Header,
    client_documents: Arc<BTreeMap<String, ClientDocument>>,
) -> ClientView {
    let mut view = ClientView::default();
    let known = parties.all.iter().map(|party| known_party(party, parties));
    view.parties = known.collect();
    view.clients.documents = client_documents;
    view.origin_is_flow = plan.revision == Revision::March2025;
    view.addresses = header
        .addresses
        .iter()
        .filter_map(|(name, address)| {
            let party = parties.find(name.split('.').next()?)?;
            Some((address.clone(), party))
        })
        .collect();
    view
}

/// The case's parties with the settings that deviate.
fn declare_parties(plan: &WorldPlan<'_>) -> Result<BTreeMap<String, Party>, WorldError> {
    let mut parties = plan.case.world.clone();
    for deviation in &plan.case.deviations {
        let Action::Settings(settings) = &deviation.action else {
            continue;
        };
        for target in &deviation.at {
            for (setting, value) in settings {
                let party = parties.get_mut(&target.party);
                let applied = party.map(|party| party.apply(setting, value));
                if !matches!(applied, Some(Ok(()))) {
                    let (name, party) = (&deviation.name, &target.party);
                    let problem = format!("deviation `{name}` cannot set {party}.{setting}");
                    return Err(setup_error(plan.case, problem));
                }
            }
        }
    }
    if plan.network.is_some() {
        let mut outside = Party::new(OUTSIDE, RoleKind::WebSite);
        outside.scheme = Scheme::Https;
        outside.host = Some(Host::Named);
        parties.insert(OUTSIDE.to_owned(), outside);
    }
    if plan.revision == Revision::March2025 {
        share_origins(&mut parties);
    }
    Ok(parties)
}

/// 2025-03-26: the authorization server lives on the MCP server's origin, and there is no protected
/// resource metadata.
fn share_origins(parties: &mut BTreeMap<String, Party>) {
    let mut hosts: Vec<(String, String)> = Vec::new();
    for (name, party) in parties.iter_mut() {
        if let Role::McpServer(settings) = &mut party.role {
            settings.prm_at.clear();
            let server = settings.authorization_servers.first();
            hosts.extend(server.map(|server| (server.clone(), name.clone())));
        }
    }
    for (server, host) in hosts {
        if let Some(party) = parties.get_mut(&server).filter(|p| p.hosted_on.is_none()) {
            party.hosted_on = Some(host);
        }
    }
}

fn header_of(plan: &WorldPlan<'_>, parties: &BTreeMap<String, Party>) -> Header {
    let info = |party: &Party| PartyInfo {
        role: role_name(&party.role).to_owned(),
        hostile: party.hostile,
    };
    let parties = parties.values();
    Header {
        format: FORMAT,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        case: plan.case.id.clone(),
        control: plan.control,
        revision: Some(plan.revision),
        seed: plan.seed.clone(),
        parties: parties.map(|p| (p.name.clone(), info(p))).collect(),
        ..Header::default()
    }
}

fn role_name(role: &Role) -> &'static str {
    match role {
        Role::AuthorizationServer(_) => "authorization server",
        Role::IdentityProvider(_) => "identity provider",
        Role::McpServer(_) => "mcp server",
        Role::WebSite => "web site",
    }
}

/// The platform of the workload, if the client is to sign in as one.
fn start_workload_platform(plan: &WorldPlan<'_>) -> Result<Option<WorkloadPlatform>, WorldError> {
    let mut flows = plan.case.starts().map(|start| start.flow);
    if !flows.any(|flow| flow == Flow::Workload) {
        return Ok(None);
    }
    let seed = format!("{}/{}", plan.seed, plan.case.id);
    let platform = WorkloadPlatform::new(&seed);
    platform.map(Some).map_err(|error| {
        setup_error(
            plan.case,
            format!("no folder for the workload's token: {error}"),
        )
    })
}

fn known_party(party: &PartyAtWork, parties: &Parties) -> KnownParty {
    let kind = match &party.role {
        PartyRole::AuthorizationServer(server) => KnownKind::AuthorizationServer {
            issuer: server.addresses.issuer.clone(),
        },
        PartyRole::McpServer(server) => KnownKind::McpServer {
            url: server.addresses.url.clone(),
            resource: server.addresses.resource.clone(),
        },
        PartyRole::WebSite => KnownKind::WebSite,
    };
    KnownParty {
        name: party.declared.name.clone(),
        origin: parties.origin(party.site).to_owned(),
        hostile: party.declared.hostile,
        kind,
    }
}

/// Registers the client that is known before the world begins, if the server has one. Its ID may
/// name the address of any party.
fn register_beforehand(server: &mut AuthorizationServerRole, header: &Header) {
    let registration = &server.settings.registration;
    if !registration.contains(&Registration::PreRegistered) {
        return;
    }
    let (id, secret) = match &server.settings.client {
        Some(client) => (
            resolve_template(header, &client.id).unwrap_or_default(),
            resolve_template(header, &client.secret),
        ),
        None => (
            format!("{}-client-{}", server.name, server.random.draw_hex()),
            Some(format!(
                "{}-secret-{}",
                server.name,
                server.random.draw_hex()
            )),
        ),
    };
    let client = RegisteredClient {
        secret,
        keys: read_key_set(&CLIENT.key_set()),
        ..RegisteredClient::with_id(&id, ClientKind::PreRegistered)
    };
    server.memory.clients.insert(id, client);
}
