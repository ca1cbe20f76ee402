//! A server that answers raw bytes and keeps what it was asked: for everything that no well-behaved server sends.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// One request: its head and its body.
#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// What becomes of a connection once the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    Close,
    /// Open until the other side leaves.
    Stay,
    /// What follows its head comes again and again until the other side leaves.
    Again,
}

/// An answer: its bytes, and what follows.
#[derive(Debug, Clone)]
pub struct Answer(pub Vec<u8>, pub Afterwards);

/// The server. It ends with the test's process.
pub struct Raw {
    pub port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Raw {
    /// Gives these answers in turn, and the last of them for ever.
    pub fn new(answers: Vec<Answer>) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), answers)
    }
    fn at(listener: TcpListener, answers: Vec<Answer>) -> Self {
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, answers) = (asked.clone(), Arc::new(answers));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (Ok(connection), seen, answers) = (connection, seen.clone(), answers.clone()) else { return };
                std::thread::spawn(move || serve(connection, &seen, &answers));
            }
        });
        Self { port, asked }
    }
    /// Gives one answer to everybody.
    pub fn always(answer: Vec<u8>) -> Self {
        Self::new(vec![Answer(answer, Afterwards::Close)])
    }
    /// Gives everybody an answer that names the port.
    pub fn described(answer: impl FnOnce(u16) -> Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let answer = answer(listener.local_addr().unwrap().port());
        Self::at(listener, vec![Answer(answer, Afterwards::Close)])
    }
    /// Its base address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut connection: TcpStream, asked: &Mutex<Vec<Request>>, answers: &[Answer]) {
    let Some(request) = read(&mut connection) else { return };
    let number = {
        let mut asked = asked.lock().unwrap();
        asked.push(request);
        asked.len() - 1
    };
    let Some(Answer(bytes, afterwards)) = answers.get(number).or(answers.last()) else { return };
    let _ = connection.write_all(bytes);
    if *afterwards == Afterwards::Again {
        let body = bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(0, |end| end + 4);
        while connection.write_all(&bytes[body..]).is_ok() {}
    }
    if *afterwards == Afterwards::Stay {
        let _ = connection.read(&mut [0; 1]);
    }
    let _ = connection.shutdown(Shutdown::Both);
}

fn read(connection: &mut TcpStream) -> Option<Request> {
    let mut bytes = vec![];
    let mut buffer = [0; 16 << 10];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        match connection.read(&mut buffer) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let header = |name: &str| head.lines().find_map(|l| l.to_lowercase().strip_prefix(name).map(|v| v.trim().to_string()));
    let length = header("content-length:").and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    while bytes.len() < end + length {
        match connection.read(&mut buffer) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => break,
        }
    }
    Some(Request { head, body: String::from_utf8_lossy(&bytes[end..]).into_owned() })
}

/// A whole answer with its length; without one where the connection's end is the end.
pub fn answer(status: u16, kind: &str, body: &str) -> Vec<u8> {
    with_headers(status, &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len()), body)
}

/// An answer that ends with its connection.
pub fn stream(kind: &str, body: &str) -> Vec<u8> {
    with_headers(200, &format!("Content-Type: {kind}\r\n"), body)
}

/// An answer with these headers, each with its line end.
pub fn with_headers(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}Connection: close\r\n\r\n{body}").into_bytes()
}
