//! `shows`: what is on the programme.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    ShowId,
    show::{Event, Poster, ShowDetails},
};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    read_models::{own_id, stored},
    rows::{Rows, column},
    words::join,
};

/// Rows kept at hand.
const KEPT: usize = 200;

const SELECT: &str = r"
    SELECT show_id, title, description, duration_minutes, language, certificate,
           array_to_string(genres, E'\x1f') AS genres, array_to_string(people, E'\x1f') AS people, poster_card, poster_full, status, created_at, position
    FROM shows WHERE show_id = ANY($1)";

const UPSERT: &str = r"
    INSERT INTO shows (show_id, title, description, duration_minutes, language, certificate, genres, people,
                       poster_card, poster_full, status, created_at, position)
    SELECT show_id, title, description, duration_minutes, language, certificate, string_to_array(genres, E'\x1f'),
           string_to_array(people, E'\x1f'), poster_card, poster_full, status, created_at, position
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::bigint[])
         AS new (show_id, title, description, duration_minutes, language, certificate, genres, people,
                 poster_card, poster_full, status, created_at, position)
    ON CONFLICT (show_id) DO UPDATE SET
        title = EXCLUDED.title, description = EXCLUDED.description, duration_minutes = EXCLUDED.duration_minutes,
        language = EXCLUDED.language, certificate = EXCLUDED.certificate, genres = EXCLUDED.genres,
        people = EXCLUDED.people, poster_card = EXCLUDED.poster_card, poster_full = EXCLUDED.poster_full, status = EXCLUDED.status,
        position = EXCLUDED.position";

#[derive(sqlx::FromRow)]
struct Show {
    show_id: Uuid,
    title: String,
    description: String,
    duration_minutes: i32,
    language: String,
    certificate: Option<String>,
    /// Joined.
    genres: String,
    /// Joined.
    people: String,
    poster_card: Option<String>,
    poster_full: Option<String>,
    status: String,
    created_at: Timestamp,
    position: i64,
}

impl Show {
    fn describe(&mut self, details: ShowDetails) {
        self.genres = join(details.genres.iter().map(String::as_str));
        self.people = join(details.people.iter().map(String::as_str));
        self.title = details.title;
        self.description = details.description;
        self.duration_minutes = i32::from(details.duration_minutes);
        self.language = details.language;
        self.certificate = details.certificate;
    }
}

/// The table.
pub(crate) struct Shows(Rows<ShowId, Show>);

impl Shows {
    pub fn new() -> Self {
        Self(Rows::new("shows", KEPT))
    }

    pub fn apply(&mut self, recorded: &Recorded, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ShowCreated { show, details, fingerprint: _ } => {
                let mut row = Show {
                    show_id: show.0,
                    title: String::new(),
                    description: String::new(),
                    duration_minutes: 0,
                    language: String::new(),
                    certificate: None,
                    genres: String::new(),
                    people: String::new(),
                    poster_card: None,
                    poster_full: None,
                    status: "active".to_owned(),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(recorded.position),
                };
                row.describe(details.clone());
                self.0.insert(*show, row);
                Ok(())
            }
            Event::ShowUpdated { details } => {
                let details = details.clone();
                self.change(recorded, move |row| row.describe(details))
            }
            Event::PosterSet { poster: Poster { card, full }, replaced: _ } => {
                let (card, full) = (Some(card.clone()), Some(full.clone()));
                self.change(recorded, move |row| (row.poster_card, row.poster_full) = (card, full))
            }
            Event::ShowCancelled { cascade: _, reason: _ } => {
                self.change(recorded, |row| "cancelled".clone_into(&mut row.status))
            }
            // How far a cascade is, is told by its own table.
            Event::ShowCleared { .. } => Ok(()),
        }
    }

    fn change(
        &mut self,
        recorded: &Recorded,
        change: impl FnOnce(&mut Show) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        self.0.change(ShowId(own_id(recorded)?), position, move |row| {
            change(row);
            row.position = stored(position);
            Ok(())
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.load(connection, SELECT, |show| show.0, |row| ShowId(row.show_id)).await?;
        let rows = self.0.changed();
        if !rows.is_empty() {
            sqlx::query(UPSERT)
                .bind(column(&rows, |show, _| show.0))
                .bind(column(&rows, |_, row| row.title.as_str()))
                .bind(column(&rows, |_, row| row.description.as_str()))
                .bind(column(&rows, |_, row| row.duration_minutes))
                .bind(column(&rows, |_, row| row.language.as_str()))
                .bind(column(&rows, |_, row| row.certificate.as_deref()))
                .bind(column(&rows, |_, row| row.genres.as_str()))
                .bind(column(&rows, |_, row| row.people.as_str()))
                .bind(column(&rows, |_, row| row.poster_card.as_deref()))
                .bind(column(&rows, |_, row| row.poster_full.as_deref()))
                .bind(column(&rows, |_, row| row.status.as_str()))
                .bind(column(&rows, |_, row| row.created_at))
                .bind(column(&rows, |_, row| row.position))
                .execute(connection)
                .await
                .map_err(database("writing shows"))?;
        }
        self.0.written();
        Ok(())
    }
}
