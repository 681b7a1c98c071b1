//! Texts that a story leaves in an installation, and the search for them in every store.

use std::{fs, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{Client, Folder, Stack};

/// Fails if one of these texts is in a table, in the log or another stream, in a file of the server, or in a backup made now.
///
/// # Panics
///
/// See above.
pub async fn expect_nowhere(stack: &Stack, texts: &[String]) {
    let settings = stack.settings();
    let (_, database) = settings.iter().find(|(name, _)| *name == "DATABASE_URL").expect("a database");
    expect_nothing_in("Postgres", &rows(database).await, texts);
    expect_nothing_below(stack.nats.store(), texts);
    expect_nothing_below(stack.server.folder(), texts);
    let folder = Folder::new("backup");
    let backup = folder.join("backup");
    let made = stack.server.command(&["admin", "backup", "--to", &backup.display().to_string()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    expect_nothing_below(&backup, texts);
}

/// All rows of all tables as text.
async fn rows(database: &str) -> String {
    let mut connection = PgConnection::connect(database).await.expect("Postgres runs");
    let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let mut text = String::new();
    for table in sqlx::query(tables).fetch_all(&mut connection).await.expect("tables") {
        let table: String = table.get(0);
        let select = format!("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t");
        text += &sqlx::query(AssertSqlSafe(select))
            .fetch_one(&mut connection)
            .await
            .expect("rows")
            .get::<String, _>(0);
    }
    assert!(text.contains("Customer"), "the rows of others are there");
    text
}

/// Fails if a file below a folder holds one of the texts.
///
/// # Panics
///
/// See above.
pub fn expect_nothing_below(folder: &Path, texts: &[String]) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            expect_nothing_below(&entry.path(), texts);
            continue;
        }
        let bytes = fs::read(entry.path()).expect("a file");
        for text in texts {
            let found = bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
            assert!(!found, "{text} is in {}", entry.path().display());
        }
    }
}

/// Fails if a text of a place holds one of these, in any letter case.
///
/// # Panics
///
/// See above.
pub fn expect_nothing_in(place: &str, text: &str, texts: &[String]) {
    let text = text.to_lowercase();
    for planted in texts {
        assert!(!text.contains(&planted.to_lowercase()), "{planted} is in {place}");
    }
}

/// Totals of the money that the house took and returned, according to the reconciliation.
///
/// # Panics
///
/// If the reconciliation cannot be read.
pub async fn totals(admin: &Client) -> Value {
    let mut totals = admin.get("/admin/reconciliation").await.expect(200).json;
    // A time.
    totals["settled_before"].take();
    totals
}
