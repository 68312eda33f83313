//! A server that answers as it is told and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How one request is met.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// With this status and these words.
    Status(u16, &'static str),
    /// Not at all: the connection is closed once the request is read.
    Cut,
    /// Nothing comes for this long, and then the connection is closed.
    Hang(Duration),
}

/// A request that was answered with success: its path, its `Authorization`, its JSON.
pub(super) type Request = (String, String, Value);

pub(super) struct Fake {
    pub(super) address: String,
    taken: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    /// Meets the first requests as told, and all others with `{"experimentKey":"run7","run":{"info":{"run_id":..}}}`.
    pub(super) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (shared, mut answers) = (Arc::clone(&taken), VecDeque::from(answers.to_vec()));
        thread::spawn(move || {
            for stream in listener.incoming() {
                meet(stream.unwrap(), answers.pop_front(), &shared);
            }
        });
        Self { address, taken }
    }

    pub(super) fn taken(&self) -> Vec<Request> {
        self.taken.lock().unwrap().clone()
    }

    /// The bodies of the requests to a path that ends like that.
    pub(super) fn bodies(&self, path: &str) -> Vec<Value> {
        self.taken().into_iter().filter(|request| request.0.ends_with(path)).map(|request| request.2).collect()
    }
}

fn meet(mut stream: TcpStream, answer: Option<Answer>, taken: &Mutex<Vec<Request>>) {
    let Some(request) = read(&stream) else { return };
    let (status, words) = match answer {
        None => (200, r#"{"experimentKey":"run7","run":{"info":{"run_id":"run7"}}}"#),
        Some(Answer::Status(status, words)) => (status, words),
        Some(Answer::Cut) => return,
        Some(Answer::Hang(time)) => return thread::sleep(time),
    };
    if status == 200 {
        taken.lock().unwrap().push(request);
    }
    let length = words.len();
    let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{words}");
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let (mut length, mut authorization) = (0, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorization = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, authorization, serde_json::from_slice(&body).ok()?))
}
