//! The listener that the browser comes back to: on 127.0.0.1 only, its own path only, the first final answer counts
//! (RFC 8252, `docs/sign-in.md` 3.3). Closed when it is dropped.

use crate::domain::secret::Secret;
use crate::oauth::{
    error::Error,
    page::{Page, html},
    paste::{Answer, Origin},
};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    response::{Html, IntoResponse, Response},
};
use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

/// The port that xAI and the forwarding instructions know.
pub const PORT: u16 = 56_121;
/// The path that the browser comes back to.
pub const PATH: &str = "/callback";
/// Pages that may read the answer of the listener.
const ORIGINS: [&str; 2] = ["https://accounts.x.ai", "https://auth.x.ai"];
/// A browser that reads the last page is waited for so long.
const GOODBYE: Duration = Duration::from_millis(700);

/// A bound port; nothing is answered before `serve`.
pub struct Listener {
    socket: TcpListener,
    port: u16,
}

/// What the handlers share.
struct Shared {
    state: String,
    port: u16,
    latched: AtomicBool,
    answers: mpsc::Sender<Result<Secret, Error>>,
}

/// Tells the server that it may end.
pub struct Server {
    answers: mpsc::Receiver<Result<Secret, Error>>,
    stop: Option<oneshot::Sender<()>>,
}

/// Binds the port that is known, else any free one.
pub async fn bind() -> Result<Listener, Error> {
    let socket = match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).await {
        Ok(socket) => socket,
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|e| Error::BindFailed(e.to_string()))?,
    };
    let port = socket.local_addr().map_err(|e| Error::BindFailed(e.to_string()))?.port();
    Ok(Listener { socket, port })
}

/// The address that the browser comes back to at a port.
pub fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

impl Listener {
    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }
    /// Answers the browser; to be run beside whoever waits for the `Server`'s answer.
    pub fn serve(self, state: &str) -> (Server, impl Future<Output = ()> + use<>) {
        let (sender, answers) = mpsc::channel(8);
        let (stop, stopped) = oneshot::channel::<()>();
        let shared = Arc::new(Shared { state: state.to_string(), port: self.port, latched: AtomicBool::new(false), answers: sender });
        let router = Router::new().fallback(answer).with_state(shared);
        let serving = async move {
            let graceful = axum::serve(self.socket, router).with_graceful_shutdown(async move {
                let _ = stopped.await;
            });
            // a listener that breaks leaves the other ways to sign in
            let _ = graceful.await;
        };
        (Server { answers, stop: Some(stop) }, serving)
    }
}

impl Server {
    /// What came: a stranger's refusal, which ends nothing, or the first final answer: a code, or why there is none.
    pub async fn answer(&mut self) -> Result<Secret, Error> {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
    /// Stops listening, letting the browser read its page. `serving` is what `serve` gave.
    pub async fn close(mut self, serving: impl Future) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(GOODBYE, serving).await;
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut response = respond(&shared, &request);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn respond(shared: &Shared, request: &Request) -> Response {
    // a page elsewhere whose name was made to point here; and no browser that comes back speaks anything newer without TLS
    if request.version() > Version::HTTP_11 || !is_own_host(request, shared.port) {
        return (StatusCode::FORBIDDEN, "not for this host").into_response();
    }
    let cors = cors(request.headers());
    if request.method() == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, cors).into_response();
    }
    if request.method() != Method::GET {
        return (StatusCode::NOT_IMPLEMENTED, "only GET is answered here").into_response();
    }
    if request.uri().path() != PATH {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    let (status, page) = callback(shared, request.uri().query().unwrap_or_default());
    (status, cors, Html(page)).into_response()
}

fn callback(shared: &Shared, query: &str) -> (StatusCode, String) {
    let answer = Answer::of_query(query);
    if answer.code.is_none() && answer.error.is_none() {
        return (StatusCode::BAD_REQUEST, html(Page::Nothing));
    }
    let result = answer.check(&shared.state, Origin::Listener);
    let is_final = !matches!(result, Err(Error::Stranger(_)));
    if is_final && shared.latched.swap(true, Ordering::SeqCst) {
        return (StatusCode::OK, html(Page::Already));
    }
    let page = match &result {
        Err(Error::Stranger(reason)) => (StatusCode::BAD_REQUEST, html(Page::Stranger(reason))),
        Err(Error::StateMismatch) => (StatusCode::BAD_REQUEST, html(Page::WrongState)),
        Err(Error::Denied(reason)) => (StatusCode::OK, html(Page::Refused(reason))),
        _ => (StatusCode::OK, html(Page::Received)),
    };
    // strangers leave room for the one answer that is latched
    if is_final || shared.answers.capacity() > 1 {
        let _ = shared.answers.try_send(result);
    }
    page
}

fn is_own_host(request: &Request, port: u16) -> bool {
    let is_own = |host: &str| ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| host.eq_ignore_ascii_case(&format!("{own}:{port}")));
    let host = request.headers().get(header::HOST).map(|host| host.to_str().is_ok_and(is_own));
    let in_address = request.uri().authority().map(|authority| is_own(authority.as_str()));
    // HTTP/1.0 has neither, and no browser speaks that
    host.unwrap_or(true) && in_address.unwrap_or(true)
}

fn cors(headers: &HeaderMap) -> HeaderMap {
    let mut cors = HeaderMap::new();
    let origin = headers.get(header::ORIGIN).filter(|o| ORIGINS.iter().any(|known| o.as_bytes() == known.as_bytes()));
    let Some(origin) = origin else { return cors };
    cors.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    cors.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, OPTIONS"));
    cors.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
    cors.insert(HeaderName::from_static("access-control-allow-private-network"), HeaderValue::from_static("true"));
    cors.insert(header::VARY, HeaderValue::from_static("Origin"));
    cors
}
