//! Logins of Postgres that may only read.

use sqlx::{AssertSqlSafe, PgPool, error::DatabaseError};
use ticketshow_tests::{Client, Server, Stack};

#[tokio::test]
async fn a_reader_can_read_every_table_and_write_none() {
    let stack = Stack::start().await;
    stack.client().get("/shows").await.expect(200);
    let settings = stack.settings();
    let (_, url) = settings.iter().find(|(name, _)| *name == "DATABASE_URL").unwrap();
    let owner = PgPool::connect(url).await.unwrap();
    let reader = format!("reader_{:08x}", rand::random::<u32>());
    let login = format!("CREATE ROLE {reader} LOGIN PASSWORD 'reads' IN ROLE ticketshow_reader");
    sqlx::raw_sql(AssertSqlSafe(login)).execute(&owner).await.unwrap();
    let (_, place) = url.rsplit_once('@').unwrap();
    let reading = format!("postgres://{reader}:reads@{place}");

    let pool = PgPool::connect(&reading).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('read', 'sagas')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let read = format!("SELECT count(*) FROM {table}");
        sqlx::raw_sql(AssertSqlSafe(read)).execute(&pool).await.unwrap();
        for write in [
            format!("DELETE FROM {table}"),
            format!("SET default_transaction_read_only = off; TRUNCATE {table}"),
            format!("COPY {table} FROM PROGRAM 'id'"),
        ] {
            let refused = sqlx::raw_sql(AssertSqlSafe(write.clone())).execute(&pool).await.unwrap_err();
            let code =
                refused.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
            assert_eq!(code, "42501", "{write}: {refused}");
        }
    }

    let mut settings = settings.clone();
    settings.push(("TICKETSHOW_READ_DATABASE_URL", &reading));
    let server = Server::start("query-api", &settings).await;
    Client::new(&format!("{}/api/v1", server.url())).get("/shows").await.expect(200);
}
