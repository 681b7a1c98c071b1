//! A film or play. A cancelled show stays cancelled.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Context, Decider, Fingerprint, Flaws, ShowId, aggregate::aggregate};

/// What is said of a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowDetails {
    /// 1 to 200 characters.
    pub title: String,
    /// Up to 10,000 characters; may be empty.
    pub description: String,
    /// 1 to 600 minutes.
    pub duration_minutes: u16,
    /// The language it is played in, as people call it, 1 to 50 characters.
    pub language: String,
    /// Age certificate, 1 to 20 characters.
    pub certificate: Option<String>,
    /// Up to 10, each 1 to 40 characters.
    pub genres: Vec<String>,
}

/// A change to some details; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `ShowDetails`")]
pub struct ShowChanges {
    pub title: Option<String>,
    pub description: Option<String>,
    pub duration_minutes: Option<u16>,
    pub language: Option<String>,
    /// An empty text clears it.
    pub certificate: Option<String>,
    pub genres: Option<Vec<String>>,
}

/// Where the two sizes of a poster lie: object names in the posters bucket, named by their content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// For lists.
    pub card: String,
    /// For the show's own page.
    pub full: String,
}

/// What can be asked of a show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Puts it on the programme.
    CreateShow { show: ShowId, details: ShowDetails, fingerprint: Option<Fingerprint> },
    /// Changes what is given. Screenings already scheduled keep their times.
    UpdateShow { changes: ShowChanges },
    /// Gives it another poster.
    SetPoster { poster: Poster },
    /// Takes it off the programme for good; a cascade named `cascade` then cancels its future screenings.
    CancelShow { cascade: Uuid, reason: Option<String> },
}

/// What can have happened to a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    ShowCreated {
        show: ShowId,
        details: ShowDetails,
        fingerprint: Option<Fingerprint>,
    },
    /// All details as they are from now on.
    ShowUpdated {
        details: ShowDetails,
    },
    /// `replaced` is the poster before this one, to be removed.
    PosterSet {
        poster: Poster,
        replaced: Option<Poster>,
    },
    ShowCancelled {
        cascade: Uuid,
        reason: Option<String>,
    },
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such show")]
    NotFound,
    #[error("the show is cancelled")]
    ShowCancelled,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("{0}")]
    Invalid(Flaws),
}

/// A show as its history tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// `None` until it is created.
    pub details: Option<ShowDetails>,
    /// Its poster.
    pub poster: Option<Poster>,
    /// The cascade of its cancellation.
    pub cancelled: Option<Uuid>,
    /// Of the request that created it.
    pub fingerprint: Option<Fingerprint>,
}

aggregate!(Show,
    ShowCreated => "show_created",
    ShowUpdated => "show_updated",
    PosterSet => "poster_set",
    ShowCancelled => "show_cancelled",
);

impl Decider for Show {
    const TYPE: &'static str = "show";
    const STATE_FORMAT: u16 = 1;
    type Id = ShowId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        let _ = command;
        unimplemented!()
    }

    fn evolve(&mut self, event: &Event) {
        let _ = event;
        unimplemented!()
    }
}
