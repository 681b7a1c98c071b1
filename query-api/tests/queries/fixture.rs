//! The API on a real Postgres with the rows of `fixture.sql` and, if a test needs the log, on a real nats-server.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, BodyDataStream, Bytes, to_bytes},
    http::{HeaderMap, Request},
};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use ticketshow_domain::{AccountKey, Currency, Policy, UserId, account::Role};
use ticketshow_http::{
    Caller, Edge, Limits, PosterAddresses, ReadDemands, Secret, SiteOrigin, TrustedProxies, complete,
};
use ticketshow_nats::{
    consumers::{audit::AuditTrail, mails::Mails, parked::Parked},
    kv::{persons::Persons, sessions::Sessions},
    log::history::Log,
    server::{
        connection::{Connection, Settings},
        usage::Streams,
    },
};
use ticketshow_query_api::{App, Parts, Passes, pool, router};
use ticketshow_tests::{Postgres, eventually};
use ticketshow_tickets::Signer;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::{Uuid, uuid};

pub const ADA: Uuid = uuid!("ac000000-0000-0000-0000-000000000001");
pub const BOB: Uuid = uuid!("ac000000-0000-0000-0000-000000000002");
pub const CAROL: Uuid = uuid!("ac000000-0000-0000-0000-000000000003");
/// A customer who has just registered.
pub const DAN: Uuid = uuid!("ac000000-0000-0000-0000-000000000004");
pub const ADA_S_ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
/// The screening that most bookings are for.
pub const MONSOON: &str = "5e000000-0000-0000-0000-000000000001";

/// The time is always ten o'clock.
pub fn clock() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a time")
}

pub struct TestApi {
    pub postgres: Postgres,
    /// Connection for writing what the projections would write.
    tables: Mutex<PgConnection>,
    router: Router,
    edge: Arc<Edge>,
    /// Ends long-lived responses.
    pub stop: CancellationToken,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl TestApi {
    /// An API whose NATS is unreachable.
    pub async fn open() -> Self {
        Self::with_nats("nats://127.0.0.1:1").await
    }

    pub async fn with_nats(url: &str) -> Self {
        Self::with(url, &Limits::OFF).await
    }

    /// An API with quotas.
    pub async fn with_limits(limits: &Limits) -> Self {
        Self::with("nats://127.0.0.1:1", limits).await
    }

    pub async fn with(url: &str, limits: &Limits) -> Self {
        Self::with_demands(url, limits, ReadDemands::default()).await
    }

    /// An API with stricter requirements for readers.
    pub async fn with_demands(url: &str, limits: &Limits, demands: ReadDemands) -> Self {
        let postgres = Postgres::start().await;
        let database = postgres.fresh_database().await;
        let mut tables = PgConnection::connect(&database).await.expect("Postgres runs");
        raw_sql("CREATE SCHEMA read; SET search_path TO read, public")
            .execute(&mut tables)
            .await
            .expect("SQL");
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../projectors/migrations");
        let mut migrations: Vec<_> = std::fs::read_dir(migrations)
            .expect("migrations")
            .map(|file| file.expect("a file").path())
            .collect();
        migrations.sort();
        for migration in migrations {
            let sql = std::fs::read_to_string(migration).expect("text");
            raw_sql(AssertSqlSafe(sql)).execute(&mut tables).await.expect("SQL");
        }
        raw_sql(include_str!("fixture.sql")).execute(&mut tables).await.expect("SQL");

        let secret = Secret::new([7; 32]).expect("32 bytes");
        let (origin, proxies) = (SiteOrigin::default(), TrustedProxies::default());
        let edge = Edge::at(origin, &secret, limits, proxies, clock, Uuid::nil);
        let edge = Arc::new(Edge { demands, ..edge });
        let stop = CancellationToken::new();
        let settings = Settings { url: url.to_owned(), name: "query-api".to_owned(), nkey_seed_file: None };
        let connection = Connection::open(&settings).await.expect("an address");
        let app = App::new(Parts {
            log: Log::new(&connection),
            sessions: Sessions::new(&connection),
            persons: Persons::new(&connection),
            parked: Parked::new(&connection),
            mails: Mails::new(&connection),
            audit: AuditTrail::new(&connection),
            streams: Streams::new(&connection),
            database: pool(&database).expect("an address"),
            search: None,
            edge: Arc::clone(&edge),
            currency: Currency::INR,
            policy: Policy::default(),
            ticket_keys: vec![Signer::from_secret(&[7; 32]).public_key()],
            posters: PosterAddresses::below("https://s3.example.org", "posters"),
            passes: Passes::default(),
            stop: stop.clone(),
        });
        let tables = Mutex::new(tables);
        Self { postgres, tables, router: complete(router(app), &edge), edge, stop }
    }

    /// Runs SQL as the projections would, then advances them to a position.
    pub async fn project(&self, position: u64, sql: &str) {
        let sql = format!(
            "BEGIN; {sql}; UPDATE checkpoint SET position = {position}; NOTIFY projected, '{position}'; COMMIT"
        );
        raw_sql(AssertSqlSafe(sql)).execute(&mut *self.tables.lock().await).await.expect("SQL");
    }

    /// Runs a statement outside of a transaction.
    pub async fn maintain(&self, sql: &'static str) {
        raw_sql(sql).execute(&mut *self.tables.lock().await).await.expect("SQL");
    }

    /// Rows and index entries of tables that the API has read. Ends its sessions, because Postgres is only certain to have
    /// counted what a session read once it has ended.
    pub async fn rows_read(&self, tables: &[&str]) -> i64 {
        const END: &str = "
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'query-api'";
        const COUNT: &str = "
            SELECT (sum(seq_tup_read) + sum(entries))::bigint FROM pg_stat_user_tables AS tables
            CROSS JOIN LATERAL (SELECT coalesce(sum(idx_tup_read), 0) AS entries FROM pg_stat_user_indexes AS indexes
                                WHERE indexes.relid = tables.relid) AS read
            WHERE schemaname = 'read' AND relname = ANY($1)";
        let mut connection = self.tables.lock().await;
        eventually("the API's sessions to end", async || {
            let mut connection = PgConnection::connect(&self.postgres.url()).await.ok()?;
            let ended: i64 = sqlx::query_scalar(END).fetch_one(&mut connection).await.ok()?;
            (ended == 0).then_some(())
        })
        .await;
        sqlx::query_scalar(COUNT).bind(tables).fetch_one(&mut *connection).await.expect("SQL")
    }

    fn token(&self, user: Uuid, role: Role) -> String {
        self.token_of(user, role, false)
    }

    /// The `Authorization` of a user with or without a second factor.
    pub fn token_of(&self, user: Uuid, role: Role, second_factor: bool) -> String {
        let caller = Caller {
            user: UserId(user),
            account: AccountKey(ADA_S_ACCOUNT.to_owned()),
            role,
            session: Uuid::nil(),
            second_factor,
        };
        format!("Bearer {}", self.edge.tokens.issue(&caller, clock()))
    }

    /// An anonymous call.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(path, &[]).await
    }

