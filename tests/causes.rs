//! Each cause has its own sentence: certificates over real TLS, proxies that are set and never gone round, addresses where nobody is.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/raw.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod raw;

use assert_cmd::Command;
use raw::Raw;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A whole answer of a model.
const WHOLE: &str = r#"{"choices":[{"message":{"role":"assistant","content":"Whole."},"finish_reason":"stop"}]}"#;

/// One question with `--json`: its status, its last event, and standard error.
fn ask(address: &str, variables: &[(&str, &str)]) -> (i32, Value, String) {
    let home = tempfile::tempdir().unwrap();
    let config = format!("model: {{default: m, provider: custom, base_url: \"{address}\", api_key: sk-x}}\n");
    std::fs::write(home.path().join("config.yaml"), config).unwrap();
    let mut command = Command::cargo_bin("hermes").unwrap();
    command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).current_dir(home.path());
    command.envs(variables.iter().copied()).args(["chat", "--json", "-q", "hello"]).timeout(std::time::Duration::from_secs(60));
    let out = command.output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let last = serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{out:?}"));
    (out.status.code().unwrap_or(-1), last, String::from_utf8_lossy(&out.stderr).into_owned())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls").join(name)
}

/// A server with a certificate of an authority that nobody trusts by itself; gives its port, and how often it was called.
fn over_tls() -> (u16, Arc<AtomicUsize>) {
    let chain = CertificateDer::pem_file_iter(fixture("server.pem")).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let calls: Arc<AtomicUsize> = Arc::default();
    let counted = calls.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), connection);
            let mut seen = vec![];
            let mut buffer = [0; 4096];
            // the question ends with its body, which ends with this bracket
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                seen.extend_from_slice(&buffer[..read]);
                if seen.ends_with(b"}") {
                    let _ = stream.write_all(&raw::answer(200, "application/json", WHOLE));
                    break;
                }
            }
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (port, calls)
}

#[test]
fn a_certificate_counts_on_this_machine_too_when_its_authority_is_trusted() {
    let (port, calls) = over_tls();
    for host in ["localhost", "127.0.0.1"] {
        let address = format!("https://{host}:{port}/v1");
        let (status, event, told) = ask(&address, &[("SSL_CERT_FILE", fixture("ca.pem").to_str().unwrap())]);
        assert_eq!((status, event["type"].as_str()), (0, Some("done")), "{event} {told}");
    }
    calls.store(0, Ordering::SeqCst);
    let (status, event, _) = ask(&format!("https://localhost:{port}/v1"), &[]);
    assert_eq!((status, event["code"].as_str()), (1, Some("unreachable")), "{event}");
    assert!(
        event["message"].as_str().unwrap().contains("certificate") && event["help"].as_str().unwrap().contains("SSL_CERT_FILE"),
        "{event}"
    );
    assert!(event["cause"].as_str().is_some_and(|cause| cause.contains("UnknownIssuer")), "{event}");
    assert_eq!(calls.load(Ordering::SeqCst), 1, "what can't pass is not tried again");
}

#[test]
fn nothing_goes_round_a_proxy_that_is_set() {
    for (variable, value) in
        [("ALL_PROXY", "socks://127.0.0.1:1"), ("HTTPS_PROXY", "http://127.0.0.1:1"), ("https_proxy", "nonsense://sam:hunter22@x")]
    {
        let (status, event, _) = ask("https://192.0.2.1:9/v1", &[(variable, value)]);
        assert_eq!((status, event["code"].as_str()), (1, Some("proxy_refused")), "{variable}: {event}");
        let told = event.to_string();
        assert!(told.contains(&format!("`{variable}`")) && !told.contains("hunter22"), "{told}");
    }
    let wants_password = Raw::always(raw::answer(407, "text/html", "<title>Who are you?</title>"));
    let proxy = format!("http://sam:hunter22@127.0.0.1:{}", wants_password.port);
    let (status, event, _) = ask("https://api.example/v1", &[("all_proxy", &proxy)]);
    assert_eq!((status, event["code"].as_str()), (1, Some("proxy_refused")), "{event}");
    assert!(event["message"].as_str().unwrap().contains("password") && !event.to_string().contains("hunter22"), "{event}");
    assert_eq!(wants_password.asked().len(), 1, "tried once");
    assert!(wants_password.asked()[0].head.starts_with("CONNECT api.example:443 "));
    // what is on this machine is reached without anybody else
    let server = Raw::always(raw::answer(200, "application/json", WHOLE));
    let (status, event, _) = ask(&server.address(), &[("all_proxy", &proxy)]);
    assert_eq!((status, event["type"].as_str(), server.asked().len()), (0, Some("done"), 1), "{event}");
}

