//! A TCP proxy that understands NATS: it records the requests of a client, and can change the answers of replicas.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::site::Site;

/// Fate of an answer.
#[derive(Debug)]
pub enum Fate {
    Unchanged,
    Lost,
    /// Replaced by an answer of these headers alone.
    Replaced(String),
}

type Rewrite = Box<dyn FnMut(&str) -> Fate + Send>;

pub struct Proxy {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that shows the headers of every answer to `rewrite`.
    pub async fn start(site: &Site, rewrite: impl FnMut(&str) -> Fate + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let rewrite: Arc<Mutex<Rewrite>> = Arc::new(Mutex::new(Box::new(rewrite)));
        let (recorded, server_port) = (Arc::clone(&requests), site.nats.place().port);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server_port)).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(forward_requests(from_client, to_server, Arc::clone(&recorded)));
                tokio::spawn(forward_answers(from_server, to_client, Arc::clone(&rewrite)));
            }
        });
        Self { port, requests }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Subjects that the client published to since the last call.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

/// A replica that does not have the messages after `end` yet.
pub fn lagging(end: u64) -> impl FnMut(&str) -> Fate + Send + 'static {
    // The last message of the current page that the replica has.
    let mut last = 0;
    move |headers| {
        let own = number(headers, "Nats-Sequence");
        let previous = number(headers, "Nats-Last-Sequence");
        if previous == Some(0) {
            last = 0;
        }
        match (own, previous) {
            (Some(own), None) if own > end => Fate::Replaced("NATS/1.0 404 Message Not Found\r\n\r\n".into()),
            (Some(own), Some(_)) if own > end => Fate::Lost,
            (Some(own), _) => {
                last = own;
                Fate::Unchanged
            }
            (None, Some(_)) => Fate::Replaced(format!(
                "NATS/1.0 204 EOB\r\nNats-Num-Pending: 0\r\nNats-Last-Sequence: {last}\r\n\r\n"
            )),
            (None, None) => Fate::Unchanged,
        }
    }
}

/// A connection that loses the message with one sequence on its way from a replica, the first time.
pub fn losing_once(lost: u64) -> impl FnMut(&str) -> Fate + Send + 'static {
    let mut lost = Some(lost);
    move |headers| {
        let own = number(headers, "Nats-Sequence");
        if own.is_some() && lost == own {
            lost = None;
            return Fate::Lost;
        }
        Fate::Unchanged
    }
}

fn number(headers: &str, name: &str) -> Option<u64> {
    headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.trim().parse().ok())
}

async fn forward_requests(from: OwnedReadHalf, mut to: OwnedWriteHalf, requests: Arc<Mutex<Vec<String>>>) {
    let mut from = BufReader::new(from);
    while let Some((line, body)) = frame(&mut from).await {
        if line.starts_with("PUB ") || line.starts_with("HPUB ") {
            let subject = line.split_ascii_whitespace().nth(1).unwrap_or_default();
            requests.lock().unwrap().push(subject.to_owned());
        }
        if to.write_all(&[line.as_bytes(), &body].concat()).await.is_err() {
            return;
        }
    }
}

async fn forward_answers(from: OwnedReadHalf, mut to: OwnedWriteHalf, rewrite: Arc<Mutex<Rewrite>>) {
    let mut from = BufReader::new(from);
    while let Some((line, body)) = frame(&mut from).await {
        let mut bytes = [line.as_bytes(), &body].concat();
        if line.starts_with("HMSG ") {
            let tokens: Vec<_> = line.split_ascii_whitespace().collect();
            let (place, lengths) = tokens.split_at(tokens.len() - 2);
            let headers = String::from_utf8_lossy(&body[..lengths[0].parse().unwrap()]);
            match (*rewrite.lock().unwrap())(&headers) {
                Fate::Unchanged => {}
                Fate::Lost => continue,
                Fate::Replaced(headers) => {
                    let length = headers.len();
                    bytes = format!("{} {length} {length}\r\n{headers}\r\n", place.join(" ")).into_bytes();
                }
            }
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Reads a line of the protocol, and the payload that follows it.
async fn frame(from: &mut BufReader<OwnedReadHalf>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    if from.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let mut body = Vec::new();
    if ["PUB ", "HPUB ", "MSG ", "HMSG "].iter().any(|verb| line.starts_with(verb)) {
        let length: usize = line.split_ascii_whitespace().next_back()?.parse().ok()?;
        body.resize(length + 2, 0);
        from.read_exact(&mut body).await.ok()?;
    }
    Some((line, body))
}