    /// A call by a customer.
    pub async fn get_as(&self, user: Uuid, path: &str) -> Answer {
        self.call(path, &[("authorization", &self.token(user, Role::Customer))]).await
    }

    /// A call by a member of staff.
    pub async fn get_as_staff(&self, path: &str) -> Answer {
        self.get_as_staff_with(path, &[]).await
    }

    /// A call by a member of staff with additional headers.
    pub async fn get_as_staff_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let token = self.token(CAROL, Role::Staff);
        self.call(path, &[&[("authorization", token.as_str())], headers].concat()).await
    }

    /// A call by a person with another role.
    pub async fn get_with_role(&self, user: Uuid, role: Role, path: &str) -> Answer {
        self.call(path, &[("authorization", &self.token(user, role))]).await
    }

    /// A call by an administrator.
    pub async fn get_as_admin(&self, path: &str) -> Answer {
        self.call(path, &[("authorization", &self.token(CAROL, Role::Admin))]).await
    }

    /// A call by an administrator with additional headers.
    pub async fn get_as_admin_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let token = self.token(CAROL, Role::Admin);
        let headers = [&[("authorization", token.as_str())], headers].concat();
        self.call(path, &headers).await
    }

    /// The headers of an answer whose body is streamed.
    pub async fn head(&self, path: &str) -> HeaderMap {
        let request = Request::get(format!("/api/v1{path}")).body(Body::empty()).expect("a request");
        self.router.clone().oneshot(request).await.expect("infallible").into_parts().0.headers
    }

    /// A call whose body is streamed.
    pub async fn begin(&self, path: &str, headers: &[(&str, &str)]) -> (u16, BodyDataStream) {
        let mut request = Request::get(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("infallible");
        (answer.status().as_u16(), answer.into_body().into_data_stream())
    }

    pub async fn call(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let (head, body) = self.router.clone().oneshot(request).await.expect("infallible").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn slug(&self) -> String {
        self.json()["type"].as_str().expect("a problem").trim_start_matches("/problems/").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    /// One field of each item of a list.
    pub fn each(&self, field: &str) -> Vec<Value> {
        self.json()["items"].as_array().expect("a list").iter().map(|item| item[field].clone()).collect()
    }
}
