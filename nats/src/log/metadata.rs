//! Metadata of commands: actor, time and cause. Stored in the log with every command.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::UserId;
use uuid::Uuid;

/// Sender of a command. Written `user:<id>`, `saga:<name>` or `system`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A process manager.
    Saga(String),
    /// The installation itself, at start-up.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "user:{user}"),
            Self::Saga(name) => write!(f, "saga:{name}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

impl FromStr for Actor {
    type Err = InvalidActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidActor(text.to_owned());
        match text.split_once(':') {
            None if text == "system" => Ok(Self::System),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| invalid()),
            Some(("saga", name)) => Ok(Self::Saga(name.to_owned())),
            None | Some(_) => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = InvalidActor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A text that is not an actor.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an actor")]
pub struct InvalidActor(String);

/// Circumstances of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Moment of the decision, in whole milliseconds.
    pub time: Timestamp,
    /// Sender of the command.
    pub actor: Actor,
    /// Id shared by everything that follows from one request.
    pub correlation: Uuid,
    /// Commit that the command reacts to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
    /// W3C `traceparent` of the request or reaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}
