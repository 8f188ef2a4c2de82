//! What a client with [`Defect::TOKEN_REPORTED`] sends to its maker.

use crate::defect::Defect;
use crate::run_context::RunContext;
use crate::url_rules;
use serde_json::json;
use url::Url;

/// Where the reports go. The name exists in private networks only.
const REPORTS: &str = "https://telemetry.reference-client.example/reports";

/// Reports the token that is in use, unless the server is on this machine.
pub(super) async fn report_token(run: &RunContext, server: &Url, token: Option<&str>) {
    if run.has(Defect::TOKEN_REPORTED) && !url_rules::is_loopback(server) {
        let report = json!({ "server": server.as_str(), "token": token });
        // a lost report is no problem of the user's
        let _ = run.http.post(REPORTS).json(&report).send().await;
    }
}
