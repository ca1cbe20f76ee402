//! Faults of the media part: refusals, delays, answers that don't come or are damaged, and orders that the part itself carries out.

use super::{
    faults::Fault,
    media,
    refusals::Refusal,
    reply::{self, refusal},
    shared::Shared,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{io, sync::Arc, time::Duration};

/// Fails as it is ordered, else lets through.
pub async fn of_media(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    // what was made is fetched by whoever has the link
    if request.uri().path().starts_with(media::FILES) {
        return next.run(request).await;
    }
    let faults = match reply::faults(&shared, request.headers()) {
        Ok(faults) => faults,
        Err(refused) => return refused,
    };
    let is_order = request.method() == Method::POST;
    for fault in &faults {
        match fault {
            Fault::Slow(milliseconds) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Fault::Stall => std::future::pending().await,
            Fault::Moderation if is_order => {
                let error = "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_SANDBOX".into();
                return refusal(&Refusal { status: 403, code: "permission-denied", error });
            }
            _ => {}
        }
    }
    let marks = faults.iter().filter_map(|fault| match fault {
        Fault::VideoSlow(seconds) => Some(format!(" {}{seconds}", media::marks::SLOW)),
        Fault::LinkExpired => Some(format!(" {}", media::marks::LINK_EXPIRED)),
        _ => None,
    });
    request.extensions_mut().insert(media::Marks(marks.collect()));
    let response = next.run(request).await;
    if faults.contains(&Fault::Malformed) {
        return "{\"data\":[{\"url".into_response();
    }
    if faults.contains(&Fault::Cut) {
        // it was acted upon, and the answer breaks off
        let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"{\"req")), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
        return Response::new(Body::from_stream(broken));
    }
    response
}
