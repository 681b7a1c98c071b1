//! Connections of HTTP clients: how many there may be, how long they may be silent, and how they end at shutdown.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Response, Version, header},
    response::IntoResponse,
};
use futures_util::task::AtomicWaker;
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use ticketshow_http::{PlacesPerAddress, Problem, TrustedProxies};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::Sleep,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Largest head of a request, in bytes: no browser sends half as much.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Pause after the system refused a connection, for example because too many files are open.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);

/// Longest waits for a client.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Arrival of the head of a request after its first byte.
    pub head_max: Duration,
    /// Silence between two requests.
    pub idle_max: Duration,
    /// Time in which a client takes nothing of its answer.
    pub stalled_max: Duration,
}

impl Waits {
    /// Proxies usually keep an idle connection for less than `idle_max` (nginx 60 s), so that they end it and not the server
    /// while a request is under way.
    pub const USUAL: Self = Self {
        head_max: Duration::from_secs(10),
        idle_max: Duration::from_secs(75),
        stalled_max: Duration::from_secs(30),
    };
}

/// Limits on connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Most connections of the process. More wait until one ends.
    pub total_max: usize,
    /// Most connections of one address or IPv6 network. More are closed.
    pub per_address_max: usize,
    /// Proxies, which connect for many clients.
    pub proxies: TrustedProxies,
    /// Longest waits for a client.
    pub waits: Waits,
}

impl ConnectionLimits {
    /// Returns true for an address that connects for many clients: a trusted proxy, or a program of this machine.
    fn exempts(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.proxies.trusts(address.to_canonical())
    }
}

/// Serves until `stop`, then finishes the requests in flight. With `tls`, by HTTPS.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.total_max));
    let (per_address, mut connections) = (PlacesPerAddress::new(limits.per_address_max), JoinSet::new());
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if has_left(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(REFUSED_PAUSE).await;
                continue;
            }
        };
        let own_place = per_address.take(peer.ip());
        if own_place.is_none() && !limits.exempts(peer.ip()) {
            continue;
        }
        let (router, waits, tls, stop) = (router.clone(), limits.waits, tls.clone(), stop.clone());
        connections.spawn(async move {
            // If this fails, the connection is about to fail anyway.
            let _ = stream.set_nodelay(true);
            match tls {
                None => serve_connection(stream, peer, router, waits, stop).await,
                Some(tls) => {
                    if let Some(stream) = encrypted(&tls, stream, waits, &stop).await {
                        serve_connection(stream, peer, router, waits, stop).await;
                    }
                }
            }
            drop((place, own_place));
        });
    }
    while connections.join_next().await.is_some() {}
}

/// Returns true if a client gave up before its connection was accepted.
fn has_left(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Begins TLS with a client, which has as long for it as for the head of a request.
async fn encrypted(
    tls: &TlsAcceptor,
    stream: TcpStream,
    waits: Waits,
    stop: &CancellationToken,
) -> Option<TlsStream<TcpStream>> {
    let handshake = tokio::time::timeout(waits.head_max, tls.accept(stream));
    match stop.run_until_cancelled(handshake).await? {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection ended before it was encrypted");
            None
        }
        Err(_) => None,
    }
}

async fn serve_connection<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    waits: Waits,
    stop: CancellationToken,
) {
    let requests = Arc::new(Requests::default());
    let io = TokioIo::new(Patient::new(stream, waits, Arc::clone(&requests)));
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let (router, handled) = (router.clone(), Handled::begin(&requests));
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            let answer = match host_error(&request) {
                Some(problem) => closing(problem.into_response()),
                None => router.oneshot(request.map(Body::new)).await?,
            };
            Ok::<_, Infallible>(answer.map(|body| Answer { body, _handled: handled }))
        }
    });
    let mut server = http1::Builder::new();
    server.max_header_size(HEAD_BYTES_MAX).header_read_timeout(None);
    let mut connection = std::pin::pin!(server.serve_connection(io, service));
    // Errors are those of the client.
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Returns the problem with the `Host` of a request (RFC 9112, 3.2): missing, or given twice.
fn host_error<B>(request: &Request<B>) -> Option<Problem> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let wrong = hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11;
    wrong.then(|| Problem::malformed("a request has one Host"))
}

fn closing(mut answer: Response<Body>) -> Response<Body> {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Requests of a connection.
#[derive(Debug, Default)]
struct Requests {
    begun: AtomicU64,
    ended: AtomicU64,
    /// Wakes the connection at the end of a request, so that its silence is timed.
    waiting: AtomicWaker,
}

/// A request that is handled until its answer is sent.
struct Handled(Arc<Requests>);

impl Handled {
    fn begin(requests: &Arc<Requests>) -> Self {
        requests.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(requests))
    }
}

impl Drop for Handled {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.waiting.wake();
    }
}

/// The body of an answer.
struct Answer {
    body: Body,
    _handled: Handled,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that fails when its client is silent for too long. While a request is handled, its handler limits the time.
struct Patient<S> {
    stream: S,
    waits: Waits,
    requests: Arc<Requests>,
    /// Number of requests at the last read.
    ended: u64,
    /// The first byte of a head has arrived.
    head_began: bool,
    reading: Patience,
    writing: Patience,
}

impl<S> Patient<S> {
    fn new(stream: S, waits: Waits, requests: Arc<Requests>) -> Self {
        Self {
            stream,
            waits,
            requests,
            ended: 0,
            head_began: false,
            reading: Patience::default(),
            writing: Patience::default(),
        }
    }

    /// Forgets the waiting for the head of a request that has ended since. Returns true while a request is handled.
    fn is_handling(&mut self) -> bool {
        let ended = self.requests.ended.load(Ordering::Relaxed);
        if ended != self.ended {
            self.ended = ended;
            self.head_began = false;
            self.reading.reset();
        }
        ended != self.requests.begun.load(Ordering::Relaxed)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let is_handling = this.is_handling();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if !is_handling && !this.head_began {
                    this.head_began = true;
                    this.reading.reset();
                }
                Poll::Ready(read)
            }
            Poll::Pending if is_handling => {
                this.requests.waiting.register(context.waker());
                Poll::Pending
            }
            Poll::Pending => {
                let waits = this.waits;
                let max = if this.head_began { waits.head_max } else { waits.idle_max };
                this.reading.poll(max, context)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.writing.watch(written, this.waits.stalled_max, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.writing.watch(written, this.waits.stalled_max, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // With TLS, bytes may still wait here.
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        this.writing.watch(flushed, this.waits.stalled_max, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // With TLS, the last bytes tell the client that the connection ends.
        let ended = Pin::new(&mut this.stream).poll_shutdown(context);
        this.writing.watch(ended, this.waits.stalled_max, context)
    }
}

/// A wait with a time limit.
#[derive(Default)]
struct Patience(Option<Pin<Box<Sleep>>>);

impl Patience {
    /// Ends the wait.
    fn reset(&mut self) {
        self.0 = None;
    }

    /// Begins to wait, or continues.
    fn poll<T>(&mut self, max: Duration, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep(max)));
        ready!(sleep.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Waits while nothing can be written.
    fn watch<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        max: Duration,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_pending() {
            return self.poll(max, context);
        }
        self.reset();
        written
    }
}

#[cfg(test)]
mod tests;
