//! Logins of Postgres that may do no more than their service needs.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, error::DatabaseError};
use ticketshow_tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, CUSTOMER_PASSWORD, Client, Server, Stack, eventually, inr, login, plain_rows,
};

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

/// The statements of the manual for logins, on a database of this name.
fn logins_of_the_manual(database: &str) -> Vec<String> {
    let manual = include_str!("../../docs/operations.md");
    let (_, section) = manual.split_once("## Roles of Postgres").expect("the section");
    let (_, statements) = section.split_once("```sql\n").expect("its statements");
    let (statements, _) = statements.split_once("```").expect("their end");
    let lines = statements.lines().filter_map(|line| line.split("--").next());
    let lines = lines.map(|line| {
        line.replace("'…'", "'its own'").replace("ON DATABASE ticketshow", &format!("ON DATABASE {database}"))
    });
    lines.collect()
}

/// The statements of the manual that give an existing database to these logins.
fn handover_of_the_manual() -> &'static str {
    let manual = include_str!("../../docs/operations.md");
    let (_, section) = manual.split_once("## Roles of Postgres").expect("the section");
    let block = section.split("```sql\n").nth(2).expect("a second block of statements");
    block.split_once("```").expect("its end").0
}

/// Returns `true` if Postgres refuses a statement for lack of rights.
async fn is_refused(pool: &PgPool, statement: &str) -> bool {
    let refused = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.err();
    let code = refused.as_ref().and_then(sqlx::Error::as_database_error).and_then(DatabaseError::code);
    code.is_some_and(|code| code == "42501")
}

/// Keys of persons for services that run separately. Each call prints others.
fn keys_of_persons(stack: &Stack) -> String {
    let printed = stack.server.command(&["admin", "rotate-keys"]);
    let printed = String::from_utf8(printed.stdout).expect("text");
    let keys = printed.lines().find_map(|line| line.strip_prefix("TICKETSHOW_PERSON_KEYS="));
    keys.expect("keys of persons").to_owned()
}

/// A service of the stack with the login and the database of `url`.
async fn start(stack: &Stack, service: &str, url: &str, keys: &str) -> Server {
    let mut settings = stack.settings();
    settings.retain(|(name, _)| *name != "DATABASE_URL");
    settings.extend([("DATABASE_URL", url), ("TICKETSHOW_PERSON_KEYS", keys)]);
    Server::start(service, &settings).await
}

