//! Settings of parties: their defaults, and the one way to change them, for files, honest changes
//! and deviations alike.

use std::str::FromStr;

use super::model::{
    Answers, AuthorizationServer, Certificate, Challenge, ClientAuth, ClientCredentials, Consent,
    Dpop, Endpoints, EventKind, Grant, Host, IssParameter, McpServer, MetadataPlace, Party, Pkce,
    PrmPlace, Refresh, Registration, ResourceIndicators, Role, Scheme, Template, TokenFormat,
    Value,
};
use super::suggest;
use crate::words::{UnknownWord, words};

words! {
    /// What a party can be.
    pub enum RoleKind {
        AuthorizationServer = "authorization server",
        IdentityProvider = "identity provider",
        McpServer = "mcp server",
        WebSite = "web site",
    }
}

/// Settings of every party.
pub const COMMON_SETTINGS: &[&str] = &[
    "host",
    "hosted_on",
    "scheme",
    "certificate",
    "up",
    "hostile",
];

const AUTHORIZATION_SERVER_SETTINGS: &[&str] = &[
    "issuer_path",
    "metadata_at",
    "endpoints",
    "registration",
    "client",
    "client_auth",
    "client_secret_lifetime",
    "consent",
    "iss",
    "pkce",
    "scopes_supported",
    "granted_scopes",
    "refresh",
    "resource_indicators",
    "token_format",
    "grants",
    "dpop",
];

const MCP_SERVER_SETTINGS: &[&str] = &[
    "path",
    "resource",
    "prm_at",
    "challenge",
    "challenge_scope",
    "scopes_supported",
    "tool_scopes",
    "authorization_servers",
    "answers",
    "session",
    "dpop",
];

impl RoleKind {
    /// Settings of this role, besides those of every party.
    pub const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => AUTHORIZATION_SERVER_SETTINGS,
            Self::McpServer => MCP_SERVER_SETTINGS,
            Self::WebSite => &[],
        }
    }

    /// The role with its article, for messages.
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::AuthorizationServer => "an authorization server",
            Self::IdentityProvider => "an identity provider",
            Self::McpServer => "an MCP server",
            Self::WebSite => "a web site",
        }
    }

    /// Events that happen at a party of this role. All others belong to the client.
    pub const fn events(self) -> &'static [EventKind] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => &[
                EventKind::Request,
                EventKind::MetadataRequest,
                EventKind::RegistrationRequest,
                EventKind::AuthorizationRequest,
                EventKind::TokenRequest,
                EventKind::Metadata,
                EventKind::RegistrationResponse,
                EventKind::AuthorizationResponse,
                EventKind::TokenResponse,
                EventKind::ClientDocument,
                EventKind::AttackerGain,
            ],
            Self::McpServer => &[
                EventKind::Request,
                EventKind::PrmRequest,
                EventKind::McpRequest,
                EventKind::Prm,
                EventKind::Challenge,
                EventKind::McpResponse,
                EventKind::CallAccepted,
                EventKind::ToolCalled,
                EventKind::AttackerGain,
            ],
            Self::WebSite => &[EventKind::Request],
        }
    }

    /// Whether it issues tokens.
    pub const fn is_authorization_server(self) -> bool {
        matches!(self, Self::AuthorizationServer | Self::IdentityProvider)
    }
}

impl Role {
    /// The role without its settings.
    pub const fn kind(&self) -> RoleKind {
        match self {
            Self::AuthorizationServer(_) => RoleKind::AuthorizationServer,
            Self::IdentityProvider(_) => RoleKind::IdentityProvider,
            Self::McpServer(_) => RoleKind::McpServer,
            Self::WebSite => RoleKind::WebSite,
        }
    }
}

/// Why a setting cannot be set so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("{} has no setting `{setting}`", role.with_article())]
    NoSuchSetting { role: RoleKind, setting: String },
    #[error("`{setting}` takes {expected}")]
    WrongKind {
        setting: String,
        expected: &'static str,
    },
    #[error("`{setting}` is never `{}`", .unknown.word)]
    UnknownWord {
        setting: String,
        unknown: UnknownWord,
    },
}

