//! The routes, and serving them on a socket. Connections can be reset, which web frameworks do not offer.

use std::{convert::Infallible, future::poll_fn};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tower::ServiceExt;

use crate::{
    background,
    interface::{admin, api, middleware::HangUp, pages},
    simulator::Simulator,
};

impl Simulator {
    /// Serves clients and does the background work until `stop`.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut work = JoinSet::new();
        work.spawn(background::run(self.clone()));
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

    /// Returns all routes: the provider's API, the hosted page and `/admin`. Use [`Simulator::serve`] to serve them: in another
    /// server, faults that reset connections become 500s, and no background work is done.
    pub fn router(&self) -> Router {
        api::router(self)
            .merge(pages::router())
            .merge(admin::router())
            .fallback(api::unknown)
            .with_state(self.clone())
    }
}

/// Serves one connection until it ends, or resets it at the first response that is withheld.
async fn connection(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service =
        service_fn(move |request: hyper::Request<Incoming>| Box::pin(answer(router.clone(), request)));
    let mut connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if ended.is_err() {
        // Closes with a reset.
        let _ = stream.set_zero_linger();
    }
}

/// The connection is reset instead of sending the response.
#[derive(Debug, thiserror::Error)]
#[error("the response is withheld")]
struct Withheld;

async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Withheld> {
    let request: Request = request.map(Body::new);
    let answer: Result<Response, Infallible> = router.oneshot(request).await;
    let Ok(answer) = answer;
    if answer.extensions().get::<HangUp>().is_some() { Err(Withheld) } else { Ok(answer) }
}
