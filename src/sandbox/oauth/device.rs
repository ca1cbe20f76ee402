//! Device codes (RFC 8628): given to the program, and answered by the person on a page of their own. The polls are the business
//! of the token endpoint.

use super::{
    super::{faults::Fault, shared::Shared},
    Rejected, consent, faults, form,
    form::Form,
    memory::{DEVICE_LIVES, Decision},
    private, scope,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::Utc;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /oauth2/device/code`
pub async fn begin(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    match begun(&shared, &headers, &bytes) {
        Ok(codes) => private(codes),
        Err(rejected) => rejected.into_response(),
    }
}

fn begun(shared: &Shared, headers: &HeaderMap, bytes: &[u8]) -> Result<Value, Rejected> {
    let faults = faults(shared, headers)?;
    if faults.contains(&Fault::NoDevice) {
        return Err(Rejected::new("not_found", "There are no device codes here").status(404));
    }
    let form = form::client(headers, bytes)?;
    let scope = scope(form.get("scope"))?;
    let interval = if faults.contains(&Fault::QuickDevice) { 1 } else { 5 };
    let (device_code, user_code) = shared.sign_in().give_device(scope, interval, Utc::now());
    let page = format!("{}/oauth2/device", shared.issuer());
    Ok(json!({
        "device_code": device_code, "user_code": user_code, "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"), "expires_in": DEVICE_LIVES, "interval": interval,
    }))
}

/// `GET /oauth2/device`: asks the person for the code, or whether the code of the address is the right one.
pub async fn page(RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    consent::device(form.get("user_code").unwrap_or_default(), None)
}

/// `POST /oauth2/device`: takes the answer.
pub async fn decide(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    let form = match Form::of_body(&headers, &bytes) {
        Ok(form) => form,
        Err(rejected) => return consent::trouble(&rejected.description),
    };
    let user_code = form.get("user_code").unwrap_or_default();
    let decision = match form.get("decision") {
        Some("approve") => Decision::Approved,
        Some("deny") => Decision::Denied,
        _ => return consent::trouble("decision must be approve or deny"),
    };
    match shared.sign_in().decide(user_code, decision, Utc::now()) {
        Ok(()) => consent::device_done(decision),
        Err(words) => consent::device(user_code, Some(words)),
    }
}
