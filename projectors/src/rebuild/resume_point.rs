//! Where a rebuild left off when it was stopped or killed: its tables stay, and a note in the comment of their schema tells the
//! next one how to go on.

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::{ProjectError, database},
    schema::{self, READ_NEXT},
};

/// Who filled the new tables, and what is still to be done to them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResumePoint {
    /// Another build may write other rows.
    program: String,
    /// The statements that make their indexes.
    pub indexes: Vec<String>,
}

impl ResumePoint {
    /// By this program.
    pub fn new(indexes: Vec<String>) -> Self {
        Self { program: program(), indexes }
    }

    /// What this program left; `None` if it left nothing, or another build did.
    pub async fn find(session: &mut PgConnection) -> Result<Option<Self>, ProjectError> {
        const SELECT: &str =
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1";
        let note: Option<Option<String>> = sqlx::query_scalar(SELECT)
            .bind(READ_NEXT)
            .fetch_optional(session)
            .await
            .map_err(database("looking for what an earlier rebuild left"))?;
        let note = note.flatten().and_then(|note| serde_json::from_str::<Self>(&note).ok());
        Ok(note.filter(|note| note.program == program()))
    }

    /// Leaves it with the new tables.
    pub async fn note(&self, session: &mut PgConnection) -> Result<(), ProjectError> {
        let note = serde_json::json!(self).to_string().replace('\'', "''");
        let statement = format!("COMMENT ON SCHEMA {READ_NEXT} IS '{note}'");
        schema::execute(session, statement, "noting how to go on").await
    }
}

/// This build of this program: size and time of its file.
fn program() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let built = file.and_then(|file| {
        let modified = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(format!("{} {}", file.len(), modified.as_millis()))
    });
    format!("{} {}", env!("CARGO_PKG_VERSION"), built.unwrap_or_default())
}
