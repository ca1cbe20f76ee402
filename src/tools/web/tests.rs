//! Real pages over loopback, which only `private: true` lets pass.

#![expect(clippy::disallowed_methods, reason = "the servers of a test run beside it")]

use super::{Browser, Limits, Page};
use crate::http::{client::Clients, proxies::Proxies};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use std::{
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn limits() -> Limits {
    Limits { private: true, time: Duration::from_secs(20), ..Limits::default() }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Fetches with a client of its own.
async fn ask(address: &str, limits: &Limits) -> Result<Page, String> {
    Browser::new(&Clients::default(), limits.clone()).unwrap().page(address).await
}

/// An answer of this type for every path.
async fn answering(content_type: &'static str, body: impl Into<Vec<u8>>) -> SocketAddr {
    let body: Vec<u8> = body.into();
    serve(Router::new().fallback(move || async move {
        let answer = Response::builder();
        let answer = if content_type.is_empty() { answer } else { answer.header(header::CONTENT_TYPE, content_type) };
        answer.body(Body::from(body)).unwrap()
    }))
    .await
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    for _ in 0..bytes >> 20 {
        packed.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    packed.finish().unwrap()
}

#[tokio::test]
async fn a_page_is_fetched_with_nothing_of_ours() {
    let router = Router::new().route(
        "/page",
        get(|headers: HeaderMap| async move {
            let mut names: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
            names.sort();
            ([(header::CONTENT_TYPE, "text/html")], format!("<title>T</title><pre>{}</pre><a href=next>on</a>", names.join("\n")))
        }),
    );
    let at = serve(router).await;
    let page = ask(&format!("http://{at}/page#part"), &limits()).await.unwrap();
    assert_eq!((page.address, page.title.as_str(), page.cut), (format!("http://{at}/page"), "T", false));
    let expected = format!(
        "```\naccept-encoding: gzip\naccept: text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,*/*;q=0.5\nhost: {at}\n\
         user-agent: hermes/{}\n```\n\n[on](http://{at}/next)",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(page.text, expected);
}

#[tokio::test]
async fn inside_is_refused_at_every_hop() {
    let strict = Limits { private: false, ..limits() };
    let at = answering("text/plain", "secret").await;
    for host in ["127.0.0.1", "localhost", "a.localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let error = ask(&format!("http://{host}:{}/", at.port()), &strict).await.unwrap_err();
        assert!(error.contains("not on the public internet"), "{host}: {error}");
    }
    // a client that is strict stays so where the address is not judged: its names are
    let mut browser = Browser::new(&Clients::default(), strict).unwrap();
    browser.limits = limits();
    let error = browser.page(&format!("http://localhost:{}/", at.port())).await.unwrap_err();
    assert_eq!(error, "localhost is not on the public internet, and only public addresses may be fetched.");
}

#[tokio::test]
async fn a_public_page_leads_nowhere_inside() {
    // a proxy stands in for the public internet: it answers whatever address it is asked for
    let router = Router::new().fallback(|uri: axum::http::Uri| async move {
        match uri.to_string().as_str() {
            "http://8.8.8.8/page" | "http://name.invalid/page" => "public".into_response(),
            "http://8.8.8.8/far" => Redirect::to("http://name.invalid/page").into_response(),
            "http://8.8.8.8/name" => Redirect::to("http://localhost/").into_response(),
            "http://8.8.8.8/in" => Redirect::to("http://169.254.169.254/latest").into_response(),
            "http://8.8.8.8/later" => Redirect::to("/in").into_response(),
            _ => "secret".into_response(),
        }
    });
    let proxy = format!("http://{}", serve(router).await);
    let strict = Limits { private: false, ..limits() };
    let clients = Clients::new(Proxies::read(|name| (name == "http_proxy").then(|| proxy.clone())));
    let browser = Browser::new(&clients, strict).unwrap();
    let of = async |path: &str| browser.page(&format!("http://8.8.8.8{path}")).await.map(|page| page.text);
    assert_eq!((of("/page").await.as_deref(), of("/far").await.as_deref()), (Ok("public"), Ok("public")));
    for (path, host) in [("/name", "localhost"), ("/in", "169.254.169.254"), ("/later", "169.254.169.254")] {
        assert!(of(path).await.unwrap_err().starts_with(&format!("{host} is not on the public")), "{path}");
    }
}

#[tokio::test]
async fn redirects_are_followed_by_their_rules() {
    let hop = |Path(n): Path<u32>| async move {
        match n {
            0 => "there".into_response(),
            n => Redirect::temporary(&format!("{}#x", n - 1)).into_response(),
        }
    };
    let to = |to: &'static str| get(move || async move { (StatusCode::FOUND, [(header::LOCATION, to)]) });
    let router = Router::new()
        .route("/hop/{n}", get(hop))
        .route("/round", to("/round/2"))
        .route("/round/2", to("/round"))
        .route("/file", to("file:///etc/passwd"))
        .route("/user", to("http://sam:pw@example.com/"))
        .route("/broken", to("http://["))
        .route("/nowhere", get(|| async { StatusCode::FOUND }));
    let at = serve(router).await;
    let of = async |path: &str| ask(&format!("http://{at}{path}"), &limits()).await;
    let page = of("/hop/5").await.unwrap();
    assert_eq!((page.text.as_str(), page.address), ("there", format!("http://{at}/hop/0")));
    for (path, said) in [
        ("/hop/6", "more than 5 times"),
        ("/round", "in a circle"),
        ("/file", "not file"),
        ("/user", "user name"),
        ("/broken", "no address"),
        ("/nowhere", "answered 302 Found."),
    ] {
        let error = of(path).await.unwrap_err();
        assert!(error.contains(said), "{path}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_by_name() {
    let at = answering("image/png", vec![0; 2_345_678]).await;
    assert_eq!(ask(&format!("http://{at}/"), &limits()).await.unwrap_err(), "That is image/png of 2.3 MB, not a page with text.");
    let at = answering("", b"%PDF-1.7".to_vec()).await;
    assert_eq!(ask(&format!("http://{at}/"), &limits()).await.unwrap_err(), "That is a PDF file, not text.");
    let at = answering("text/plain", b"a\0b".to_vec()).await;
    assert!(ask(&format!("http://{at}/"), &limits()).await.unwrap_err().contains("binary"));
    let at = answering("application/json", "{\"a\": \"<p>\"}").await;
    assert_eq!(ask(&format!("http://{at}/"), &limits()).await.unwrap().text, "{\"a\": \"<p>\"}");
    let at = answering("text/html; charset=windows-1252", b"<meta charset=utf-8>gr\xfc\xdfe".to_vec()).await;
    assert_eq!(ask(&format!("http://{at}/"), &limits()).await.unwrap().text, "grüße");
}

#[tokio::test]
async fn an_error_tells_what_the_server_says() {
    let long = format!("<h1>No   such\u{202e} page</h1><p>{}", "x".repeat(900));
    let router = Router::new().fallback(move || async move { (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html")], long) });
    let error = ask(&format!("http://{}/", serve(router).await), &limits()).await.unwrap_err();
    let expected = format!("127.0.0.1 answered 404 Not Found: # No such page {}…", "x".repeat(300 - 15));
    assert_eq!(error, expected);
    let router = Router::new().fallback(|| async { (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "image/png")], "x") });
    assert_eq!(ask(&format!("http://{}/", serve(router).await), &limits()).await.unwrap_err(), "127.0.0.1 answered 403 Forbidden.");
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(ask(&format!("http://{gone}/"), &limits()).await.unwrap_err().starts_with("127.0.0.1 can't be reached: "));
}

#[tokio::test]
async fn only_so_much_is_read() {
    let at = answering("text/plain", "x".repeat(1_000)).await;
    let of = async |bytes, characters| {
        let page = ask(&format!("http://{at}/"), &Limits { bytes, characters, ..limits() }).await.unwrap();
        (page.text.len(), page.cut)
    };
    assert_eq!(of(1_000, 1_000).await, (1_000, false));
    assert_eq!(of(999, 1_000).await, (999, true));
    assert_eq!(of(1_000, 999).await, (999, true));
    assert_eq!(of(0, 999).await, (0, true));
}

#[tokio::test]
async fn a_bomb_costs_no_more_than_a_page() {
    // much in a few kilobytes
    let bomb = gzip(64 << 20);
    let router =
        Router::new().fallback(move || async move { ([(header::CONTENT_TYPE, "text/plain"), (header::CONTENT_ENCODING, "gzip")], bomb) });
    let at = serve(router).await;
    let page = ask(&format!("http://{at}/"), &Limits { bytes: 100_000, characters: 200_000, ..limits() }).await.unwrap();
    assert_eq!((page.text.len(), page.cut), (100_000, true));
    let router = Router::new().fallback(|| async { ([(header::CONTENT_TYPE, "text/plain"), (header::CONTENT_ENCODING, "br")], "x") });
    let error = ask(&format!("http://{}/", serve(router).await), &limits()).await.unwrap_err();
    assert_eq!(error, "The page is packed as br, which nobody asked for.");
}

/// A server that answers so much of an answer, then a byte now and then, for ever.
async fn stalling(head: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(head.as_bytes()).await;
                let mut beat = tokio::time::interval(Duration::from_millis(20));
                while !head.is_empty() && stream.write_all(b"x").await.is_ok() {
                    beat.tick().await;
                }
                // until the other side goes away
                let _ = stream.read(&mut [0; 1024]).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn a_server_that_stalls_ends_with_the_time() {
    let impatient = Limits { time: Duration::from_millis(200), ..limits() };
    for head in ["", "HTTP/1.1 200 OK\r\nx-", "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n"] {
        let began = Instant::now();
        let error = ask(&format!("http://{}/", stalling(head).await), &impatient).await.unwrap_err();
        assert_eq!(error, "127.0.0.1 did not give the page in time, which is 200ms.", "{head}");
        assert!(began.elapsed() >= impatient.time && began.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_page_that_breaks_off_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
        }
    });
    let error = ask(&format!("http://{at}/"), &limits()).await.unwrap_err();
    assert!(error.starts_with("The page broke off: "), "{error}");
}
