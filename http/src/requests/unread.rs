//! The rest of a body that the handler did not read. If the server closed the connection instead of reading it, a client or
//! proxy that is still sending would lose the answer, and with it requests of other callers on a connection that it keeps alive.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::oneshot;

/// Most bytes that are read before the answer, so that the connection can be kept: twice the limit of a JSON body.
const READ_BYTES_MAX: usize = 256 * 1024;
/// Longest wait for them.
const READ_WITHIN: Duration = Duration::from_secs(2);
/// Most bytes that are read after an answer that closes the connection: more than the largest upload. A client that sends
/// more may lose the answer.
const LINGER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Longest wait for them.
const LINGER_WITHIN: Duration = Duration::from_secs(10);

/// Channel by which the body of a request returns, if it has one.
#[derive(Debug)]
pub struct Unread(Option<oneshot::Receiver<Rest>>);

impl Unread {
    /// Lends the body to the handler. It returns when the handler drops it before its end.
    pub fn lend(request: &mut Request) -> Self {
        if request.body().is_end_stream() {
            return Self(None);
        }
        let awaits_permission = request.headers().contains_key(header::EXPECT);
        let (way_back, returned) = oneshot::channel();
        let body = std::mem::take(request.body_mut());
        let rest = Rest { body, awaits_permission };
        *request.body_mut() = Body::new(Lent { rest: Some(rest), way_back: Some(way_back) });
        Self(Some(returned))
    }

    /// Reads the rest of the body. If it is too long or too slow, the answer closes the connection, and reading goes on in the
    /// background.
    pub async fn read_before(self, answer: &mut Response) {
        let Some(mut rest) = self.0.and_then(|mut returned| returned.try_recv().ok()) else { return };
        if rest.awaits_permission {
            // The client sends nothing until it is asked to.
            close(answer.headers_mut());
        } else if !has_ended(&mut rest.body, READ_BYTES_MAX, READ_WITHIN).await {
            close(answer.headers_mut());
            tokio::spawn(async move { has_ended(&mut rest.body, LINGER_BYTES_MAX, LINGER_WITHIN).await });
        }
    }
}

fn close(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// Reads and discards. Returns true if the body ended within the limits.
async fn has_ended(body: &mut Body, bytes_max: usize, within: Duration) -> bool {
    let read = async {
        let mut left = bytes_max;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(still_left) = left.checked_sub(length) else { return false };
            left = still_left;
        }
        true
    };
    tokio::time::timeout(within, read).await.unwrap_or(false)
}

/// A body that was not read to its end.
#[derive(Debug)]
struct Rest {
    body: Body,
    /// The client waits for `100 Continue` (RFC 9110, 10.1.1), which reading would send.
    awaits_permission: bool,
}

/// A body that goes back when it is dropped before its end.
struct Lent {
    rest: Option<Rest>,
    way_back: Option<oneshot::Sender<Rest>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        rest.awaits_permission = false;
        let frame = Pin::new(&mut rest.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(|rest| rest.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.rest.as_ref().map_or(SizeHint::with_exact(0), |rest| rest.body.size_hint())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(rest), Some(way_back)) = (self.rest.take(), self.way_back.take())
            && !rest.body.is_end_stream()
        {
            // Without a receiver the connection is gone.
            let _ = way_back.send(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc};

    use axum::{Router, routing::post};
    use jiff::Timestamp;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };
    use uuid::Uuid;

    use super::*;
    use crate::{Edge, Limits, Problem, RawBody, Secret, TrustedProxies, complete};

    /// A server whose handlers answer before they read the body, but for `/read`. An address has three requests.
    async fn start() -> SocketAddr {
        let secret = Secret::new([1; 32]).unwrap();
        let limits = Limits { requests_per_address: "3/1h".parse().unwrap(), ..Limits::OFF };
        let now = || Timestamp::UNIX_EPOCH;
        let edge = Edge::new(&secret, &limits, TrustedProxies::default(), now, Uuid::nil);
        let router = Router::new()
            .route("/refuse", post(async || Problem::unauthorized()))
            .route("/read", post(async |RawBody(body): RawBody| body.len().to_string()))
            .with_state(Arc::clone(&edge));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = complete(router, &edge);
        tokio::spawn(axum::serve(listener, router).into_future());
        address
    }

    fn head(path: &str, length: usize, more: &str) -> String {
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n")
    }

    /// Reads one answer: its head in lower case.
    async fn answer(connection: &mut TcpStream) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            read.push(connection.read_u8().await.expect("the head of an answer"));
        }
        let head = String::from_utf8(read).unwrap().to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        connection.read_exact(&mut body).await.unwrap();
        head
    }

    #[tokio::test]
    async fn a_connection_survives_an_answer_before_its_body() {
        for (path, status) in [("/refuse", "401"), ("/nowhere", "404"), ("/read", "413")] {
            let mut connection = TcpStream::connect(start().await).await.unwrap();
            let length = if path == "/read" { 200_000 } else { 100_000 };
            connection.write_all(head(path, length, "").as_bytes()).await.unwrap();
            // The server has nothing but the head for a while.
            tokio::time::sleep(Duration::from_millis(100)).await;
            connection.write_all(&vec![b'x'; length]).await.unwrap();
            let refused = answer(&mut connection).await;
            assert!(refused.contains(status) && !refused.contains("connection: close"), "{refused}");

            connection.write_all((head("/read", 3, "") + "abc").as_bytes()).await.unwrap();
            assert!(answer(&mut connection).await.contains(" 200 "), "{path}");
        }
    }

    #[tokio::test]
    async fn a_connection_survives_an_answer_to_too_many_requests() {
        let mut connection = TcpStream::connect(start().await).await.unwrap();
        for status in ["401", "401", "401", "429", "429"] {
            connection.write_all(head("/refuse", 5, "").as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            connection.write_all(b"12345").await.unwrap();
            let refused = answer(&mut connection).await;
            assert!(refused.contains(status) && !refused.contains("connection: close"), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_long_body_is_answered_and_the_connection_closed_without_a_reset() {
        let mut connection = TcpStream::connect(start().await).await.unwrap();
        connection.write_all(head("/refuse", 5_000_000, "").as_bytes()).await.unwrap();
        connection.write_all(&vec![b'x'; 5_000_000]).await.expect("the server reads it all");
        let refused = answer(&mut connection).await;
        assert!(refused.contains("401") && refused.contains("connection: close"), "{refused}");
        assert_eq!(connection.read(&mut [0]).await.unwrap(), 0, "an end and no reset");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_delays_the_answer_by_two_seconds_at_most() {
        let mut connection = TcpStream::connect(start().await).await.unwrap();
        connection.write_all(head("/refuse", 10, "").as_bytes()).await.unwrap();
        let refused = tokio::time::timeout(LINGER_WITHIN, answer(&mut connection)).await.unwrap();
        assert!(refused.contains("401") && refused.contains("connection: close"), "{refused}");
    }

    #[tokio::test]
    async fn a_client_that_waits_for_permission_is_not_asked_for_a_body_that_nobody_reads() {
        let mut connection = TcpStream::connect(start().await).await.unwrap();
        let expecting = head("/refuse", 10, "Expect: 100-continue\r\n");
        connection.write_all(expecting.as_bytes()).await.unwrap();
        let refused = answer(&mut connection).await;
        assert!(refused.contains("401") && refused.contains("connection: close"), "{refused}");
    }
}