#[test]
fn a_server_says_how_long_to_wait_and_is_believed_within_reason() {
    let refusal = |when: &str| {
        let headers = format!("Content-Type: text/plain\r\nRetry-After: {when}\r\nContent-Length: 4\r\n");
        raw::with_headers(429, &headers, "slow")
    };
    let date = |seconds| (chrono::Utc::now() + chrono::TimeDelta::seconds(seconds)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let times = |server: &Raw| server.asked().len();
    // soon, as a number and as a date: asked again after that
    for when in ["0".to_string(), "0.2".into(), date(1), date(-60)] {
        let server = Raw::new(vec![
            raw::Answer(refusal(&when), raw::Afterwards::Close),
            raw::Answer(raw::answer(200, "application/json", WHOLE), raw::Afterwards::Close),
        ]);
        let (status, last, told) = ask(&server.address(), &[]);
        assert_eq!((status, times(&server)), (0, 2), "{when}: {last} {told}");
    }
    // longer than anybody waits: said at once, with the time
    for when in [date(18 * 60 + 20), "1100".into()] {
        let server = Raw::always(refusal(&when));
        let (status, last, told) = ask(&server.address(), &[]);
        assert_eq!((status, times(&server), last["code"].as_str()), (1, 1, Some("rate_limited")), "{when}: {last}");
        assert!(last["message"].as_str().unwrap_or_default().contains("wait 18m"), "{last} {told}");
    }
}

#[test]
fn a_key_in_the_file_of_variables_is_found_however_it_is_written() {
    let utf16 = |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>();
    let cases: [(&str, Vec<u8>); 13] = [
        ("bare", b"CUSTOM_API_KEY=sk-x".into()),
        ("of Windows", b"OTHER=1\r\nCUSTOM_API_KEY=sk-x\r\n".into()),
        ("marked", "\u{feff}CUSTOM_API_KEY=sk-x\n".into()),
        ("UTF-16", utf16("CUSTOM_API_KEY=sk-x\r\n")),
        ("exported", b"export \tCUSTOM_API_KEY=sk-x\n".into()),
        ("with blanks and a note", b"  CUSTOM_API_KEY = sk-x   # mine\n".into()),
        ("in quotes", b"CUSTOM_API_KEY=\"sk-x\" # mine\n".into()),
        ("in single quotes", b"CUSTOM_API_KEY='sk-x'\n".into()),
        ("twice", b"CUSTOM_API_KEY=sk-old\nCUSTOM_API_KEY=sk-x\n".into()),
        ("of another above", b"MINE=sk\nCUSTOM_API_KEY=${MINE}-x\n".into()),
        ("of the shell", b"CUSTOM_API_KEY=\"${FROM_SHELL}-x\"\n".into()),
        ("glued to another", b"OPENAI_API_KEY=sk-oCUSTOM_API_KEY=sk-x\n".into()),
        ("where there is no other", b"CUSTOM_API_KEY=${NOWHERE:-sk}-x\n".into()),
    ];
    let server = Raw::always(raw::answer(200, "application/json", WHOLE));
    for (spelling, file) in cases {
        let home = tempfile::tempdir().unwrap();
        let config = format!("model: {{default: m, provider: custom, base_url: \"{}\"}}\n", server.address());
        std::fs::write(home.path().join("config.yaml"), config).unwrap();
        std::fs::write(home.path().join(".env"), file).unwrap();
        let mut command = Command::cargo_bin("hermes").unwrap();
        command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).env("FROM_SHELL", "sk").current_dir(home.path());
        command.args(["-z", "hello"]).timeout(std::time::Duration::from_secs(60)).assert().success();
        let head = server.asked().last().unwrap().head.to_lowercase();
        assert!(head.contains("authorization: bearer sk-x\r\n"), "{spelling}: {head}");
    }
}
