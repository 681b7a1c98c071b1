//! Asking for a rebuild of read models: a request to the projector that is active, which answers at once and goes to work.

use std::time::Duration;

use async_nats::{Client, Message, client::Request};
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

use crate::{Connection, Failure};

/// Where the active projector is asked.
const DOOR: &str = "tixctl.projections.rebuild";
/// How long its answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the projector says to the wish for a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebuildAnswer {
    /// It has begun.
    Begun,
    /// One is running already.
    Running,
    /// No projection is called that.
    Unknown,
}

/// Somebody's wish for a rebuild.
#[derive(Debug)]
pub struct RebuildWish {
    /// The projection that is to be rebuilt.
    pub projection: String,
    message: Message,
    client: Client,
}

impl Connection {
    /// Asks the active projector to rebuild a projection beside the live one. How it goes is seen in the read models.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if no projector is active, or the answer is lost: asking again is safe.
    pub async fn ask_for_rebuild(&self, projection: &str) -> Result<RebuildAnswer, Failure> {
        const DOING: &str = "asking for a rebuild";
        let request = Request::new().payload(projection.to_owned().into()).timeout(Some(PATIENCE));
        let answer = self.client().send_request(DOOR, request).await;
        let answer = answer.map_err(|error| Failure::away(DOING, error))?;
        serde_json::from_slice(&answer.payload).map_err(|error| Failure::away(DOING, error))
    }

    /// The wishes for rebuilds from now on. To be called by the active projector only; each wish wants an answer.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the program is stopping.
    pub async fn rebuild_wishes(&self) -> Result<impl Stream<Item = RebuildWish> + Send + use<>, Failure> {
        let wishes = self.client().subscribe(DOOR).await;
        let wishes = wishes.map_err(|error| Failure::away("opening the door for rebuilds", error))?;
        let client = self.client().clone();
        Ok(wishes.map(move |message| {
            let projection = String::from_utf8_lossy(&message.payload).into_owned();
            RebuildWish { projection, message, client: client.clone() }
        }))
    }
}

impl RebuildWish {
    /// Answers whoever asked.
    ///
    /// # Errors
    ///
    /// [`Failure`]: they will ask again.
    pub async fn answer(self, answer: RebuildAnswer) -> Result<(), Failure> {
        const DOING: &str = "answering a wish for a rebuild";
        let Some(reply) = self.message.reply else { return Ok(()) };
        let answer = serde_json::to_vec(&answer).map_err(|error| Failure::away(DOING, error))?;
        self.client.publish(reply, answer.into()).await.map_err(|error| Failure::away(DOING, error))
    }
}
