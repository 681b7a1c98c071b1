//! A film or play. A cancelled show stays cancelled.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Context, Decider, Fingerprint, Flaws, ShowId,
    aggregate::aggregate,
    values::text::{check_reason, tidy, tidy_line, tidy_prose},
};

/// Longest show. House rule.
pub const DURATION_MAX_MINUTES: u16 = 600;

/// Details of a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowDetails {
    /// 1 to 200 characters.
    pub title: String,
    /// Up to 10,000 characters; may be empty.
    pub description: String,
    /// 1 to [`DURATION_MAX_MINUTES`].
    pub duration_minutes: u16,
    /// Language of the performance, 1 to 50 characters.
    pub language: String,
    /// Age certificate, 1 to 20 characters.
    pub certificate: Option<String>,
    /// Up to 10, each 1 to 40 characters.
    pub genres: Vec<String>,
    /// Cast and crew, best known first: up to 20, each 1 to 80 characters.
    #[serde(default)]
    pub people: Vec<String>,
}

/// Change of some details; `None` keeps a value.
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
    pub people: Option<Vec<String>>,
}

/// Object names of the two sizes of a poster in the posters bucket. A name is derived from the content and the upload,
/// so it is unique to a poster and its bytes never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// For lists.
    pub card: String,
    /// For the show's own page.
    pub full: String,
}

/// Requests to a show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Creates the show.
    CreateShow { show: ShowId, details: ShowDetails, fingerprint: Option<Fingerprint> },
    /// Changes the given details. Screenings already scheduled keep their times.
    UpdateShow { changes: ShowChanges },
    /// Replaces the poster.
    SetPoster { poster: Poster },
    /// Cancels the show for good; a cascade named `cascade` then cancels its future screenings.
    CancelShow { cascade: Uuid, reason: Option<String> },
    /// Records that the cascade took all `screenings` screenings it found off their calendars.
    RecordCleared { cascade: Uuid, screenings: u32 },
}

/// Facts of a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    ShowCreated {
        show: ShowId,
        details: ShowDetails,
        fingerprint: Option<Fingerprint>,
    },
    /// All details after the change.
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
    /// All its screenings are off their calendars; their bookings are being cancelled.
    ShowCleared {
        cascade: Uuid,
        screenings: u32,
    },
}

/// Rules that can forbid a command.
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

/// A show, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// `None` until it is created.
    pub details: Option<ShowDetails>,
    /// Current poster.
    pub poster: Option<Poster>,
    /// Previous poster, no longer needed.
    pub replaced_poster: Option<Poster>,
    /// The cascade of its cancellation.
    pub cancelled: Option<Uuid>,
    /// The cascade that has cleared it.
    pub cleared: Option<Uuid>,
    /// Fingerprint of the request that created it.
    pub fingerprint: Option<Fingerprint>,
}

aggregate!(Show,
    ShowCreated => "show_created",
    ShowUpdated => "show_updated",
    PosterSet => "poster_set",
    ShowCancelled => "show_cancelled",
    ShowCleared => "show_cleared",
);

impl Decider for Show {
    const TYPE: &'static str = "show";
    const STATE_FORMAT: u16 = 3;
    type Id = ShowId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::CreateShow { show, details, fingerprint } => {
                self.create(*show, details, fingerprint.as_ref())
            }
            Command::UpdateShow { changes } => self.update(changes),
            Command::SetPoster { poster } => self.set_poster(poster),
            Command::CancelShow { cascade, reason } => self.cancel(*cascade, reason.as_deref()),
            Command::RecordCleared { cascade, screenings } => self.record_cleared(*cascade, *screenings),
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::ShowCreated { show: _, details, fingerprint } => {
                self.details = Some(details.clone());
                self.fingerprint.clone_from(fingerprint);
            }
            Event::ShowUpdated { details } => self.details = Some(details.clone()),
            Event::PosterSet { poster, replaced } => {
                self.poster = Some(poster.clone());
                self.replaced_poster.clone_from(replaced);
            }
            Event::ShowCancelled { cascade, reason: _ } => self.cancelled = Some(*cascade),
            Event::ShowCleared { cascade, screenings: _ } => self.cleared = Some(*cascade),
        }
    }
}

