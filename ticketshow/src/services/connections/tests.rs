//! Connections of slow, silent and greedy clients, over real sockets.

use axum::routing::get;
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};

use super::*;

const SHORT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(20);

async fn start(router: Router, total_max: usize, waits: Waits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits =
        ConnectionLimits { total_max, per_address_max: 1, proxies: TrustedProxies::default(), waits };
    tokio::spawn(serve(listener, router, limits, None, CancellationToken::new()));
    address
}

fn router() -> Router {
    Router::new().route("/", get(async || "here"))
}

/// Sends `request` and returns the answer up to the end of the connection, or to the word `here`.
async fn send(connection: &mut TcpStream, request: &str) -> String {
    // The server may close the connection before it has read everything.
    let _ = connection.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let read = async {
        while !answer.ends_with(b"here") && connection.read_buf(&mut answer).await.unwrap_or(0) > 0 {}
    };
    timeout(PATIENCE, read).await.expect("an answer");
    String::from_utf8(answer).unwrap()
}

async fn has_ended(connection: &mut TcpStream) -> bool {
    let end = timeout(PATIENCE, connection.read(&mut [0; 1])).await;
    matches!(end, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_head_that_arrives_byte_by_byte_is_cut_off() {
    let waits = Waits { head_max: SHORT, ..Waits::USUAL };
    let (mut client, mut sender) =
        TcpStream::connect(start(router(), 9, waits).await).await.unwrap().into_split();
    let dripping = tokio::spawn(async move {
        while sender.write_all(b"G").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    let end = timeout(PATIENCE, client.read(&mut [0; 1])).await.expect("an end");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    dripping.abort();
}

#[tokio::test]
async fn a_silent_connection_is_closed_before_and_between_requests() {
    let waits = Waits { idle_max: SHORT, ..Waits::USUAL };
    let address = start(router(), 9, waits).await;
    assert!(has_ended(&mut TcpStream::connect(address).await.unwrap()).await);

    let mut client = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        let answer = send(&mut client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        tokio::time::sleep(SHORT / 4).await;
    }
    assert!(has_ended(&mut client).await);
}

#[tokio::test]
async fn a_long_answer_is_not_cut_off_by_the_silence_of_its_client() {
    let waits = Waits { head_max: SHORT / 4, idle_max: SHORT / 4, ..Waits::USUAL };
    let slow = get(async || {
        tokio::time::sleep(SHORT).await;
        Body::from_stream(stream::unfold(0, async |sent| {
            tokio::time::sleep(SHORT / 8).await;
            let part = if sent < 15 { "." } else { "here" };
            (sent < 16).then_some((Ok::<_, Infallible>(part), sent + 1))
        }))
    });
    let mut client = TcpStream::connect(start(Router::new().route("/", slow), 9, waits).await).await.unwrap();
    let answer = send(&mut client, "GET / HTTP/1.0\r\nHost: x\r\n\r\n").await;
    assert!(answer.ends_with(&(".".repeat(15) + "here")), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    let waits = Waits { stalled_max: SHORT, ..Waits::USUAL };
    let (ended, mut has_ended) = mpsc::channel::<()>(1);
    let endless = get(async move || {
        Body::from_stream(stream::repeat_with(move || {
            let _kept = &ended;
            Ok::<_, Infallible>(vec![0; 64 * 1024])
        }))
    });
    let address = start(Router::new().route("/", endless), 9, waits).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // The router keeps one sender, and the answer had a clone of it.
    let dropped = async {
        while has_ended.sender_strong_count() > 1 {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    client.read_u8().await.expect("the answer begins");
    timeout(PATIENCE, dropped).await.expect("the answer is given up");
    has_ended.close();
}

/// A connection with TLS whose client takes nothing any more.
struct Stuck;

impl AsyncRead for Stuck {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_client_that_does_not_take_the_end_of_its_connection_is_cut_off() {
    let waits = Waits { stalled_max: SHORT, ..Waits::USUAL };
    let mut stream = Patient::new(Stuck, waits, Arc::default());
    let flushed = timeout(PATIENCE, stream.flush()).await.expect("an end");
    assert_eq!(flushed.unwrap_err().kind(), io::ErrorKind::TimedOut);
    let mut stream = Patient::new(Stuck, waits, Arc::default());
    let ended = timeout(PATIENCE, stream.shutdown()).await.expect("an end");
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn connections_above_the_total_wait_until_one_ends() {
    let address = start(router(), 2, Waits::USUAL).await;
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = TcpStream::connect(address).await.unwrap();
        assert!(send(&mut client, request).await.ends_with("here"));
        clients.push(client);
    }
    let mut third = TcpStream::connect(address).await.unwrap();
    third.write_all(request.as_bytes()).await.unwrap();
    assert!(timeout(SHORT, third.read_u8()).await.is_err(), "there is no place for it");
    drop(clients);
    assert!(send(&mut third, "").await.ends_with("here"));
}

#[test]
fn proxies_and_this_machine_may_have_more_connections_than_others() {
    let at = |address: &str| address.parse::<IpAddr>().unwrap();
    let proxies = "10.0.0.0/8".parse().unwrap();
    let limits = ConnectionLimits { total_max: 1, per_address_max: 1, proxies, waits: Waits::USUAL };
    assert!(
        ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3"].into_iter().all(|it| limits.exempts(at(it)))
    );
    assert!(!limits.exempts(at("192.0.2.1")));
}

#[tokio::test]
async fn a_request_has_one_host_and_a_head_of_sixteen_kilobytes_at_most() {
    let address = start(router(), 9, Waits::USUAL).await;
    let long = |length: usize| format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(length));
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), "200"),
        (long(10_000), "200"),
        (long(17_000), "431"),
        (long(400_000), "431"),
        (format!("{} / HTTP/1.1\r\nHost: x\r\n\r\n", "Y".repeat(390_000)), "431"),
    ] {
        let mut client = TcpStream::connect(address).await.unwrap();
        let answer = send(&mut client, &request).await;
        assert_eq!(answer.get(9..12), Some(status), "{answer}");
    }
}
