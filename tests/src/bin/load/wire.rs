//! HTTP/1.1 over one kept connection, as cheaply as possible: the load generator shares the processors with the servers that
//! it measures, and the client of the other tests (`ticketshow-http-client`) would take a large part of them. Requests are
//! preformatted; only the requested parts of an answer are read.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer, valid until the next exchange.
pub struct Reply<'a> {
    pub status: u16,
    head: &'a [u8],
    pub body: &'a [u8],
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], filled: 0 })
    }

    /// Sends one request and reads its whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Reply<'_>> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        let head = loop {
            let searched = self.filled.saturating_sub(3);
            self.fill().await?;
            if let Some(at) = find(&self.buffer[searched..self.filled], b"\r\n\r\n") {
                break searched + at + 4;
            }
        };
        let length = header(&self.buffer[..head], b"content-length").and_then(number).unwrap_or(0);
        let end = head + usize::try_from(length).map_err(io::Error::other)?;
        while self.filled < end {
            self.fill().await?;
        }
        let status = number(&self.buffer[9..12]).and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
        let (head, rest) = self.buffer.split_at(head);
        Ok(Reply { status, head, body: &rest[..end - head.len()] })
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        match self.stream.read(&mut self.buffer[self.filled..]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.filled += read;
                Ok(())
            }
        }
    }
}

impl Reply<'_> {
    /// `Stream-Position`, 0 if there is none.
    pub fn position(&self) -> u64 {
        header(self.head, b"stream-position").and_then(number).unwrap_or(0)
    }

    /// The text of the first JSON member with this name.
    pub fn text(&self, member: &str) -> Option<&str> {
        let body = std::str::from_utf8(self.body).ok()?;
        let (_, rest) = body.split_once(&format!("\"{member}\":\""))?;
        rest.split_once('"').map(|(text, _)| text)
    }
}

/// Writes a request; `extra` are whole header lines.
pub fn request(into: &mut Vec<u8>, method_and_path: &str, token: &str, extra: &str, body: &str) {
    into.clear();
    let mut push = |text: &str| into.extend_from_slice(text.as_bytes());
    push(method_and_path);
    push(" HTTP/1.1\r\nhost: load\r\n");
    if !token.is_empty() {
        push("authorization: Bearer ");
        push(token);
        push("\r\n");
    }
    push(extra);
    if !body.is_empty() {
        push("content-type: application/json\r\ncontent-length: ");
        push(&body.len().to_string());
        push("\r\n");
    }
    push("\r\n");
    push(body);
}

fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