impl Show {
    fn create(
        &self,
        show: ShowId,
        details: &ShowDetails,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.details.is_some() {
            let same = self.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let details = details.checked()?;
        Ok(vec![Event::ShowCreated { show, details, fingerprint: fingerprint.cloned() }])
    }

    /// Returns the details of a show that can be changed.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] or [`Refusal::ShowCancelled`].
    pub fn active(&self) -> Result<&ShowDetails, Refusal> {
        let details = self.details.as_ref().ok_or(Refusal::NotFound)?;
        if self.cancelled.is_some() { Err(Refusal::ShowCancelled) } else { Ok(details) }
    }

    fn update(&self, changes: &ShowChanges) -> Result<Vec<Event>, Refusal> {
        let current = self.active()?;
        let ShowChanges { title, description, duration_minutes, language, certificate, genres, people } =
            changes.clone();
        let details = ShowDetails {
            title: title.unwrap_or_else(|| current.title.clone()),
            description: description.unwrap_or_else(|| current.description.clone()),
            duration_minutes: duration_minutes.unwrap_or(current.duration_minutes),
            language: language.unwrap_or_else(|| current.language.clone()),
            certificate: certificate.or_else(|| current.certificate.clone()),
            genres: genres.unwrap_or_else(|| current.genres.clone()),
            people: people.unwrap_or_else(|| current.people.clone()),
        }
        .checked()?;
        if details == *current {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ShowUpdated { details }])
    }

    fn set_poster(&self, poster: &Poster) -> Result<Vec<Event>, Refusal> {
        self.active()?;
        if self.poster.as_ref() == Some(poster) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::PosterSet { poster: poster.clone(), replaced: self.poster.clone() }])
    }

    fn cancel(&self, cascade: Uuid, reason: Option<&str>) -> Result<Vec<Event>, Refusal> {
        self.details.as_ref().ok_or(Refusal::NotFound)?;
        if self.cancelled.is_some() {
            return Ok(Vec::new());
        }
        let reason = reason.and_then(tidy);
        check_reason(reason.as_deref()).map_err(Refusal::Invalid)?;
        Ok(vec![Event::ShowCancelled { cascade, reason }])
    }

    fn record_cleared(&self, cascade: Uuid, screenings: u32) -> Result<Vec<Event>, Refusal> {
        self.details.as_ref().ok_or(Refusal::NotFound)?;
        if self.cleared == Some(cascade) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ShowCleared { cascade, screenings }])
    }
}

impl ShowDetails {
    /// Without blanks around texts, if all is well.
    fn checked(&self) -> Result<Self, Refusal> {
        let tidied = Self {
            title: tidy_line(&self.title),
            description: tidy_prose(&self.description),
            duration_minutes: self.duration_minutes,
            language: tidy_line(&self.language),
            certificate: self.certificate.as_deref().and_then(tidy),
            genres: self.genres.iter().map(|genre| tidy_line(genre)).collect(),
            people: self.people.iter().map(|name| tidy_line(name)).collect(),
        };
        tidied.flaws().into_result().map_err(Refusal::Invalid)?;
        Ok(tidied)
    }

    fn flaws(&self) -> Flaws {
        let mut flaws = Flaws::default();
        flaws.text(&self.title, 200, "/title");
        flaws.prose(&self.description, 10_000, "/description");
        flaws.unless(
            (1..=DURATION_MAX_MINUTES).contains(&self.duration_minutes),
            "/duration_minutes",
            format!("must be 1 to {DURATION_MAX_MINUTES}"),
        );
        flaws.text(&self.language, 50, "/language");
        if let Some(certificate) = &self.certificate {
            flaws.text(certificate, 20, "/certificate");
        }
        list(&mut flaws, &self.genres, "/genres", Entries { count_max: 10, chars_max: 40 });
        list(&mut flaws, &self.people, "/people", Entries { count_max: 20, chars_max: 80 });
        flaws
    }
}

/// Limits of a list of names.
struct Entries {
    count_max: usize,
    chars_max: usize,
}

/// Notes the flaws of a list of names.
fn list(flaws: &mut Flaws, names: &[String], pointer: &str, Entries { count_max, chars_max }: Entries) {
    flaws.unless(names.len() <= count_max, pointer, format!("must not have more than {count_max} entries"));
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        flaws.text(name, chars_max, &pointer);
        flaws.unless(!names[..index].contains(name), pointer, "is named twice");
    }
}
