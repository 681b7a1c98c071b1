//! Reading from the read models.

use std::time::Duration;

use axum::{extract::FromRequestParts, http::request::Parts};
use sqlx::{
    FromRow, PgConnection, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};
use ticketshow_http::{MinPosition, Problem};

use crate::machinery::{
    app::App,
    failures::{database_failed, database_timed_out},
    tables::POSITION,
};

/// Limit for one statement, in addition to the server's own `statement_timeout`.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(6);

/// A query for rows of `T`.
pub type Select<T> = QueryAs<'static, Postgres, T, PgArguments>;

/// A connection to the read models. Handlers take it as their last argument, so that a rejected call takes no connection
/// from the pool.
///
/// With `Min-Position`, all statements read one snapshot that contains that position (503 `read-model-behind` if none
/// is available). Without it, each statement has its own snapshot.
pub struct Reading(Source);

enum Source {
    Plain(PoolConnection<Postgres>),
    Snapshot(Transaction<'static, Postgres>),
}

impl Reading {
    /// Returns all rows.
    ///
    /// # Errors
    ///
    /// 503 if Postgres is unreachable.
    pub async fn all<T: Row>(
        &mut self,
        query: QueryAs<'_, Postgres, T, PgArguments>,
    ) -> Result<Vec<T>, Problem> {
        answered(query.fetch_all(self.connection())).await
    }

    /// Returns all rows of a query whose plan has to fit the values: a city may have ten screenings or a hundred thousand.
    /// Planning takes up to a millisecond, so other queries keep their plans.
    ///
    /// # Errors
    ///
    /// 503 if Postgres is unreachable.
    pub async fn planned<T: Row>(
        &mut self,
        query: QueryAs<'_, Postgres, T, PgArguments>,
    ) -> Result<Vec<T>, Problem> {
        self.all(query.persistent(false)).await
    }

    /// Returns the row, if there is one.
    ///
    /// # Errors
    ///
    /// 503 if Postgres is unreachable.
    pub async fn find<T: Row>(
        &mut self,
        query: QueryAs<'_, Postgres, T, PgArguments>,
    ) -> Result<Option<T>, Problem> {
        answered(query.fetch_optional(self.connection())).await
    }

    /// Returns the row.
    ///
    /// # Errors
    ///
    /// 404 if there is none, 503 if Postgres is unreachable.
    pub async fn one<T: Row>(&mut self, query: QueryAs<'_, Postgres, T, PgArguments>) -> Result<T, Problem> {
        self.find(query).await?.ok_or_else(Problem::not_found)
    }

    fn connection(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Source::Plain(connection) => connection,
            Source::Snapshot(transaction) => transaction,
        }
    }
}

/// Types that a row can be read into.
pub trait Row: for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

impl<T: for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static> Row for T {}

impl FromRequestParts<App> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let MinPosition(min_position) = MinPosition::from_request_parts(parts, app).await?;
        let pool = app.tables.pool();
        let Some(min_position) = min_position else {
            return Ok(Self(Source::Plain(answered(Box::pin(pool.acquire())).await?)));
        };
        app.tables.wait_for(min_position).await?;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let mut snapshot = Self(Source::Snapshot(answered(Box::pin(pool.begin_with(begin))).await?));
        // A rebuild may have swapped the tables since the position was seen, or this may be a replica.
        let (position,): (Option<i64>,) = snapshot.one(sqlx::query_as(POSITION)).await?;
        if position.unwrap_or(0).cast_unsigned() < min_position {
            return Err(Problem::read_model_behind());
        }
        Ok(snapshot)
    }
}

/// Runs a query with a timeout.
///
/// # Errors
///
/// 503 if Postgres is unreachable; see [`database_failed`].
pub async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Problem> {
    match tokio::time::timeout(STATEMENT_TIMEOUT, answer).await {
        Ok(answer) => answer.map_err(|error| database_failed(&error)),
        Err(_) => Err(database_timed_out()),
    }
}
