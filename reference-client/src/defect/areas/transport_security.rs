//! Defects in the validation of certificates and in what is sent without TLS.

use crate::defect::define_defects::define_defects;

define_defects! {
    CERTIFICATE_UNCHECKED {
        name: "certificate-unchecked",
        summary: "accepts any certificate",
        breaks: ["tls-certificates-validated"],
    }

    CERTIFICATE_CHAIN_UNCHECKED {
        name: "certificate-chain-unchecked",
        summary: "accepts certificates of unknown authorities",
        breaks: ["tls-certificates-validated"],
    }

    CERTIFICATE_DATES_UNCHECKED {
        name: "certificate-dates-unchecked",
        summary: "accepts certificates that have expired or are not valid yet",
        breaks: ["tls-certificates-validated"],
    }

    CERTIFICATE_NAME_UNCHECKED {
        name: "certificate-name-unchecked",
        summary: "accepts certificates that are made out to another host",
        breaks: ["tls-certificates-validated"],
    }

    CERTIFICATE_UNCHECKED_IN_DISCOVERY {
        name: "certificate-unchecked-in-discovery",
        summary: "accepts any certificate when it requests metadata or registers",
        breaks: ["tls-certificates-validated"],
    }

    CERTIFICATE_UNCHECKED_OF_KEY_SET {
        name: "certificate-unchecked-of-key-set",
        summary: "fetches the authorization server's key set and accepts any certificate there",
        breaks: ["tls-certificates-validated"],
    }

    TLS_NEWEST_ONLY {
        name: "tls-newest-only",
        summary: "speaks TLS 1.3 only",
        breaks: ["tls-legal-server"],
    }

    TLS_OLDER_ONLY {
        name: "tls-older-only",
        summary: "speaks TLS 1.2 only",
        breaks: ["tls-legal-server"],
    }

    REASON_PHRASE_DEMANDED {
        name: "reason-phrase-demanded",
        summary: "rejects resource metadata and token responses without a reason phrase, which \
            HTTP/2 does not have",
        breaks: ["tls-legal-server"],
    }

    PRM_HTTP_ANYWHERE {
        name: "prm-http-anywhere",
        summary: "requests resource metadata over plain http from any host",
        breaks: ["tls-oauth-urls-https", "bcp-ssrf-https"],
    }

    DISCOVERY_REDIRECT_FOLLOWED {
        name: "discovery-redirect-followed",
        summary: "follows redirects in discovery and registration to any place",
        breaks: ["tls-no-downgrade-by-redirect", "bcp-ssrf-redirects"],
    }
}
