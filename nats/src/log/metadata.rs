//! Who asked for what, when, and because of what: travels with every command into the log.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::UserId;
use uuid::Uuid;

/// Who sent a command. Written `user:<id>`, `saga:<name>` or `system`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A process over time.
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
    type Err = NotAnActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAnActor(text.to_owned());
        match text.split_once(':') {
            None if text == "system" => Ok(Self::System),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| wrong()),
            Some(("saga", name)) => Ok(Self::Saga(name.to_owned())),
            None | Some(_) => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = NotAnActor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A text that names no actor.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an actor")]
pub struct NotAnActor(String);

/// What is known of a command besides its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The moment of the decision, whole milliseconds.
    pub time: Timestamp,
    /// Who asked.
    pub actor: Actor,
    /// The same for everything that follows from one request.
    pub correlation: Uuid,
    /// The commit that this is a reaction to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
    /// W3C `traceparent` of the request or reaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}