/// Sells a seat to a new customer, whose booking `queries` then shows.
async fn sell_a_seat(stack: &Stack, commands: &Client, queries: &Client) {
    let admin = login(commands, ADMIN_EMAIL, ADMIN_PASSWORD).await;
    let ada = json!({"email": "ada@example.com", "password": CUSTOMER_PASSWORD, "name": "Ada"});
    let ada = admin.post("/admin/accounts", &ada).await.expect(201).str("user_id").to_owned();
    let (path, credit) =
        (format!("/admin/wallets/{ada}/credits"), json!({"amount": inr(100_000), "reason": "a story"}));
    eventually("the credit to be given", async || {
        (admin.post(&path, &credit).key("credit").await.status == 201).then_some(())
    })
    .await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let client = login(commands, "ada@example.com", CUSTOMER_PASSWORD).await;
    let wanted = json!({"screening_id": screening, "seats": ["A-1"]});
    let held = client.post("/bookings", &wanted).await.expect(201).str("booking_id").to_owned();
    client.post(&format!("/bookings/{held}/payment"), &json!({"method": "wallet"})).await;
    let seen = queries.with_token(client.token().expect("a token"));
    eventually("the booking to be confirmed on its page", async || {
        let seen = seen.get(&format!("/bookings/{held}")).await;
        (seen.json["status"] == "confirmed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_service_works_with_a_login_of_its_own_as_the_manual_says() {
    let mut stack = Stack::start().await;
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let url = stack.postgres.fresh_database().await;
    let (server, database) = url.rsplit_once('/').expect("a database");
    let (_, server) = server.rsplit_once('@').expect("a server");
    let owner = PgPool::connect(&url).await.expect("a database");
    for statement in logins_of_the_manual(database) {
        // The one-process server has made this role for its own database.
        if statement.trim() != "CREATE ROLE ticketshow_reader NOLOGIN;" {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&owner).await.expect("a statement of the manual");
        }
    }
    let url_of = |login: &str| format!("postgres://{login}:its%20own@{server}/{database}");

    let keys = keys_of_persons(&stack);
    let _projectors = start(&stack, "projectors", &url_of("projectors"), &keys).await;
    let _sagas = start(&stack, "sagas", &url_of("sagas"), &keys).await;
    let commands = start(&stack, "command-api", &url_of("command_api"), &keys).await;
    let queries = start(&stack, "query-api", &url_of("query_api"), &keys).await;
    sell_a_seat(&stack, &commands.client(), &queries.client()).await;

    for (login, allowed, refused) in [
        ("projectors", "DELETE FROM read.accounts WHERE false", "SELECT count(*) FROM sagas.recipients"),
        ("sagas", "DELETE FROM sagas.recipients WHERE false", "DELETE FROM read.accounts WHERE false"),
        ("command_api", "SELECT count(*) FROM read.accounts", "DELETE FROM read.accounts WHERE false"),
        ("query_api", "SELECT count(*) FROM read.accounts", "DELETE FROM sagas.recipients WHERE false"),
    ] {
        let pool = PgPool::connect(&url_of(login)).await.expect("a login");
        sqlx::raw_sql(AssertSqlSafe(allowed.to_owned())).execute(&pool).await.expect(login);
        assert!(is_refused(&pool, refused).await, "{login}: {refused}");
        assert!(is_refused(&pool, "COPY (SELECT 1) TO PROGRAM 'id'").await, "{login} runs programs");
    }
}

#[tokio::test]
async fn an_existing_database_is_handed_over_to_the_logins_as_the_manual_says() {
    let mut stack = Stack::start().await;
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let settings = stack.settings();
    let (_, url) = settings.iter().find(|(name, _)| *name == "DATABASE_URL").expect("a database");
    let (server, database) = url.rsplit_once('/').expect("a database");
    let (_, server) = server.rsplit_once('@').expect("a server");
    let owner = PgPool::connect(url).await.expect("a database");
    for statement in logins_of_the_manual(database) {
        // The one-process server has made this role.
        if statement.trim() != "CREATE ROLE ticketshow_reader NOLOGIN;" {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&owner).await.expect("a statement of the manual");
        }
    }
    sqlx::raw_sql(handover_of_the_manual()).execute(&owner).await.expect("the statements of the manual");

    // The steps of a newer version: it rebuilds the read models beside the old ones, and adds a table of the sagas.
    for (login, statement) in [
        ("projectors", "ALTER SCHEMA read RENAME TO read_old; ALTER SCHEMA read_old RENAME TO read"),
        (
            "projectors",
            "DELETE FROM read.accounts WHERE false; ALTER TABLE read.accounts ADD COLUMN newer int",
        ),
        ("projectors", "ALTER FUNCTION public.search_fold(text) COST 100"),
        ("projectors", "ALTER FUNCTION public.lower_each(text[]) COST 100"),
        ("sagas", "ALTER TABLE sagas.recipients ADD COLUMN newer int; CREATE TABLE sagas.newer (id int)"),
        ("query_api", "SELECT count(*) FROM sagas.newer"),
        ("command_api", "SELECT count(*) FROM read.accounts"),
    ] {
        let url = format!("postgres://{login}:its%20own@{server}/{database}");
        let pool = PgPool::connect(&url).await.expect("a login");
        let done = sqlx::raw_sql(statement).execute(&pool).await;
        assert!(done.is_ok(), "{login}: {statement}: {done:?}");
    }
}
