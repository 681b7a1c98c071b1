//! `shows`: the programme.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    ShowId,
    folding::Folded,
    show::{Event, Poster, ShowDetails},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::List,
};

/// Rows kept in memory.
const KEPT: usize = 200;

table! {
    struct Show in shows {
        show_id: Uuid as key,
        title: String,
        description: String,
        duration_minutes: i32,
        language: String,
        certificate: Option<String>,
        genres: List,
        people: List,
        poster_card: Option<String>,
        poster_full: Option<String>,
        status: String,
        created_at: Timestamp as fixed,
        position: i64,
        search_title: String,
        search_people: String,
        search_kind: String,
        search_description: String,
        search_terms: List,
        search_sounds: List,
    }
}

impl Show {
    fn describe(&mut self, details: ShowDetails) {
        let title = Folded::new(&details.title);
        self.search_terms = title.terms().into_iter().collect();
        self.search_sounds = title.sounds().into_iter().collect();
        self.search_title = title.text();
        self.search_people = folded(&details.people);
        self.search_kind = folded(std::iter::once(&details.language).chain(&details.genres));
        self.search_description = Folded::new(&details.description).text();
        self.genres = details.genres.iter().collect();
        self.people = details.people.iter().collect();
        self.title = details.title;
        self.description = details.description;
        self.duration_minutes = i32::from(details.duration_minutes);
        self.language = details.language;
        self.certificate = details.certificate;
    }
}

fn folded<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    texts.into_iter().map(|text| Folded::new(text).text()).collect::<Vec<_>>().join(" ")
}

impl Row for Show {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct Shows(Rows<ShowId, Show>);

impl Shows {
    pub fn new() -> Self {
        Self(Rows::new("shows", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let (own, position) = (ShowId(own_id(recorded)?), recorded.position);
        match event {
            Event::ShowCreated { show, details, fingerprint: _ } => {
                let mut row = Show {
                    show_id: show.0,
                    title: String::new(),
                    description: String::new(),
                    duration_minutes: 0,
                    language: String::new(),
                    certificate: None,
                    genres: List::default(),
                    people: List::default(),
                    poster_card: None,
                    poster_full: None,
                    status: "active".to_owned(),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(position),
                    search_title: String::new(),
                    search_people: String::new(),
                    search_kind: String::new(),
                    search_description: String::new(),
                    search_terms: List::default(),
                    search_sounds: List::default(),
                };
                row.describe(details.clone());
                self.0.insert(*show, row);
                Ok(())
            }
            Event::ShowUpdated { details } => {
                let details = details.clone();
                self.0.change(own, position, move |row| row.describe(details))
            }
            Event::PosterSet { poster: Poster { card, full }, replaced: _ } => {
                let (card, full) = (Some(card.clone()), Some(full.clone()));
                self.0.change(own, position, move |row| (row.poster_card, row.poster_full) = (card, full))
            }
            Event::ShowCancelled { cascade: _, reason: _ } => {
                self.0.change(own, position, |row| "cancelled".clone_into(&mut row.status))
            }
            // The progress of a cascade is in `cascades`.
            Event::ShowCleared { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |show| show.0, |row| ShowId(row.show_id)).await
    }
}
