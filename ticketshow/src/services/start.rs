//! Steps of starting that the services share: waiting for dependencies, and building shared parts.

use std::{error::Error, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use ticketshow_command_api::PosterStore;
use ticketshow_http::{Edge, Keys, MailedProofs, ReminderTokens, ResetTokens, SiteOrigin};
use ticketshow_nats::{
    clock,
    executor::Executor,
    failure::Failure,
    guard::{gate::Gate, log_guard::guard_log},
    kv::{installation::Installation, persons::Persons},
    log::history::Log,
    server::{
        check::check_server, connection::Connection, topology::TopologyError, usage::Streams, users::NatsUser,
    },
};
use ticketshow_query_api::Passes;
use ticketshow_sagas::{MailSettings, Proof, SagaDependencies};
use ticketshow_tickets::{ApplePasses, Signer, Verifier};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{
        Callers, Cards, Data, Mail, Mode, Nats, PassSettings, PersonKeySettings, Posters, Rules, Search,
        fingerprint, refuse_weak,
    },
    services::{health::Dependency, host::Host},
};

/// Pause between two attempts to reach a server.
const PAUSE: Duration = Duration::from_millis(250);

/// Time after a start in which access tokens of versions that signed them with the secret are accepted: long enough to upgrade
/// all replicas one by one.
const OLDER_TOKENS_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Connects as a NATS user and checks the server and the streams. Waits while NATS is unreachable.
///
/// # Errors
///
/// Streams are missing, the server is too old, or, in production, it acknowledges messages before they are on disk.
pub async fn nats(host: &Host, settings: &Nats, user: NatsUser, mode: Mode) -> Result<Connection> {
    host.await_part("nats");
    let connection = settings.connect(user).await?;
    while let Some(cause) =
        unreachable(connection.check_topology().await).context("the streams do not match this version")?
    {
        wait_for("nats", &cause).await;
    }
    loop {
        match check_server(&connection, &settings.monitor_url).await {
            Ok(()) => return Ok(connection),
            Err(error @ TopologyError::OldServer { .. }) => bail!(error),
            Err(error) if mode == Mode::Local => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the log is not known to be durable"
                );
                return Ok(connection);
            }
            Err(error) => match unreachable(Err(error)).context("refused in production")? {
                Some(cause) => wait_for("the monitoring page of nats-server", &cause).await,
                None => return Ok(connection),
            },
        }
    }
}

/// Gives a command-api that runs separately its keys of persons.
///
/// # Errors
///
/// A key is malformed.
pub fn separate_keys(
    host: &mut Host,
    connection: Connection,
    settings: &PersonKeySettings,
) -> Result<Connection> {
    let keys = settings.listed()?;
    if keys.is_none() {
        tracing::warn!(
            "TICKETSHOW_PERSON_KEYS is not set: names and addresses are stored in clear, and stay in the log of a person who is erased"
        );
    }
    Ok(wrap_again(host, connection.with_wrapping_keys(keys)))
}

/// Wraps the keys of persons with the first of several wrapping keys, in the background.
pub fn wrap_again(host: &mut Host, connection: Connection) -> Connection {
    let (persons, stop) = (Persons::new(&connection), host.stop.clone());
    host.work.spawn(async move {
        let wrapped = stop.run_until_cancelled(async {
            loop {
                match persons.wrap_again().await {
                    Ok(count) => return count,
                    Err(failure) => wait_for("the keys of persons", &failure.into()).await,
                }
            }
        });
        if let Some(count @ 1..) = wrapped.await {
            tracing::info!(count, "the keys of persons are wrapped with the first of TICKETSHOW_PERSON_KEYS");
        }
    });
    connection
}

/// Compares the installation secret with the one of the first start, which a service that writes notes.
///
/// # Errors
///
/// It is another one, or the installation is new and the secret is easy to guess.
pub async fn known_secret(connection: &Connection, rules: &Rules, writes: Writes) -> Result<()> {
    const OTHER: &str = "TICKETSHOW_SECRET is not the secret with which this installation was first started: accounts, tickets and \
                         sessions belong to that one";
    // A service that only verifies tokens may have none.
    let Some(secret) = &rules.secret else { return Ok(()) };
    let mark = fingerprint(secret)?;
    let installation = Installation::new(connection);
    loop {
        let known = match (installation.has(&mark).await, writes) {
            (Ok(None), Writes::Yes) => {
                let log = Log::new(connection).last_position().await;
                if log.is_ok_and(|position| position == 0) {
                    refuse_weak(secret)?;
                }
                installation.mark(&mark).await.map(Some)
            }
            (known, Writes::Yes | Writes::No) => known,
        };
        match known {
            Ok(Some(false)) => bail!(OTHER),
            Ok(Some(true) | None) => return Ok(()),
            Err(failure) if connection.is_connected() => {
                // The configuration of an older nats-server does not allow it.
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "the secret was not compared with that of the first start; renew the configuration of nats-server"
                );
                return Ok(());
            }
            Err(failure) => wait_for("nats", &failure.into()).await,
        }
    }
}

