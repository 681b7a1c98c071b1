//! The command API as a process.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use ticketshow_command_api::{
    App, EnsureError, NoticeKey, Parts, PasswordCost, PosterStore, ensure_administrator, router,
};
use ticketshow_http::{Edge, complete};
use ticketshow_nats::{
    consumers::parked::Parked,
    executor::{Executor, outcome::ExecuteError},
    kv::sessions::Sessions,
    log::history::Log,
    server::{connection::Connection, users::NatsUser},
};

use crate::{
    config::{Callers, Demands, Service},
    services::{
        health::{Dependency, Health},
        host::{self, Host, Started},
        start,
    },
};

/// Serves commands until shutdown. Does not wait for Postgres, but writes nothing before the log guard has reached it once.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams do not match this version.
pub async fn command_api(settings: &Service) -> Result<()> {
    let Service { process, nats, data, rules, callers, cards, mail, posters, search: _, passes: _ } =
        settings;
    Demands::of(process).nats(nats).postgres(data).cards(cards).posters(posters).check()?;
    host::run("command-api", process, &callers.trusted_proxies, async |host| {
        let edge = start::edge(process.mode, rules, callers, mail)?;
        let connection = start::nats(host, nats, NatsUser::CommandApi, process.mode).await?;
        let connection = start::separate_keys(host, connection, &rules.keys.persons)?;
        start::known_secret(&connection, rules, start::Writes::Yes).await?;
        let pool = start::lazy_postgres(data)?;
        let (executor, gate) = start::executor(host, &connection, &pool, rules);
        let poster_store = start::poster_store(host, posters)?;
        let (tables, notices) = (data.read_pool()?, cards.notices()?);
        let app = app(settings, &connection, executor, tables, &edge, poster_store.clone(), notices)?;
        create_administrator(host, &app, callers).await?;
        let mut dependencies = start::writer_dependencies(host, &connection, gate, Dependency::Routes(pool));
        dependencies.extend(poster_store.map(Dependency::Posters));
        let health = Health::of(dependencies);
        let public = complete(router(app).merge(health.for_everybody()), &edge);
        Ok(Started { public, health })
    })
    .await
}

/// Assembles the command API.
///
/// # Errors
///
/// A setting is invalid.
pub fn app(
    settings: &Service,
    connection: &Connection,
    executor: Executor,
    database: PgPool,
    edge: &Arc<Edge>,
    poster_store: Option<PosterStore>,
    notices: Option<NoticeKey>,
) -> Result<App> {
    let Service { process, rules, callers, posters, .. } = settings;
    Ok(App::new(Parts {
        connection: connection.clone(),
        executor,
        log: Log::new(connection),
        sessions: Sessions::new(connection),
        parked: Parked::new(connection),
        database,
        edge: Arc::clone(edge),
        currency: rules.currency,
        password_cost: PasswordCost::default(),
        staff_sessions: callers.staff_sessions.rules(process.mode),
        tickets: start::verifier(rules)?,
        signer: start::signer(rules)?,
        notices,
        poster_store,
        posters: posters.addresses(),
    }))
}

/// Creates the first administrator if the settings name one. If the log has diverged, it is skipped: reads continue, and
/// nothing is written.
///
/// # Errors
///
/// The e-mail or the password is invalid.
pub async fn create_administrator(host: &Host, app: &App, callers: &Callers) -> Result<()> {
    let (Some(email), Some(password)) = (&callers.admin_email, &callers.admin_password) else {
        return Ok(());
    };
    host.await_part("administrator");
    loop {
        let error = match ensure_administrator(app, email, password.expose_secret().to_owned()).await {
            Ok(()) | Err(EnsureError::NotMade(ExecuteError::LogDiverged)) => return Ok(()),
            // An installation whose administrator was demoted must still start.
            Err(error @ EnsureError::OtherPassword) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "TICKETSHOW_ADMIN_EMAIL is not made an administrator"
                );
                return Ok(());
            }
            Err(
                error @ (EnsureError::Hashing
                | EnsureError::Weak(_)
                | EnsureError::NotMade(ExecuteError::Refused { .. })),
            ) => {
                return Err(error).context("TICKETSHOW_ADMIN_EMAIL and TICKETSHOW_ADMIN_PASSWORD");
            }
            Err(error) => error,
        };
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot create the administrator yet");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
