//! Serving on a socket, with the power to hang up on a caller: what a web framework rightly does not offer.

use std::convert::Infallible;
use std::future::poll_fn;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::door::HangUp;
use crate::errands;
use crate::simulator::Simulator;

impl Simulator {
    /// Serves callers and lets time pass, until `stop`.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut work = JoinSet::new();
        work.spawn(errands::run(self.clone()));
        let router = self.router();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => { work.spawn(connection(stream, router.clone())); }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    }
                },
                Some(_) = work.join_next() => {}
                () = &mut stop => return,
            }
        }
    }
}

/// Serves one connection to its end, or to the first answer that is withheld: then it is reset.
async fn connection(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service =
        service_fn(move |request: hyper::Request<Incoming>| Box::pin(answer(router.clone(), request)));
    let mut connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if ended.is_err() {
        // Closed with a reset instead of in good order.
        let _ = stream.set_zero_linger();
    }
}

/// The caller is hung up on.
#[derive(Debug, thiserror::Error)]
#[error("the answer is withheld")]
struct Withheld;

async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Withheld> {
    let request: Request = request.map(Body::new);
    let answer: Result<Response, Infallible> = router.oneshot(request).await;
    let Ok(answer) = answer;
    if answer.extensions().get::<HangUp>().is_some() { Err(Withheld) } else { Ok(answer) }
}