impl SettingError {
    /// What to write instead, where the message does not say it already.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NoSuchSetting { role, setting } => Some(suggest::instead(
                setting,
                COMMON_SETTINGS.iter().chain(role.settings()).copied(),
            )),
            Self::WrongKind { .. } => None,
            Self::UnknownWord { unknown, .. } => Some(suggest::instead(
                &unknown.word,
                unknown.known.iter().copied(),
            )),
        }
    }
}

impl Party {
    /// A party that does the usual.
    pub fn new(name: impl Into<String>, role: RoleKind) -> Self {
        Self {
            name: name.into(),
            role: match role {
                RoleKind::AuthorizationServer => {
                    Role::AuthorizationServer(AuthorizationServer::default())
                }
                RoleKind::IdentityProvider => {
                    Role::IdentityProvider(AuthorizationServer::default())
                }
                RoleKind::McpServer => Role::McpServer(McpServer::default()),
                RoleKind::WebSite => Role::WebSite,
            },
            host: None,
            hosted_on: None,
            scheme: Scheme::Http,
            certificate: Certificate::Good,
            up: true,
            hostile: false,
        }
    }

    /// The host that it listens on where nothing is said: hostile parties live apart from honest
    /// ones.
    pub const fn effective_host(&self) -> Host {
        match self.host {
            Some(host) => host,
            None if self.hostile => Host::Ipv4,
            None => Host::Localhost,
        }
    }