/// Right of a service to note the secret.
#[derive(Debug, Clone, Copy)]
pub enum Writes {
    /// It writes.
    Yes,
    /// It only reads.
    No,
}

/// Returns the reason if NATS is unreachable, and `None` if the check succeeded.
fn unreachable(checked: Result<(), TopologyError>) -> Result<Option<anyhow::Error>, TopologyError> {
    match checked {
        Ok(()) => Ok(None),
        Err(error @ TopologyError::Away(_)) => Ok(Some(error.into())),
        Err(error) => Err(error),
    }
}

async fn wait_for(part: &str, cause: &anyhow::Error) {
    tracing::warn!(error = format!("{cause:#}"), "waiting for {part}");
    tokio::time::sleep(PAUSE).await;
}

/// Returns a pool for writing tables, which connects on first use.
///
/// # Errors
///
/// `DATABASE_URL` is invalid.
pub fn lazy_postgres(settings: &Data) -> Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(3));
    Ok(pool.connect_lazy_with(postgres_options(settings)?))
}

fn postgres_options(settings: &Data) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = settings.database_url.expose_secret().parse().context("DATABASE_URL")?;
    Ok(options.application_name("ticketshow"))
}

/// Waits while Postgres is unreachable.
///
/// # Errors
///
/// `DATABASE_URL` is invalid.
pub async fn await_postgres(settings: &Data) -> Result<()> {
    let options = postgres_options(settings)?;
    // A direct connection, because the pool retries for seconds before it reports an error.
    while let Err(error) = options.connect().await {
        wait_for("postgres", &error.into()).await;
    }
    Ok(())
}

/// Returns a pool for writing tables. Waits while Postgres is unreachable.
///
/// # Errors
///
/// `DATABASE_URL` is invalid.
pub async fn postgres(host: &Host, settings: &Data) -> Result<PgPool> {
    host.await_part("postgres");
    await_postgres(settings).await?;
    lazy_postgres(settings)
}

/// Migrates the read models to this version, which may take as long as reading the whole log. Waits while Postgres or NATS
/// is unreachable.
///
/// # Errors
///
/// The tables cannot be created, or belong to a newer version.
pub async fn read_models(connection: &Connection, pool: &PgPool, stop: &CancellationToken) -> Result<()> {
    while let Err(error) = ticketshow_projectors::migrate(pool, connection, stop).await {
        if !is_outage(&error) {
            return Err(error).context("cannot migrate the read models");
        }
        wait_for("the read models", &error.into()).await;
    }
    Ok(())
}

/// Migrates the tables of the sagas to this version. Waits while Postgres is unreachable.
///
/// # Errors
///
/// The tables cannot be created, or belong to a newer version.
pub async fn saga_tables(pool: &PgPool) -> Result<()> {
    while let Err(error) = ticketshow_sagas::migrate(pool).await {
        if !is_outage(&error) {
            return Err(error).context("cannot migrate the tables of the sagas");
        }
        wait_for("the tables of the sagas", &error.into()).await;
    }
    Ok(())
}

/// Returns true if an error was caused by an unreachable server.
fn is_outage(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<Failure>().is_some_and(|failure| !failure.is_permanent()) {
            return true;
        }
        if let Some(failure) = error.downcast_ref::<sqlx::Error>() {
            // An answer of Postgres is no outage, unless it says that it is shutting down (class 57).
            let code = failure.as_database_error().map(sqlx::error::DatabaseError::code);
            return code.is_none_or(|code| code.is_some_and(|code| code.starts_with("57")));
        }
        cause = error.source();
    }
    false
}

/// Returns the executor of commands, behind a gate that the log guard opens.
pub fn executor(host: &mut Host, connection: &Connection, pool: &PgPool, rules: &Rules) -> (Executor, Gate) {
    let gate = Gate::checking();
    let executor = Executor::new(connection, rules.policy.policy(), gate.clone());
    let (connection, pool, guarded, stop) =
        (connection.clone(), pool.clone(), gate.clone(), host.stop.clone());
    host.work.spawn(async move {
        let mark = async || ticketshow_projectors::log_mark(&pool).await.map_err(Into::into);
        guard_log(&connection, &guarded, mark, stop).await;
    });
    (executor, gate)
}

/// Returns the dependencies of a service that writes to the log, with what Postgres is to it.
pub fn writer_dependencies(
    host: &mut Host,
    connection: &Connection,
    gate: Gate,
    postgres: Dependency,
) -> Vec<Dependency> {
    let log = Dependency::Nats(Log::new(connection));
    vec![log, Dependency::LogGuard(gate), postgres, streams(host, connection)]
}

/// Publishes the sizes of the streams as metrics in the background. Returns the dependency that shows the nearly full ones.
pub fn streams(host: &mut Host, connection: &Connection) -> Dependency {
    let (streams, stop) = (Streams::new(connection), host.stop.clone());
    host.work.spawn({
        let streams = streams.clone();
        async move { streams.measure(stop).await }
    });
    Dependency::Streams(streams)
}

