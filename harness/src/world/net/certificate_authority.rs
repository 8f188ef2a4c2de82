//! The certificate authority of a run: it makes the certificates that the parties show.
//!
//! One process of the harness has one authority, because a persistent client learns once, at its
//! start, whom it is to trust. Its key is never written anywhere.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, Certificate as SignedCertificate, CertificateParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use time::{Duration, OffsetDateTime};

use crate::scenario::model::{Certificate, Party, TlsVersion};

/// How long a certificate is valid, in days. Some clients refuse certificates of more than 398.
const VALIDITY: Duration = Duration::days(90);
/// How far a certificate that is not valid now is away from its validity.
const DISTANCE: Duration = Duration::days(7);
/// The name in a certificate that is made out to somebody else (RFC 2606 section 3).
const FOREIGN_NAME: &str = "another-server.example";

/// Makes the certificates of a run.
pub(crate) struct CertificateAuthority {
    /// The certificate of the authority itself, for the client to trust.
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// The cryptographic library refused to make a certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateAuthorityError {
    #[error("cannot make a certificate: {0}")]
    Making(#[from] rcgen::Error),
    #[error("cannot use a certificate: {0}")]
    Using(#[from] rustls::Error),
}

/// The certificate of the authority of this process, in PEM.
pub(crate) fn trusted_authority() -> Option<&'static str> {
    let authority = CertificateAuthority::of_this_process().ok()?;
    Some(&authority.pem)
}

impl CertificateAuthority {
    /// The authority of this process. It is made when it is needed for the first time.
    pub(crate) fn of_this_process() -> Result<&'static Self, CertificateAuthorityError> {
        static AUTHORITY: OnceLock<CertificateAuthority> = OnceLock::new();
        if let Some(authority) = AUTHORITY.get() {
            return Ok(authority);
        }
        let made = Self::new("mcp-authspec certificate authority of one run")?;
        Ok(AUTHORITY.get_or_init(|| made))
    }

    fn new(name: &str) -> Result<Self, CertificateAuthorityError> {
        let key = KeyPair::generate()?;
        let params = authority_params(name)?;
        Ok(Self {
            pem: params.self_signed(&key)?.pem(),
            issuer: Issuer::new(params, key),
        })
    }

    /// What a party with these host names needs to speak TLS as its settings say.
    pub(crate) fn server_config(
        &self,
        party: &Party,
        hosts: &[String],
    ) -> Result<Arc<ServerConfig>, CertificateAuthorityError> {
        let certified = self.certify(party.certificate, hosts)?;
        server_config(party, Arc::new(SingleCertAndKey::from(certified)))
    }

    /// What a party needs that shows a good certificate for whatever name it is asked by, and for
    /// its address where it is asked by none.
    pub(crate) fn config_for_any_name(
        &'static self,
        party: &Party,
        address: IpAddr,
    ) -> Result<Arc<ServerConfig>, CertificateAuthorityError> {
        let certificates = AnyName {
            authority: self,
            address,
        };
        server_config(party, Arc::new(certificates))
    }

    /// A certificate of this kind with its key.
    fn certify(
        &self,
        kind: Certificate,
        hosts: &[String],
    ) -> Result<CertifiedKey, CertificateAuthorityError> {
        let key = KeyPair::generate()?;
        let chain = self.issue(kind, hosts, &key)?;
        let chain = chain.into_iter().map(|certificate| certificate.into());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = aws_lc_rs::default_provider();
        Ok(CertifiedKey::from_der(chain.collect(), key, &provider)?)
    }

    /// A certificate of this kind, followed by those that lead to its root.
    fn issue(
        &self,
        kind: Certificate,
        hosts: &[String],
        key: &KeyPair,
    ) -> Result<Vec<SignedCertificate>, CertificateAuthorityError> {
        let common_name = hosts.first().map_or("", String::as_str);
        let mut params = server_params(hosts, common_name)?;
        match kind {
            Certificate::Good => {}
            Certificate::SelfSigned => return Ok(vec![params.self_signed(key)?]),
            Certificate::OtherAuthority => {
                let other = Self::new("another certificate authority")?;
                return Ok(vec![params.signed_by(key, &other.issuer)?]);
            }
            Certificate::NoAuthority => {
                let holder_key = KeyPair::generate()?;
                let holder = server_params(&[FOREIGN_NAME.to_owned()], FOREIGN_NAME)?;
                let holder_certificate = holder.signed_by(&holder_key, &self.issuer)?;
                let issuer = Issuer::new(holder, holder_key);
                return Ok(vec![params.signed_by(key, &issuer)?, holder_certificate]);
            }
            Certificate::Expired => {
                params.not_after = OffsetDateTime::now_utc() - DISTANCE;
                params.not_before = params.not_after - VALIDITY;
            }
            Certificate::NotYetValid => {
                params.not_before = OffsetDateTime::now_utc() + DISTANCE;
                params.not_after = params.not_before + VALIDITY;
            }
            // The common name is the right one. Nobody may look at it, as there is another name in
            // the extension that is for names (RFC 9525 section 2).
            // A wildcard stands for one label (RFC 9525 section 6.3), and the host has two there.
            Certificate::WildcardOfParent => {
                let domain = common_name.splitn(3, '.').nth(2).unwrap_or(FOREIGN_NAME);
                params = server_params(&[format!("*.{domain}")], common_name)?;
            }
            Certificate::WrongName => {
                params = server_params(&[FOREIGN_NAME.to_owned()], common_name)?;
            }
        }
        Ok(vec![params.signed_by(key, &self.issuer)?])
    }
}

fn server_config(
    party: &Party,
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<Arc<ServerConfig>, CertificateAuthorityError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = party.tls_versions.iter().map(|version| match version {
        TlsVersion::Tls12 => &rustls::version::TLS12,
        TlsVersion::Tls13 => &rustls::version::TLS13,
    });
    let versions: Vec<&SupportedProtocolVersion> = versions.collect();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    let http_versions = party.http_versions.iter();
    config.alpn_protocols = http_versions.map(|v| v.as_str().into()).collect();
    // each connection shows its certificate, so that a client has something to check
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Makes a certificate for each name that it is asked by.
#[derive(Debug)]
struct AnyName {
    authority: &'static CertificateAuthority,
    address: IpAddr,
}

impl ResolvesServerCert for AnyName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        let name = name.unwrap_or_else(|| self.address.to_string());
        let certified = self.authority.certify(Certificate::Good, &[name]);
        certified.ok().map(Arc::new)
    }
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateAuthority")
            .finish_non_exhaustive()
    }
}

fn authority_params(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = valid_now(CertificateParams::new(Vec::new())?);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

/// A certificate that is made out to `names`, each a host name or an address.
fn server_params(names: &[String], common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = valid_now(CertificateParams::new(names)?);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    Ok(params)
}

fn valid_now(mut params: CertificateParams) -> CertificateParams {
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
    params.not_after = params.not_before + VALIDITY;
    params
}