    /// Changes one setting. Whether parties that it names exist is for the caller to know.
    pub fn apply(&mut self, setting: &str, value: &Value) -> Result<(), SettingError> {
        let to = Setting {
            name: setting,
            value,
        };
        match setting {
            "host" => self.host = Some(to.word()?),
            "hosted_on" => self.hosted_on = Some(to.text()?),
            "scheme" => self.scheme = to.word()?,
            "certificate" => self.certificate = to.word()?,
            "up" => self.up = to.boolean()?,
            "hostile" => self.hostile = to.boolean()?,
            _ => {
                let known = match &mut self.role {
                    Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                        server.apply(&to)?
                    }
                    Role::McpServer(server) => server.apply(&to)?,
                    Role::WebSite => false,
                };
                if !known {
                    return Err(SettingError::NoSuchSetting {
                        role: self.role.kind(),
                        setting: setting.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Default for AuthorizationServer {
    fn default() -> Self {
        Self {
            issuer_path: String::new(),
            metadata_at: vec![MetadataPlace::OAuth, MetadataPlace::OpenId],
            endpoints: Endpoints::Unguessable,
            registration: Registration::ALL.to_vec(),
            client: None,
            client_auth: ClientAuth::ALL.to_vec(),
            client_secret_lifetime: None,
            consent: Consent::Granted,
            iss: IssParameter::Advertised,
            pkce: Pkce::Required,
            scopes_supported: None,
            granted_scopes: None,
            refresh: Refresh::Rotating,
            resource_indicators: ResourceIndicators::Enforced,
            token_format: TokenFormat::Jwt,
            grants: vec![Grant::AuthorizationCode, Grant::RefreshToken],
            dpop: Dpop::Off,
        }
    }
}

impl AuthorizationServer {
    /// `false`: there is no such setting.
    fn apply(&mut self, to: &Setting<'_>) -> Result<bool, SettingError> {
        match to.name {
            "issuer_path" => self.issuer_path = to.path()?,
            "metadata_at" => self.metadata_at = to.words()?,
            "endpoints" => self.endpoints = to.word()?,
            "registration" => self.registration = to.words()?,
            "client" => self.client = Some(to.credentials()?),
            "client_auth" => self.client_auth = to.words()?,
            "client_secret_lifetime" => self.client_secret_lifetime = Some(to.integer()?),
            "consent" => self.consent = to.word()?,
            "iss" => self.iss = to.word()?,
            "pkce" => self.pkce = to.word()?,
            "scopes_supported" => self.scopes_supported = Some(to.texts()?),
            "granted_scopes" => self.granted_scopes = Some(to.texts()?),
            "refresh" => self.refresh = to.word()?,
            "resource_indicators" => self.resource_indicators = to.word()?,
            "token_format" => self.token_format = to.word()?,
            "grants" => self.grants = to.words()?,
            "dpop" => self.dpop = to.word()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Default for McpServer {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            resource: None,
            prm_at: vec![PrmPlace::Path],
            challenge: Challenge::NamesPrm,
            challenge_scope: None,
            scopes_supported: None,
            tool_scopes: Default::default(),
            authorization_servers: vec!["as".to_owned()],
            answers: Answers::Json,
            session: true,
            dpop: Dpop::Off,
        }
    }
}

impl McpServer {
    /// `false`: there is no such setting.
    fn apply(&mut self, to: &Setting<'_>) -> Result<bool, SettingError> {
        match to.name {
            "path" => self.path = to.path()?,
            "resource" => self.resource = Some(to.template()?),
            "prm_at" => self.prm_at = to.prm_places()?,
            "challenge" => self.challenge = to.word()?,
            "challenge_scope" => self.challenge_scope = Some(to.text()?),
            "scopes_supported" => self.scopes_supported = Some(to.texts()?),
            "tool_scopes" => self.tool_scopes = to.lists_by_name()?,
            "authorization_servers" => self.authorization_servers = to.texts()?,
            "answers" => self.answers = to.word()?,
            "session" => self.session = to.boolean()?,
            "dpop" => self.dpop = to.word()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// One setting and the value that it shall get, read as the type that the setting has.
struct Setting<'a> {
    name: &'a str,
    value: &'a Value,
}

impl Setting<'_> {
    fn expected(&self, expected: &'static str) -> SettingError {
        SettingError::WrongKind {
            setting: self.name.to_owned(),
            expected,
        }
    }

    fn boolean(&self) -> Result<bool, SettingError> {
        if let Value::Boolean(yes) = self.value {
            Ok(*yes)
        } else {
            Err(self.expected("true or false"))
        }
    }

    fn integer(&self) -> Result<i64, SettingError> {
        if let Value::Integer(number) = self.value {
            Ok(*number)
        } else {
            Err(self.expected("an integer"))
        }
    }

    fn template(&self) -> Result<Template, SettingError> {
        if let Value::Text(text) = self.value {
            Ok(text.clone())
        } else {
            Err(self.expected("a text"))
        }
    }

    fn text(&self) -> Result<String, SettingError> {
        literal(self.value)
            .map(str::to_owned)
            .ok_or_else(|| self.expected("a text without placeholders"))
    }

    fn texts(&self) -> Result<Vec<String>, SettingError> {
        self.texts_of(self.value)
    }

    fn texts_of(&self, value: &Value) -> Result<Vec<String>, SettingError> {
        let wrong = || self.expected("a list of texts without placeholders");
        let Value::List(items) = value else {
            return Err(wrong());
        };
        items
            .iter()
            .map(|item| literal(item).map(str::to_owned).ok_or_else(wrong))
            .collect()
    }

    fn path(&self) -> Result<String, SettingError> {
        let path = self.text()?;
        if path.is_empty() || path.starts_with('/') {
            Ok(path)
        } else {
            Err(self.expected("a path: empty, or with a slash first"))
        }
    }

    fn word<T: FromStr<Err = UnknownWord>>(&self) -> Result<T, SettingError> {
        self.word_of(self.value)
    }

    fn words<T: FromStr<Err = UnknownWord>>(&self) -> Result<Vec<T>, SettingError> {
        let Value::List(items) = self.value else {
            return Err(self.expected("a list of words"));
        };
        items.iter().map(|item| self.word_of(item)).collect()
    }

    fn word_of<T: FromStr<Err = UnknownWord>>(&self, value: &Value) -> Result<T, SettingError> {
        let word = literal(value).ok_or_else(|| self.expected("a word"))?;
        word.parse().map_err(|unknown| SettingError::UnknownWord {
            setting: self.name.to_owned(),
            unknown,
        })
    }

    fn prm_places(&self) -> Result<Vec<PrmPlace>, SettingError> {
        let place = |text: String| match text.as_str() {
            "path" => Ok(PrmPlace::Path),
            "root" => Ok(PrmPlace::Root),
            path if path.starts_with('/') => Ok(PrmPlace::Named(text)),
            _ => {
                Err(self
                    .expected("a list of `path`, `root` and paths of its own (with a slash first)"))
            }
        };
        self.texts()?.into_iter().map(place).collect()
    }

    fn credentials(&self) -> Result<ClientCredentials, SettingError> {
        let wrong = || self.expected("{ id = \"...\", secret = \"...\" }");
        let Value::Table(entries) = self.value else {
            return Err(wrong());
        };
        match entries.as_slice() {
            [(a, Value::Text(id)), (b, Value::Text(secret))] if a == "id" && b == "secret" => {
                Ok(ClientCredentials {
                    id: id.clone(),
                    secret: secret.clone(),
                })
            }
            [(a, Value::Text(secret)), (b, Value::Text(id))] if a == "secret" && b == "id" => {
                Ok(ClientCredentials {
                    id: id.clone(),
                    secret: secret.clone(),
                })
            }
            _ => Err(wrong()),
        }
    }

    fn lists_by_name(
        &self,
    ) -> Result<std::collections::BTreeMap<String, Vec<String>>, SettingError> {
        let Value::Table(entries) = self.value else {
            return Err(self.expected("{ TOOL = [\"scope\", ...] }"));
        };
        entries
            .iter()
            .map(|(name, list)| Ok((name.clone(), self.texts_of(list)?)))
            .collect()
    }
}

/// The text of a value without placeholders.
fn literal(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value {
        text.literal()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(Template::parse(text).unwrap())
    }

    #[test]
    fn every_listed_setting_exists_and_no_other() {
        for role in RoleKind::ALL {
            for setting in COMMON_SETTINGS.iter().chain(role.settings()) {
                let error = Party::new("p", *role).apply(setting, &Value::Table(vec![]));
                assert!(
                    !matches!(error, Err(SettingError::NoSuchSetting { .. })),
                    "{role}: {setting}"
                );
            }
            let error = Party::new("p", *role).apply("zzz", &text("x"));
            assert!(matches!(error, Err(SettingError::NoSuchSetting { .. })));
        }
    }

    #[test]
    fn settings_are_set() {
        let mut party = Party::new("as", RoleKind::AuthorizationServer);
        party
            .apply("metadata_at", &Value::List(vec![text("openid-appended")]))
            .unwrap();
        party
            .apply(
                "client",
                &Value::Table(vec![
                    ("secret".into(), text("{canary.s}")),
                    ("id".into(), text("i")),
                ]),
            )
            .unwrap();
        party.apply("hostile", &Value::Boolean(true)).unwrap();
        let Role::AuthorizationServer(server) = &party.role else {
            panic!()
        };
        assert_eq!(server.metadata_at, [MetadataPlace::OpenIdAppended]);
        assert_eq!(server.client.as_ref().unwrap().id.literal(), Some("i"));
        assert_eq!(party.effective_host(), Host::Ipv4);
    }

    #[test]
    fn errors_say_what_is_taken() {
        let mut party = Party::new("mcp", RoleKind::McpServer);
        let error = party.apply("answers", &text("jsn")).unwrap_err();
        assert_eq!(error.to_string(), "`answers` is never `jsn`");
        assert_eq!(error.remedy().unwrap(), "did you mean `json`?");
        let error = party.apply("path", &text("mcp")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`path` takes a path: empty, or with a slash first"
        );
        let error = party
            .apply("prm_at", &Value::List(vec![text("rot")]))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`prm_at` takes a list of `path`, `root` and paths of its own (with a slash first)"
        );
        let error = party.apply("consent", &text("granted")).unwrap_err();
        assert_eq!(error.to_string(), "an MCP server has no setting `consent`");
    }
}
