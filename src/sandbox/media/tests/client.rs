//! A server for one test, and a client that says no more than it must.

use super::super::{State, routes};
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A running server; dropping it ends it.
pub struct Server {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = routes().with_state(Arc::new(state));
        Self { address, task: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }) }
    }
    pub async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (host, length) = (self.address, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // a refusal may come before all was sent
        let _ = stream.write_all(body).await;
        let mut bytes = vec![];
        stream.read_to_end(&mut bytes).await.unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "authorization: Bearer xai-1\r\n", &[]).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = "authorization: Bearer xai-1\r\ncontent-type: application/json\r\n";
        self.send("POST", path, headers, body.to_string().as_bytes()).await
    }
    /// A file by its address, without a bearer.
    pub async fn fetch(&self, url: &Value) -> Answer {
        let base = format!("http://{}", self.address);
        self.send("GET", url.as_str().unwrap().strip_prefix(&base).unwrap(), "", &[]).await
    }
    /// A form; the part named `file` gets a file name.
    pub async fn form(&self, path: &str, parts: &[(&str, &[u8])]) -> Answer {
        let mut body = vec![];
        for (name, value) in parts {
            let file = if *name == "file" { "; filename=\"a.bin\"" } else { "" };
            body.extend(format!("--b1\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
            body.extend(*value);
            body.extend(b"\r\n");
        }
        body.extend(b"--b1--\r\n");
        self.send("POST", path, "authorization: Bearer x\r\ncontent-type: multipart/form-data; boundary=b1\r\n", &body).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.head, self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    /// Status and words of a refusal, which has one of two shapes.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().unwrap().to_string())
    }
}