/// Returns the poster store, if one is configured. It is prepared in the background, so the service starts without it.
///
/// # Errors
///
/// A setting is invalid.
pub fn poster_store(host: &mut Host, posters: &Posters) -> Result<Option<PosterStore>> {
    let store = posters.store()?;
    if let Some(store) = store.clone() {
        let stop = host.stop.clone();
        host.work.spawn(async move { store.prepare_when_there(stop).await });
    }
    Ok(store)
}

/// Returns the edge, which authenticates callers and applies rate limits.
///
/// # Errors
///
/// The secret is too short.
pub fn edge(mode: Mode, rules: &Rules, callers: &Callers, mail: &Mail) -> Result<Arc<Edge>> {
    let root = rules.root()?;
    // If keys were replaced, the secret may have leaked, so tokens signed with it are no longer accepted.
    let secret = if rules.keys.replaces_token_keys() {
        root
    } else {
        root.accepting_older_tokens(clock::now() + OLDER_TOKENS_LIFE)
    };
    let (origin, proxies) = (SiteOrigin::of(&mail.origin), callers.trusted_proxies.clone());
    let edge = Edge::at(origin, &secret, &callers.limits.limits(), proxies, clock::now, clock::new_id);
    let demands = callers.staff_sessions.rules(mode).on_reads();
    Ok(Arc::new(Edge { demands, ..edge }))
}

/// Returns the verifier of ticket codes.
///
/// # Errors
///
/// The secret is too short.
pub fn verifier(rules: &Rules) -> Result<Verifier> {
    Ok(Verifier::new(rules.keys.ticket_public_keys(rules.secret.as_ref())?))
}

/// Returns the signer of ticket codes.
///
/// # Errors
///
/// The secret is too short.
pub fn signer(rules: &Rules) -> Result<Signer> {
    let signers = rules.keys.signers(rules.secret.as_ref())?;
    signers.into_iter().next().context("TICKETSHOW_TICKET_KEYS is empty")
}

/// Returns the external services of the sagas: signer, payment provider and mail server.
///
/// # Errors
///
/// A setting is invalid.
pub fn parties(rules: &Rules, cards: &Cards, mail: &Mail) -> Result<SagaDependencies> {
    let mut parties = SagaDependencies::new(signer(rules)?).with_seller((&rules.seller).into());
    if let Some(cards) = cards.settings(rules.currency)? {
        parties = parties.with_cards(cards).context("cannot set up the payment provider")?;
    }
    if let Some(mail) = mail_settings(rules, mail)? {
        parties = parties.with_mail(&mail).context("SMTP_URL and TICKETSHOW_MAIL_FROM")?;
    }
    Ok(parties)
}

/// Returns the makers of passes for wallet apps.
///
/// # Errors
///
/// A setting or a file is invalid.
pub fn passes(rules: &Rules, settings: &PassSettings) -> Result<Passes> {
    let seller: ticketshow_domain::invoices::Seller = (&rules.seller).into();
    let passes = settings.makers(&seller.name)?;
    if let Some(ended) = passes.apple.as_ref().map(ApplePasses::expires_at).filter(|end| *end <= clock::now())
    {
        tracing::warn!(%ended, "the certificate of TICKETSHOW_APPLE_PASS_CERTIFICATE has expired: no passes of Apple Wallet");
    }
    Ok(passes)
}

fn mail_settings(rules: &Rules, mail: &Mail) -> Result<Option<MailSettings>> {
    let Some(smtp_url) = &mail.smtp_url else { return Ok(None) };
    let secret = rules.root()?;
    let (tokens, proofs) = (ResetTokens::new(&secret), MailedProofs::new(&secret));
    let (keys, choices) = (Keys::new(&secret), ReminderTokens::new(&secret));
    Ok(Some(MailSettings {
        smtp_url: smtp_url.expose_secret().to_owned(),
        from: mail.mail_from.clone(),
        origin: mail.origin.clone(),
        reset_token: Arc::new(move |account, hash, expires_at| tokens.issue(account, hash, expires_at)),
        address_proof: Arc::new(move |account, nonce| Proof {
            token: proofs.token(account, nonce),
            code: proofs.code(account, nonce),
        }),
        reminder_choice: Arc::new(move |address| {
            // An address that is stored with letters beyond ASCII keeps the key that it had.
            let older = keys.older_account(address).filter(|_| !address.is_ascii());
            let account = older.unwrap_or_else(|| keys.account(address));
            let token = choices.token(&account);
            (account, token)
        }),
    }))
}

/// Returns the search index for writing.
///
/// # Errors
///
/// `OPENSEARCH_URL` is invalid.
pub fn indexed(settings: &Search) -> Result<Option<ticketshow_projectors::search::SearchIndex>> {
    let url = settings.opensearch_url.as_deref().filter(|url| !url.is_empty());
    url.map(ticketshow_projectors::search::SearchIndex::at).transpose().context("OPENSEARCH_URL")
}

/// Returns the search index for reading.
///
/// # Errors
///
/// `OPENSEARCH_URL` is invalid.
pub fn searched(settings: &Search) -> Result<Option<ticketshow_query_api::SearchIndex>> {
    let url = settings.opensearch_url.as_deref().filter(|url| !url.is_empty());
    url.map(ticketshow_query_api::SearchIndex::at).transpose().context("OPENSEARCH_URL")
}
