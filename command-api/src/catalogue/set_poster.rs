//! `PUT /shows/{id}/poster`

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    ShowId,
    show::{Command, Poster, Show},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, Upload, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    catalogue::{
        pictures::Pictures,
        poster_store::{FOLDER, PosterStore, StoreError},
    },
    machinery::{
        app::{App, carry_through},
        authority::Staff,
        failures::{at, not_executed},
        refusals::Refuse,
    },
};

/// Time to wait before a retry while the store is unreachable.
const RETRY_AFTER: Duration = Duration::from_secs(15);

/// The file as the whole body.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "for the OpenAPI document only")]
pub struct Picture(Vec<u8>);

/// The file in a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "for the OpenAPI document only")]
pub struct PictureForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Addresses of the new poster.
#[derive(Serialize, ToSchema)]
pub struct PosterAddress {
    /// At most 480 by 720 pixels, for lists.
    #[schema(example = "http://localhost:9000/posters/shows/8f4e-card.jpg")]
    poster_url: Option<String>,
    /// At most 1,200 by 1,800 pixels.
    #[schema(example = "http://localhost:9000/posters/shows/8f4e-full.jpg")]
    poster_full_url: Option<String>,
}

/// Sets the poster of a show: JPEG, PNG or WebP, judged by its bytes, up to 5 MiB and 40 megapixels. It is turned
/// upright, scaled down and re-encoded as JPEG, without metadata. Uploading the same picture again changes nothing.
///
/// # Errors
///
/// 404, 409 `show-cancelled`, 413, 415 for another format, 422 for a damaged picture or too many pixels, 503
/// `poster-store-unavailable`.
#[utoipa::path(
    put,
    path = "/shows/{id}/poster",
    tag = "Catalogue",
    request_body(content(
        (Picture = "image/jpeg"),
        (Picture = "image/png"),
        (Picture = "image/webp"),
        (PictureForm = "multipart/form-data"),
    )),
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = PosterAddress),
        schema::NotFound,
        (status = 409, description = "`show-cancelled`", body = schema::Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: more than 5 MiB", body = schema::Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`: neither JPEG nor PNG nor WebP", body = schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`poster-store-unavailable`, `unavailable`, with `Retry-After`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn set_poster(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(show): PathId<ShowId>,
    Upload(file): Upload,
) -> Result<(StreamPosition, Json<PosterAddress>), Problem> {
    // Checked before the picture is decoded. The command checks it again.
    let AggregateState { state, position, .. } = app.state::<Show>(&show, Freshness::Fresh).await?;
    state.active().map_err(|refusal| at(refusal.problem(), position))?;
    let pictures = Pictures::of(file).await.inspect_err(|_| count("refused"))?;
    let Some(store) = app.poster_store.clone() else { return Err(no_store()) };
    if let Some(poster) = state.poster.filter(|poster| is_of(poster, &pictures.digest)) {
        // Stored again in case the store has lost it.
        put(&store, &poster, pictures).await?;
        count("known");
        return Ok((StreamPosition(position), Json(app.poster_address(&poster))));
    }

    let poster = named(&pictures.digest, (app.edge.new_id)());
    let metadata = app.sent_by(caller.user, &trace);
    let upload = NewPoster { store, show, poster: poster.clone(), pictures };
    let own = app.clone();
    let position = carry_through(async move { upload.set(&own, metadata).await }).await?;
    Ok((StreamPosition(position), Json(app.poster_address(&poster))))
}

impl App {
    fn poster_address(&self, poster: &Poster) -> PosterAddress {
        PosterAddress {
            poster_url: self.posters.of(Some(&poster.card)),
            poster_full_url: self.posters.of(Some(&poster.full)),
        }
    }
}

struct NewPoster {
    store: PosterStore,
    show: ShowId,
    poster: Poster,
    pictures: Pictures,
}

impl NewPoster {
    /// Uploads first and commits second, so that every poster in the log exists. The replaced one is removed last.
    async fn set(self, app: &App, metadata: Metadata) -> Result<u64, Problem> {
        let Self { store, show, poster, pictures } = self;
        put(&store, &poster, pictures).await?;
        let command = Command::SetPoster { poster: poster.clone() };
        let replaced = |show: &Show| show.replaced_poster.clone();
        let executed = app.executor.execute(&show, command, metadata, replaced).await;
        match executed {
            Ok(executed) => {
                count("set");
                tracing::info!(show = %show.0, position = executed.position, "a poster was set");
                if let Some(replaced) = executed.answer {
                    remove(&store, &replaced).await;
                }
                Ok(executed.position)
            }
            Err(error @ ExecuteError::Refused { .. }) => {
                remove(&store, &poster).await;
                Err(not_executed(error))
            }
            // The command may have been executed, so the log may name this poster.
            Err(
                error @ (ExecuteError::Overloaded { .. }
                | ExecuteError::Unavailable(_)
                | ExecuteError::LogDiverged),
            ) => Err(not_executed(error)),
        }
    }
}

async fn put(store: &PosterStore, poster: &Poster, pictures: Pictures) -> Result<(), Problem> {
    let put = async {
        store.put(&poster.card, pictures.card).await?;
        store.put(&poster.full, pictures.full).await
    };
    put.await.map_err(|error| store_failed(&error))
}

/// Removes a replaced poster. If the store is unreachable, it stays, which only costs space.
async fn remove(store: &PosterStore, poster: &Poster) {
    for name in [&poster.card, &poster.full] {
        if let Err(error) = store.remove(name).await {
            tracing::warn!(
                name,
                error = &error as &dyn std::error::Error,
                "a replaced poster could not be removed from the store"
            );
        }
    }
}

/// Names an upload by its content and a unique id, so that no other show shares the object and it can be removed
/// safely.
fn named(digest: &str, upload: Uuid) -> Poster {
    let upload = upload.simple();
    Poster {
        card: format!("{FOLDER}{digest}-{upload}-card.jpg"),
        full: format!("{FOLDER}{digest}-{upload}-full.jpg"),
    }
}

fn is_of(poster: &Poster, digest: &str) -> bool {
    poster.full.strip_prefix(FOLDER).is_some_and(|name| name.starts_with(digest))
}

fn store_failed(error: &StoreError) -> Problem {
    count("store_away");
    tracing::warn!(error = error as &dyn std::error::Error, "a poster could not be stored");
    no_store()
}

fn no_store() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "poster-store-unavailable",
        "Posters cannot be uploaded at the moment",
    )
    .retry_after(RETRY_AFTER)
}

fn count(outcome: &'static str) {
    metrics::counter!("ticketshow_posters", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_identify_the_content_and_are_never_reused() {
        let (one, other) = (named("8f4e", Uuid::from_u128(1)), named("8f4e", Uuid::from_u128(2)));
        assert_eq!(one.card, "shows/8f4e-00000000000000000000000000000001-card.jpg");
        assert!(is_of(&one, "8f4e") && is_of(&other, "8f4e") && !is_of(&one, "8f4f"));
        assert!(one.card != other.card && one.full != other.full && one.card != one.full);
    }
}
