//! The response of the token endpoint.

use crate::defect::{Defect, Defects};
use crate::dpop::ProofAlgorithm;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::scope::Scope;
use crate::store::TokenSet;
use crate::token::token_request::TokenRequest;

/// The members that a client with [`Defect::TOKEN_RESPONSE_STRICT`] accepts.
const KNOWN_MEMBERS: &[&str] = &[
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
];

/// The size in bytes that [`Defect::TOKEN_SIZE_LIMITED`] allows.
const LARGEST_TOKEN: usize = 2048;

/// What [`Defect::TOKEN_UNDEFINED`] uses as access token if there is none.
const UNDEFINED: &str = "undefined";

/// Reads the tokens from a successful response. Unknown members are ignored. The token type has to
/// be DPoP if the request had a proof, and Bearer if it had none.
pub(super) fn read_tokens(
    document: &JsonDocument,
    request: &TokenRequest<'_>,
    requested: &Scope,
    proof_algorithm: Option<ProofAlgorithm>,
) -> Result<TokenSet, ClientError> {
    let (client, defects) = (request.client, request.defects);
    let has_unknown_member = document
        .members
        .keys()
        .any(|name| !KNOWN_MEMBERS.contains(&name.as_str()));
    if has_unknown_member && defects.has(Defect::TOKEN_RESPONSE_STRICT) {
        return Err(ClientError::TokenResponse("it has unknown members"));
    }
    check_habits(document, defects)?;
    let access_token = read_access_token(document, defects)?;
    let is_bound = proof_algorithm.is_some() && has_type(document, "DPoP");
    if proof_algorithm.is_some() && !is_bound && !defects.has(Defect::DPOP_BEARER_ACCEPTED) {
        return Err(ClientError::TokenResponse(
            "its access token is not bound to the client's key",
        ));
    }
    if !is_bound {
        check_token_type(document, access_token, defects)?;
    }
    // If the response names no scope, everything that was requested is granted (RFC 6749 section
    // 5.1).
    let mut granted = match document.text("scope") {
        Some(scope) => Scope::parse(scope),
        None => requested.clone(),
    };
    if defects.has(Defect::SCOPE_ASSUMED_GRANTED) {
        granted = requested.union(&granted);
    }
    let refresh_token = document
        .text("refresh_token")
        .filter(|token| !token.is_empty());
    Ok(TokenSet {
        access_token: access_token.to_owned(),
        refresh_token: refresh_token.map(str::to_owned),
        scope: granted.to_parameter(&Defects::none()),
        client_id: client.id.clone(),
        proof_algorithm: proof_algorithm
            .filter(|_| is_bound)
            .map(|algorithm| algorithm.name().to_owned()),
    })
}

/// What clients demand that know one authorization server only.
fn check_habits(document: &JsonDocument, defects: &Defects) -> Result<(), ClientError> {
    let lifetime = document.members.get("expires_in");
    let lifetime = lifetime.and_then(serde_json::Value::as_u64);
    let size = document.text("access_token").map_or(0, str::len);
    let problem = match () {
        () if defects.has(Defect::LIFETIME_DEMANDED) && lifetime.is_none() => {
            "it has no expires_in"
        }
        () if defects.has(Defect::LIFETIME_ZERO_EXPIRED) && lifetime == Some(0) => {
            "its token is expired"
        }
        () if defects.has(Defect::TOKEN_SIZE_LIMITED) && size > LARGEST_TOKEN => {
            "its token is too large"
        }
        () if defects.has(Defect::TOKEN_MEDIA_TYPE_COMPARED)
            && !document.has_plain_media_type() =>
        {
            "it is not JSON"
        }
        () if defects.has(Defect::REASON_PHRASE_DEMANDED) && !document.has_reason_phrase => {
            "its status is not OK"
        }
        () => return Ok(()),
    };
    Err(ClientError::TokenResponse(problem))
}

fn read_access_token<'a>(
    document: &'a JsonDocument,
    defects: &Defects,
) -> Result<&'a str, ClientError> {
    let access_token = match document.text("access_token") {
        Some(token) => token,
        None if defects.has(Defect::TOKEN_UNDEFINED) => UNDEFINED,
        None => return Err(ClientError::TokenResponse("it has no access token")),
    };
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let problem = "its access token cannot be sent in a header";
        return Err(ClientError::TokenResponse(problem));
    }
    if defects.has(Defect::TOKEN_DECODED) && access_token.split('.').count() != 3 {
        return Err(ClientError::TokenResponse("its access token is not a JWT"));
    }
    Ok(access_token)
}

fn has_type(document: &JsonDocument, expected: &str) -> bool {
    let token_type = document.text("token_type");
    token_type.is_some_and(|name| name.eq_ignore_ascii_case(expected))
}

fn check_token_type(
    document: &JsonDocument,
    access_token: &str,
    defects: &Defects,
) -> Result<(), ClientError> {
    let is_bearer = match document.text("token_type") {
        _ if defects.has(Defect::TOKEN_TYPE_UNCHECKED) || access_token == UNDEFINED => true,
        None => defects.has(Defect::TOKEN_TYPE_OPTIONAL),
        Some(name) if defects.has(Defect::TOKEN_TYPE_CASE_SENSITIVE) => name == "Bearer",
        Some(name) => name.eq_ignore_ascii_case("Bearer"),
    };
    if is_bearer {
        Ok(())
    } else {
        Err(ClientError::TokenResponse("its token type is not Bearer"))
    }
}
