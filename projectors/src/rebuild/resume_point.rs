//! The resume point of a rebuild that was stopped or killed. Its tables stay, and the comment of their schema stores what the
//! next rebuild needs to resume.

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::{ProjectError, database},
    schema::{self, READ_NEXT},
};

/// The program that filled the new tables, and the indexes still missing.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResumePoint {
    /// Another build may write different rows.
    program: String,
    /// The statements that create their indexes.
    pub indexes: Vec<String>,
}

impl ResumePoint {
    /// A resume point of this program.
    pub fn new(indexes: Vec<String>) -> Self {
        Self { program: program(), indexes }
    }

    /// Finds the resume point of this program; `None` if there is none, or if it belongs to another build.
    pub async fn find(session: &mut PgConnection) -> Result<Option<Self>, ProjectError> {
        const SELECT: &str =
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1";
        let note: Option<Option<String>> = sqlx::query_scalar(SELECT)
            .bind(READ_NEXT)
            .fetch_optional(session)
            .await
            .map_err(database("looking for an interrupted rebuild"))?;
        let note = note.flatten().and_then(|note| serde_json::from_str::<Self>(&note).ok());
        Ok(note.filter(|note| note.program == program()))
    }

    /// Stores the resume point with the new tables.
    pub async fn note(&self, session: &mut PgConnection) -> Result<(), ProjectError> {
        let note = serde_json::json!(self).to_string().replace('\'', "''");
        let statement = format!("COMMENT ON SCHEMA {READ_NEXT} IS '{note}'");
        schema::execute(session, statement, "storing the resume point").await
    }
}

/// Identifies this build by size and time of its file.
fn program() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let built = file.and_then(|file| {
        let modified = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(format!("{} {}", file.len(), modified.as_millis()))
    });
    format!("{} {}", env!("CARGO_PKG_VERSION"), built.unwrap_or_default())
}
