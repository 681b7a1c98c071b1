//! What services wait for when they start, and what they have in common.

use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};
use ticketshow_command_api::PosterStore;
use ticketshow_http::{Edge, ResetTokens};
use ticketshow_nats::{Connection, Executor, Gate, NatsUser, TopologyError, check_server, clock, guard_log};
use ticketshow_sagas::{MailSettings, Parties};
use ticketshow_tickets::{Signer, Verifier};

use super::host::Host;
use crate::config::{Callers, Cards, Data, Mail, Mode, Nats, Posters, Rules, Search, root_key};

/// Between two looks at something that is away.
const PAUSE: Duration = Duration::from_millis(250);

/// A connection of the user, to a server and streams that are as they must be. Waits while NATS is away.
///
/// # Errors
///
/// Streams are missing, the server is too old, or, in production, it acknowledges what is not on the disk.
pub async fn nats(host: &Host, settings: &Nats, user: NatsUser, mode: Mode) -> Result<Connection> {
    host.await_part("nats");
    let connection = settings.connect(user).await?;
    while let Some(cause) =
        away(connection.check_topology().await).context("the streams are not as they must be")?
    {
        wait_for("nats", &cause).await;
    }
    loop {
        match check_server(&connection, &settings.monitor_url).await {
            Ok(()) => return Ok(connection),
            Err(error @ TopologyError::OldServer { .. }) => bail!(error),
            Err(error) if mode == Mode::Local => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not known to be durable");
                return Ok(connection);
            }
            Err(error) => match away(Err(error)).context("refused in production")? {
                Some(cause) => wait_for("the monitoring page of nats-server", &cause).await,
                None => return Ok(connection),
            },
        }
    }
}

/// None: it is well. Some: it is away, for this reason.
fn away(checked: Result<(), TopologyError>) -> Result<Option<anyhow::Error>, TopologyError> {
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

/// A pool for whoever writes tables. Waits while Postgres is away.
///
/// # Errors
///
/// `DATABASE_URL` is no address of a database.
pub async fn postgres(host: &Host, settings: &Data) -> Result<PgPool> {
    host.await_part("postgres");
    let options: PgConnectOptions = settings.database_url.expose_secret().parse().context("DATABASE_URL")?;
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(3));
    let options = options.application_name("ticketshow");
    // A connection of our own: the pool would try for seconds before it tells.
    while let Err(error) = options.connect().await {
        wait_for("postgres", &error.into()).await;
    }
    Ok(pool.connect_lazy_with(options))
}

/// Tables as this version lays them out, which may take as long as reading the whole log.
///
/// # Errors
///
/// They cannot be made, or belong to a newer version.
pub async fn read_models(host: &Host, connection: &Connection, pool: &PgPool) -> Result<()> {
    host.await_part("read-models");
    let migrated = ticketshow_projectors::migrate(pool, connection, &host.stop).await;
    migrated.context("cannot bring the read models up to date")
}

/// What decides commands, behind a gate that the log guard opens.
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

/// The store for posters, if there is one in the settings. Nobody waits for it: it is made ready when it is there.
///
/// # Errors
///
/// A setting makes no sense.
pub fn poster_store(host: &mut Host, posters: &Posters) -> Result<Option<PosterStore>> {
    let store = posters.store()?;
    if let Some(store) = store.clone() {
        let stop = host.stop.clone();
        host.work.spawn(async move { store.prepare_when_there(stop).await });
    }
    Ok(store)
}

/// Who may call, and how often.
///
/// # Errors
///
/// The secret is too short.
pub fn edge(rules: &Rules, callers: &Callers) -> Result<Arc<Edge>> {
    let secret = root_key(&rules.secret)?;
    Ok(Edge::new(
        &secret,
        &callers.limits.limits(),
        callers.trusted_proxies.clone(),
        clock::now,
        clock::new_id,
    ))
}

/// What knows ticket codes.
///
/// # Errors
///
/// The secret is too short.
pub fn verifier(rules: &Rules) -> Result<Verifier> {
    Ok(Verifier::new([signer(rules)?.public_key()]))
}

/// What signs ticket codes.
///
/// # Errors
///
/// The secret is too short.
pub fn signer(rules: &Rules) -> Result<Signer> {
    Ok(Signer::from_secret(&root_key(&rules.secret)?.derive("ticket-codes")))
}

/// Whom the sagas work with.
///
/// # Errors
///
/// A setting makes no sense.
pub fn parties(rules: &Rules, cards: &Cards, mail: &Mail) -> Result<Parties> {
    let mut parties = Parties::new(signer(rules)?);
    if let Some(cards) = cards.settings(rules.currency)? {
        parties = parties.with_cards(cards).context("cannot speak to the payment provider")?;
    }
    if let Some(mail) = mail_settings(rules, mail)? {
        parties = parties.with_mail(&mail).context("SMTP_URL and TICKETSHOW_MAIL_FROM")?;
    }
    Ok(parties)
}

fn mail_settings(rules: &Rules, mail: &Mail) -> Result<Option<MailSettings>> {
    let Some(smtp_url) = &mail.smtp_url else { return Ok(None) };
    let tokens = ResetTokens::new(&root_key(&rules.secret)?);
    Ok(Some(MailSettings {
        smtp_url: smtp_url.expose_secret().to_owned(),
        from: mail.mail_from.clone(),
        origin: mail.origin.clone(),
        reset_token: Arc::new(move |account, hash, expires_at| tokens.issue(account, hash, expires_at)),
    }))
}

/// The search index, for whoever writes it.
///
/// # Errors
///
/// `OPENSEARCH_URL` is no address.
pub fn indexed(settings: &Search) -> Result<Option<ticketshow_projectors::search::SearchIndex>> {
    let url = settings.opensearch_url.as_deref().filter(|url| !url.is_empty());
    url.map(ticketshow_projectors::search::SearchIndex::at).transpose().context("OPENSEARCH_URL")
}

/// The search index, for whoever reads it.
///
/// # Errors
///
/// `OPENSEARCH_URL` is no address.
pub fn searched(settings: &Search) -> Result<Option<ticketshow_query_api::SearchIndex>> {
    let url = settings.opensearch_url.as_deref().filter(|url| !url.is_empty());
    url.map(ticketshow_query_api::SearchIndex::at).transpose().context("OPENSEARCH_URL")
}
