//! Defects in the workload identity extension.

use crate::defect::define_defects::define_defects;

define_defects! {
    WORKLOAD_BY_CLIENT_CREDENTIALS {
        name: "workload-by-client-credentials",
        summary: "presents the workload's JWT as client assertion of a client_credentials request",
        breaks: ["ext-wif-grant"],
        refused: true,
    }

    WORKLOAD_BY_TOKEN_EXCHANGE {
        name: "workload-by-token-exchange",
        summary: "presents the workload's JWT as subject token of a token exchange",
        breaks: ["ext-wif-grant"],
        refused: true,
    }

    WORKLOAD_ASSERTION_MISSING {
        name: "workload-assertion-missing",
        summary: "sends the workload's JWT in a parameter of its own, and no assertion",
        breaks: ["ext-wif-grant"],
        refused: true,
    }

    WORKLOAD_RESOURCE_IS_ISSUER {
        name: "workload-resource-is-issuer",
        summary: "names the authorization server as the resource of the workload's token",
        breaks: ["ext-wif-resource"],
        refused: true,
    }

    WORKLOAD_REGISTERS {
        name: "workload-registers",
        summary: "registers although it is a workload",
        breaks: ["ext-wif-no-registration"],
    }

    WORKLOAD_JWT_EXPIRED {
        name: "workload-jwt-expired",
        summary: "presents a JWT of the workload's that has expired",
        breaks: ["ext-wif-jwt-claims"],
        refused: true,
    }

    WORKLOAD_JWT_OF_ANOTHER {
        name: "workload-jwt-of-another",
        summary: "presents a JWT that was made for another authorization server",
        breaks: ["ext-wif-jwt-claims"],
        refused: true,
    }

    WORKLOAD_JWT_ALTERED {
        name: "workload-jwt-altered",
        summary: "encodes the workload's JWT once more before it presents it",
        breaks: ["ext-wif-jwt-claims"],
        refused: true,
    }

    WORKLOAD_JWT_LOGGED {
        name: "workload-jwt-logged",
        summary: "prints the workload's JWT when it is verbose",
        breaks: ["ext-wif-jwt-protection"],
    }

    WORKLOAD_JWT_CACHED {
        name: "workload-jwt-cached",
        summary: "presents the JWT that it has presented before, without reading its file again",
        breaks: ["ext-wif-fresh-assertion"],
    }

    WORKLOAD_RETRIES {
        name: "workload-retries",
        summary: "presents a refused JWT again and again",
        breaks: ["ext-wif-no-fallback"],
    }

    WORKLOAD_ASKS_USER {
        name: "workload-asks-user",
        summary: "opens the browser when the workload's JWT is refused",
        breaks: ["ext-wif-no-fallback"],
    }

    WORKLOAD_FALLS_BACK_TO_CLIENT_CREDENTIALS {
        name: "workload-falls-back-to-client-credentials",
        summary: "requests client_credentials when the workload's JWT is refused",
        breaks: ["ext-wif-no-fallback"],
    }

    WORKLOAD_REGISTERS_WHEN_REFUSED {
        name: "workload-registers-when-refused",
        summary: "registers when the workload's JWT is refused",
        breaks: ["ext-wif-no-fallback"],
    }

    WORKLOAD_JWT_ANYWHERE {
        name: "workload-jwt-anywhere",
        summary: "presents the workload's JWT to any authorization server that is named",
        breaks: ["ext-wif-assertion-only-to-its-as"],
    }

    WORKLOAD_JWT_AS_ACCESS_TOKEN {
        name: "workload-jwt-as-access-token",
        summary: "sends the workload's JWT to the MCP server as if it were an access token",
        breaks: ["ext-wif-assertion-only-to-its-as"],
    }
}
