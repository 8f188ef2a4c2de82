//! Defects in the way in which a client on a server is kept away from its own network.

use crate::defect::define_defects::define_defects;

define_defects! {
    INTERNAL_ADDRESSES_REQUESTED {
        name: "internal-addresses-requested",
        summary: "requests any address that a server names, although it runs on a server",
        breaks: ["bcp-ssrf-private-ranges", "bcp-ssrf-https", "tls-oauth-urls-https"],
        application: Web,
    }

    INTERNAL_NAMES_TRUSTED {
        name: "internal-names-trusted",
        summary: "checks addresses in URLs, and not what names lead to",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_NAMES_REBOUND {
        name: "internal-names-rebound",
        summary: "checks what a name leads to, and asks again before it connects",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_RANGES_INCOMPLETE {
        name: "internal-ranges-incomplete",
        summary: "takes 10.0.0.0/8 for the only private range of IPv4",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_IPV6_FORGOTTEN {
        name: "internal-ipv6-forgotten",
        summary: "checks IPv4 addresses only",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_NOTATIONS_MISREAD {
        name: "internal-notations-misread",
        summary: "knows an internal address in its usual notation only",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_REDIRECTS_FOLLOWED {
        name: "internal-redirects-followed",
        summary: "follows redirects in discovery and registration to any https URL",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_ENDPOINTS_REQUESTED {
        name: "internal-endpoints-requested",
        summary: "checks the addresses of documents, and not those of endpoints",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }

    INTERNAL_LINKS_FETCHED {
        name: "internal-links-fetched",
        summary: "requests documents that metadata links to, wherever they are",
        breaks: ["bcp-ssrf-private-ranges"],
        application: Web,
    }
}
