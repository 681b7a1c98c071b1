//! Requests to rebuild read models. The active projector replies at once and rebuilds in the background.

use std::time::Duration;

use async_nats::{Client, Message, client::Request};
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

use crate::{failure::Failure, server::connection::Connection};

/// Subject on which the active projector listens.
const REQUEST_SUBJECT: &str = "tixctl.projections.rebuild";
/// Longest wait for its reply.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reply of the projector to a rebuild request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebuildReply {
    /// The rebuild has begun.
    Begun,
    /// A rebuild is already running.
    Running,
    /// There is no projection of this name.
    Unknown,
}

/// A received request to rebuild a projection.
#[derive(Debug)]
pub struct RebuildRequest {
    /// Name of the projection.
    pub projection: String,
    message: Message,
    client: Client,
}

impl Connection {
    /// Asks the active projector to rebuild a projection beside the live one. The read models show its progress.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] if no projector is active or the reply was lost; retrying is safe.
    pub async fn request_rebuild(&self, projection: &str) -> Result<RebuildReply, Failure> {
        const DOING: &str = "requesting a rebuild";
        let request = Request::new().payload(projection.to_owned().into());
        let reply = self.request(DOING, REQUEST_SUBJECT.to_owned(), request, PATIENCE).await?;
        serde_json::from_slice(&reply.payload).map_err(|error| Failure::unreachable(DOING, error))
    }

    /// Receives rebuild requests from now on. For the active projector only; each request needs an answer.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the program is shutting down.
    pub async fn rebuild_requests(
        &self,
    ) -> Result<impl Stream<Item = RebuildRequest> + Send + use<>, Failure> {
        let requests = self.client().subscribe(REQUEST_SUBJECT).await;
        let requests =
            requests.map_err(|error| Failure::unreachable("listening for rebuild requests", error))?;
        let client = self.client().clone();
        Ok(requests.map(move |message| {
            let projection = String::from_utf8_lossy(&message.payload).into_owned();
            RebuildRequest { projection, message, client: client.clone() }
        }))
    }
}

impl RebuildRequest {
    /// Answers the requester.
    ///
    /// # Errors
    ///
    /// [`Failure`], after which the requester times out and may retry.
    pub async fn answer(self, reply: RebuildReply) -> Result<(), Failure> {
        const DOING: &str = "answering a rebuild request";
        let Some(inbox) = self.message.reply else { return Ok(()) };
        let reply = serde_json::to_vec(&reply).map_err(|error| Failure::unreachable(DOING, error))?;
        self.client.publish(inbox, reply.into()).await.map_err(|error| Failure::unreachable(DOING, error))
    }
}
