//! One look at the read models.

use std::time::Duration;

use axum::{extract::FromRequestParts, http::request::Parts};
use sqlx::{
    FromRow, PgConnection, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};
use ticketshow_http::{MinPosition, Problem};

use crate::{
    App,
    failures::{no_rows, too_slow},
    tables::POSITION,
};

/// How long one statement may take, whatever the server says of it.
const PATIENCE: Duration = Duration::from_secs(6);

/// A query for rows of `T`.
pub type Select<T> = QueryAs<'static, Postgres, T, PgArguments>;

/// One look at the read models. As an argument of a handler it comes last, so that no connection is taken for a call
/// that is turned away.
///
/// With `Min-Position` everything is read in one snapshot that contains the position, else 503 `read-model-behind`.
/// Without, each statement is its own.
pub struct Reading(Source);

enum Source {
    Plain(PoolConnection<Postgres>),
    Snapshot(Transaction<'static, Postgres>),
}

impl Reading {
    /// All rows.
    ///
    /// # Errors
    ///
    /// 503 if Postgres is away.
    pub async fn all<T: Row>(&mut self, query: Select<T>) -> Result<Vec<T>, Problem> {
        answered(query.fetch_all(self.connection())).await
    }

    /// The row, if there is one.
    ///
    /// # Errors
    ///
    /// 503 if Postgres is away.
    pub async fn find<T: Row>(&mut self, query: Select<T>) -> Result<Option<T>, Problem> {
        answered(query.fetch_optional(self.connection())).await
    }

    /// The row.
    ///
    /// # Errors
    ///
    /// 404 if there is none, 503 if Postgres is away.
    pub async fn one<T: Row>(&mut self, query: Select<T>) -> Result<T, Problem> {
        self.find(query).await?.ok_or_else(Problem::not_found)
    }

    fn connection(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Source::Plain(connection) => connection,
            Source::Snapshot(transaction) => transaction,
        }
    }
}

/// What a row is read into.
pub trait Row: for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

impl<T: for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static> Row for T {}

impl FromRequestParts<App> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let MinPosition(wanted) = MinPosition::from_request_parts(parts, app).await?;
        let pool = app.tables.pool();
        let Some(wanted) = wanted else {
            return Ok(Self(Source::Plain(answered(Box::pin(pool.acquire())).await?)));
        };
        app.tables.wait_for(wanted).await?;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let mut snapshot = Self(Source::Snapshot(answered(Box::pin(pool.begin_with(begin))).await?));
        // The tables may have been swapped for others since they were seen there, or this may be a replica.
        let (position,): (Option<i64>,) = snapshot.one(sqlx::query_as(POSITION)).await?;
        if position.unwrap_or(0).cast_unsigned() < wanted {
            return Err(Problem::read_model_behind());
        }
        Ok(snapshot)
    }
}

/// Waits for Postgres, but not for ever.
///
/// # Errors
///
/// 503 if it is away; see [`no_rows`].
pub async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Problem> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(|error| no_rows(&error)),
        Err(_) => Err(too_slow()),
    }
}
