//! The words that settings of parties take their values from.

use super::setting_kind::SettingWord;
use crate::words::words;

words! {
    /// A host that parties listen on.
    pub enum Host {
        Localhost = "localhost",
        Ipv4 = "127.0.0.1",
        Ipv6 = "[::1]",
        /// A name that is not loopback; needs a private network.
        Named = "named",
    }
}

words! {
    /// The kind of address that a host with a name has in a private network.
    pub enum NetworkAddress {
        /// It looks like that of any server of the internet.
        Public = "public",
        /// It is an IPv6 address, and looks like that of any server of the internet.
        PublicIpv6 = "public-ipv6",
        /// It is one of a company's own network, in 10.0.0.0/8 (RFC 1918).
        Private = "private",
        /// It is one of a company's own network, in 172.16.0.0/12 (RFC 1918).
        Private172 = "private-172",
        /// It is one of a company's own network, in 192.168.0.0/16 (RFC 1918).
        Private192 = "private-192",
        /// It is one of a company's own network, in fc00::/7 (RFC 4193).
        UniqueLocal = "unique-local",
        /// It is that of the machine itself.
        Loopback = "loopback",
        /// It is the IPv6 address of the machine itself.
        LoopbackIpv6 = "loopback-ipv6",
        /// It is one of the local link (RFC 3927).
        LinkLocal = "link-local",
        /// It is 169.254.169.254, where cloud providers tell a machine its own credentials.
        CloudMetadata = "cloud-metadata",
    }
}

words! {
    /// The scheme of URLs.
    pub enum Scheme {
        Http = "http",
        Https = "https",
    }
}

words! {
    /// The certificate that a party shows under `https`.
    pub enum Certificate {
        Good = "good",
        /// It is signed with its own key.
        SelfSigned = "self-signed",
        /// It is signed by an authority that the client does not know.
        OtherAuthority = "other-authority",
        /// It is signed by the holder of a good certificate, who is no authority.
        NoAuthority = "no-authority",
        Expired = "expired",
        NotYetValid = "not-yet-valid",
        /// It is made out to another host.
        WrongName = "wrong-name",
        /// It is made out to all hosts of the parent domain of its host's domain.
        WildcardOfParent = "wildcard-of-parent",
    }
}

words! {
    /// Versions of TLS that a server can speak. The library has no earlier ones.
    pub enum TlsVersion {
        Tls12 = "1.2",
        Tls13 = "1.3",
    }
}

words! {
    /// Versions of HTTP, by the names that servers and clients negotiate (RFC 7301).
    pub enum HttpVersion {
        Http11 = "http/1.1",
        Http2 = "h2",
    }
}

words! {
    /// Well-known locations of authorization server metadata (RFC 8414 section 3.1, OpenID Connect
    /// Discovery).
    pub enum MetadataPlace {
        /// `/.well-known/oauth-authorization-server` + issuer path
        OAuth = "oauth",
        /// `/.well-known/openid-configuration` + issuer path
        OpenId = "openid",
        /// issuer path + `/.well-known/openid-configuration`
        OpenIdAppended = "openid-appended",
    }
}

words! {
    /// Where the endpoints of an authorization server are.
    pub enum Endpoints {
        Unguessable = "unguessable",
        Default = "default",
    }
}

words! {
    /// How clients get to be known to an authorization server.
    pub enum Registration {
        PreRegistered = "pre-registered",
        Cimd = "cimd",
        Dcr = "dcr",
    }
}

words! {
    /// Client authentication methods of a token endpoint.
    pub enum ClientAuth {
        None = "none",
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        PrivateKeyJwt = "private_key_jwt",
    }
}

words! {
    /// The ports of loopback redirect URIs that an authorization server takes (RFC 8252 section
    /// 7.3).
    pub enum LoopbackPorts {
        Any = "any",
        AnyIp = "any-ip",
        Exact = "exact",
    }
}

words! {
    /// The form of token responses.
    pub enum TokenBody {
        Json = "json",
        FormUnlessAsked = "form-unless-asked",
    }
}

words! {
    /// What the user answers at the consent page.
    pub enum Consent {
        Granted = "granted",
        Denied = "denied",
    }
}

words! {
    /// What an authorization server does about the `iss` parameter (RFC 9207).
    pub enum IssParameter {
        /// Announced in the metadata and sent.
        Advertised = "advertised",
        /// Sent without having been announced.
        Sent = "sent",
        Off = "off",
    }
}

words! {
    /// What an authorization server does about PKCE.
    pub enum Pkce {
        Required = "required",
        /// Announced, unchecked.
        Ignored = "ignored",
    }
}

words! {
    /// What happens to a refresh token that is used.
    pub enum Refresh {
        Rotating = "rotating",
        /// As `rotating`, and a refresh ends the grant's earlier access tokens.
        Revoking = "revoking",
        Kept = "kept",
        None = "none",
    }
}

words! {
    /// What an authorization server does about `resource` (RFC 8707).
    pub enum ResourceIndicators {
        /// Unknown resources are refused. Those that differ in the case of the host or in a final
        /// slash are the same.
        Enforced = "enforced",
        /// As `enforced`, and a request without `resource` is refused.
        Required = "required",
        /// As `enforced`, and compared byte for byte.
        Exact = "exact",
        Ignored = "ignored",
    }
}

words! {
    /// What access tokens look like.
    pub enum TokenFormat {
        Jwt = "jwt",
        Opaque = "opaque",
        Token68 = "token68",
    }
}

words! {
    /// Grant types of a token endpoint.
    pub enum Grant {
        AuthorizationCode = "authorization_code",
        RefreshToken = "refresh_token",
        ClientCredentials = "client_credentials",
        JwtBearer = "jwt-bearer",
        TokenExchange = "token-exchange",
    }
}

words! {
    /// Sender-constrained tokens (RFC 9449).
    pub enum Dpop {
        Off = "off",
        Bound = "bound",
        Nonce = "nonce",
    }
}

words! {
    /// Algorithms of proofs of possession (RFC 7518 section 3.1, RFC 8037 section 3.1).
    pub enum DpopAlgorithm {
        Es256 = "ES256",
        Es384 = "ES384",
        EdDsa = "EdDSA",
        Rs256 = "RS256",
        Ps256 = "PS256",
    }
}

words! {
    /// The requests for which an MCP server demands a token.
    pub enum Protects {
        Everything = "everything",
        /// Anybody may connect and list the tools.
        Calls = "calls",
        Nothing = "nothing",
    }
}

words! {
    /// What a 401 of an MCP server says.
    pub enum ChallengeForm {
        NamesPrm = "names-prm",
        Bare = "bare",
        NoHeader = "no-header",
    }
}

words! {
    /// The form of an MCP server's answers.
    pub enum Answers {
        Json = "json",
        Sse = "sse",
    }
}

/// Lets these enums be the values of settings.
macro_rules! setting_words {
    ($($name:ident),+ $(,)?) => {
        $(impl SettingWord for $name {
            fn all_words() -> Vec<&'static str> {
                Self::ALL.iter().map(|word| word.as_str()).collect()
            }
        })+
    };
}

setting_words!(
    Host,
    NetworkAddress,
    Scheme,
    Certificate,
    TlsVersion,
    HttpVersion,
    MetadataPlace,
    Endpoints,
    Registration,
    ClientAuth,
    LoopbackPorts,
    TokenBody,
    Consent,
    IssParameter,
    Pkce,
    Refresh,
    ResourceIndicators,
    TokenFormat,
    Grant,
    Dpop,
    DpopAlgorithm,
    Protects,
    ChallengeForm,
    Answers
);
