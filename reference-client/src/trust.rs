//! Which certificates the client accepts.

use crate::defect::{Defect, Defects};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use std::sync::{Arc, OnceLock};

/// The certificate authorities that the client trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TrustedAuthorities {
    /// Those of the system, or those in the file that the variable `SSL_CERT_FILE` names.
    #[default]
    System,
    /// Only those with these certificates, in PEM.
    Only(String),
}

impl TrustedAuthorities {
    fn roots(&self) -> Arc<RootCertStore> {
        static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
        let collect = |certificates: Vec<CertificateDer<'static>>| {
            let mut roots = RootCertStore::empty();
            // what cannot be read is not trusted
            roots.add_parsable_certificates(certificates);
            Arc::new(roots)
        };
        match self {
            Self::System => SYSTEM
                .get_or_init(|| collect(rustls_native_certs::load_native_certs().certs))
                .clone(),
            Self::Only(pem) => {
                let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
                collect(certificates.flatten().collect())
            }
        }
    }
}

/// The TLS settings of a client that trusts these authorities.
pub(crate) fn tls_config(
    authorities: &TrustedAuthorities,
    defects: &Defects,
) -> Result<rustls::ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let roots = authorities.roots();
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions(defects))?;
    let config = match DefectiveVerifier::new(&roots, &provider, defects) {
        None => builder.with_root_certificates(roots),
        Some(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier)),
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The versions of TLS that the client speaks.
fn versions(defects: &Defects) -> &'static [&'static SupportedProtocolVersion] {
    static NEWEST: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
    static OLDER: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    if defects.has(Defect::TLS_NEWEST_ONLY) {
        NEWEST
    } else if defects.has(Defect::TLS_OLDER_ONLY) {
        OLDER
    } else {
        rustls::ALL_VERSIONS
    }
}

/// Accepts some of the certificates that are not valid.
#[derive(Debug)]
struct DefectiveVerifier {
    /// Absent if no authority is trusted: then no certificate is valid.
    valid: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    defects: Defects,
}

impl DefectiveVerifier {
    /// `None`: no defect concerns certificates.
    fn new(
        roots: &Arc<RootCertStore>,
        provider: &Arc<CryptoProvider>,
        defects: &Defects,
    ) -> Option<Self> {
        let concerned = [
            Defect::CERTIFICATE_UNCHECKED,
            Defect::CERTIFICATE_CHAIN_UNCHECKED,
            Defect::CERTIFICATE_DATES_UNCHECKED,
            Defect::CERTIFICATE_NAME_UNCHECKED,
        ];
        concerned
            .into_iter()
            .any(|defect| defects.has(defect))
            .then(|| Self {
                valid: WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone())
                    .build()
                    .ok(),
                provider: provider.clone(),
                defects: defects.clone(),
            })
    }

    fn tolerates(&self, error: &CertificateError) -> bool {
        let defect = match error {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Defect::CERTIFICATE_DATES_UNCHECKED,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Defect::CERTIFICATE_NAME_UNCHECKED
            }
            _ => Defect::CERTIFICATE_CHAIN_UNCHECKED,
        };
        self.defects.has(Defect::CERTIFICATE_UNCHECKED) || self.defects.has(defect)
    }
}

impl ServerCertVerifier for DefectiveVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.valid {
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            Some(valid) => {
                valid.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
        };
        match verified {
            Err(Error::InvalidCertificate(error)) if self.tolerates(&error) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
