//! Supervisor of a local stack: starts the parts in order, keeps them running, and stops them at shutdown.

use std::{
    ffi::OsString,
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, future::join_all};
use rustix::process::Signal;
use secrecy::{ExposeSecret, SecretString};
use ticketshow_demo as demo;
use ticketshow_nats::{
    clock,
    server::{
        staging::stage_batches_in_memory,
        topology::{TopologySettings, provision},
        users::NatsUser,
    },
};
use tokio_util::sync::CancellationToken;

use crate::{
    SERVER, SUPERVISOR,
    console::Console,
    dodo_sim::{self, DodoSim},
    down::{end_left_over, lock},
    guide::Guide,
    home::{Addresses, Home, random_hex},
    inbox::inbox,
    minio::minio,
    nats_server::{self, NatsAddress, NatsServer},
    opensearch::opensearch,
    optional::{FETCHED_WITHIN, OptionalPart},
    part::{Environment, Part, Supervised},
    postgres::{self, Postgres},
    probe,
    process::{Identity, Record, listener_of},
    settings::Settings,
};

/// Time that a part may take to become ready. Recovering a large log is slow.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// Runs the stack until `stop` is cancelled.
///
/// # Errors
///
/// The stack is already running, a port is taken, a program is missing, or a part does not become ready.
pub async fn up(
    settings: &Settings,
    topology: &TopologySettings,
    web: &Path,
    stop: CancellationToken,
) -> Result<()> {
    let home = Home::open(&settings.place.home)?;
    let Some(_lock) = lock(&home)? else { bail!(already_running(&home)) };
    let console = Console::new();
    end_left_over(&home, console).await;
    let us =
        i32::try_from(std::process::id()).ok().and_then(Identity::of).context("no /proc on this machine")?;
    Record { process: us, address: format!("http://localhost:{}", settings.port), restarts: 0 }
        .write(&home.record(SUPERVISOR))?;

    let supervisor = Supervisor {
        settings,
        topology,
        web,
        home: &home,
        console,
        program: std::env::current_exe().context("cannot find the path of this program")?,
        running: Mutex::default(),
    };
    let outcome = tokio::select! {
        outcome = supervisor.run() => outcome,
        () = stop.cancelled() => Ok(()),
    };
    supervisor.end().await;
    // The record is obsolete; the next start would ignore it.
    let _ = fs::remove_file(home.record(SUPERVISOR));
    outcome
}

fn already_running(home: &Home) -> String {
    let process = Record::read(&home.record(SUPERVISOR))
        .map_or_else(String::new, |record| format!(" (process {}, {})", record.process.pid, record.address));
    format!("already running{process}; see `make status`, or stop it with `make down`")
}

struct Supervisor<'a> {
    settings: &'a Settings,
    topology: &'a TopologySettings,
    web: &'a Path,
    home: &'a Home,
    console: Console,
    program: PathBuf,
    /// Parts in the order of their start.
    running: Mutex<Vec<Supervised>>,
}

impl Supervisor<'_> {
    async fn run(&self) -> Result<()> {
        self.check_ports()?;
        let optional = self.optional_parts()?;
        let starting = join_all(optional.iter().map(|part| self.start_optional(part))).map(Ok);
        tokio::try_join!(self.site(&optional), starting)?;
        std::future::pending().await
    }

    /// Starts the core parts, loads the demo data and prints the guide.
    async fn site(&self, optional: &[OptionalPart]) -> Result<()> {
        let (nats, database_url, dodo_sim) = tokio::try_join!(self.nats(), self.postgres(), self.dodo_sim())?;
        let connection = nats.connect(NatsUser::Provision).await?;
        provision(&connection, self.topology).await.context("cannot create the streams")?;
        let admin_password = match &self.settings.admin_password {
            Some(password) => password.clone(),
            None => SecretString::from(self.home.secret("admin", || random_hex(8))?),
        };
        let mut environment = dodo_sim.as_ref().map(DodoSim::settings).unwrap_or_default();
        environment.extend(optional.iter().flat_map(|part| part.settings.clone()));
        self.server(&nats, &database_url, &admin_password, environment).await?;
        let customers = self.demo(&admin_password).await?;
        let nats_cli = match &self.settings.nats_url {
            Some(url) => format!("nats --server {url}"),
            None => format!("nats --context {}", self.home.nats_context().display()),
        };
        let pages: Vec<_> = optional.iter().map(|part| part.page.clone()).collect();
        Guide {
            origin: &self.origin(),
            pages: &pages,
            dodo_sim: dodo_sim.as_ref().map(DodoSim::origin).as_deref(),
            nats_cli: &nats_cli,
            admin_email: &self.settings.admin_email,
            admin_password: self.settings.admin_password.is_none().then_some(admin_password.expose_secret()),
            customers: &customers,
        }
        .print();
        self.posters(&admin_password).await;
        Ok(())
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.settings.port)
    }

    /// Stops the parts, the last started first.
    async fn end(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        if running.is_empty() {
            return;
        }
        self.console.say(SUPERVISOR, "stopping");
        for part in running.into_iter().rev() {
            part.end().await;
        }
        self.console.say(SUPERVISOR, "stopped; data is kept");
    }

    fn check_ports(&self) -> Result<()> {
        let settings = self.settings;
        let ours = [
            (true, settings.port, "TICKETSHOW_PORT"),
            (settings.nats_url.is_none(), settings.nats_port, "TICKETSHOW_NATS_PORT"),
            (settings.nats_url.is_none(), settings.nats_monitor_port, "TICKETSHOW_NATS_MONITOR_PORT"),
            (settings.database_url.is_none(), settings.postgres_port, "TICKETSHOW_POSTGRES_PORT"),
            (settings.dodo_api_key.is_none(), settings.dodo_port, "TICKETSHOW_DODO_PORT"),
            (settings.has_inbox(), settings.smtp_port, "TICKETSHOW_SMTP_PORT"),
            (settings.has_inbox(), settings.inbox_port, "TICKETSHOW_INBOX_PORT"),
            (settings.has_opensearch(), settings.opensearch_port, "TICKETSHOW_OPENSEARCH_PORT"),
            (
                settings.has_opensearch(),
                settings.opensearch_transport_port,
                "TICKETSHOW_OPENSEARCH_TRANSPORT_PORT",
            ),
            (settings.has_minio(), settings.s3_port, "TICKETSHOW_S3_PORT"),
            (settings.has_minio(), settings.s3_console_port, "TICKETSHOW_S3_CONSOLE_PORT"),
        ];
        for (_, port, setting) in ours.into_iter().filter(|(needed, ..)| *needed) {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
                let who = listener_of(port).map_or_else(String::new, |name| format!(" by {name}"));
                bail!("port {port} is taken{who}; free it, or set {setting} to another port");
            }
        }
        Ok(())
    }

    async fn nats(&self) -> Result<NatsAddress> {
        let settings = self.settings;
        if let Some(url) = settings.nats_url.clone() {
            let monitor_url =
                settings.nats_monitor_url.clone().context("NATS_URL is set but NATS_MONITOR_URL is not")?;
            return Ok(NatsAddress { url, monitor_url, keys: settings.nats_keys.clone() });
        }
        let server =
            NatsServer::prepare(self.home, &settings.tools, settings.nats_port, settings.nats_monitor_port)?;
        self.start(server.part())?;
        self.wait_for(nats_server::NAME, || server.check()).await?;
        let monitor = settings.nats_monitor_port;
        self.console.say(nats_server::NAME, &format!("ready on {}, monitor on port {monitor}", server.url()));
        Ok(NatsAddress {
            url: server.url(),
            monitor_url: server.monitor_url(),
            keys: Some(self.home.nats_keys()?),
        })
    }

    async fn postgres(&self) -> Result<SecretString> {
        let settings = self.settings;
        if let Some(url) = &settings.database_url {
            return Ok(url.clone());
        }
        let server =
            Postgres::prepare(self.home, settings.pg_bin.as_deref(), &settings.tools, settings.postgres_port)
                .await?;
        self.start(server.part())?;
        self.wait_for(postgres::NAME, || server.create_database()).await?;
        self.console.say(postgres::NAME, &format!("ready on 127.0.0.1:{}", settings.postgres_port));
        Ok(SecretString::from(server.url()))
    }

    /// Starts the simulator of the payment provider, unless there is an account at Dodo.
    async fn dodo_sim(&self) -> Result<Option<DodoSim>> {
        let settings = self.settings;
        if settings.dodo_api_key.is_some() {
            return Ok(None);
        }
        let simulator = DodoSim::prepare(self.home, settings.dodo_port, settings.port)?;
        self.start(simulator.part(&self.program))?;
        self.wait_for(dodo_sim::NAME, || simulator.check()).await?;
        self.console.say(dodo_sim::NAME, &format!("ready on {}", simulator.origin()));
        Ok(Some(simulator))
    }

    /// Returns the optional parts, except those that run elsewhere or cannot run on this machine.
    fn optional_parts(&self) -> Result<Vec<OptionalPart>> {
        let settings = self.settings;
        let tools = std::path::absolute(&settings.tools).context("TICKETSHOW_TOOLS")?;
        let mut parts = Vec::new();
        if settings.has_opensearch() {
            let (port, transport_port) = (settings.opensearch_port, settings.opensearch_transport_port);
            parts.push(opensearch(self.home, &tools, port, transport_port));
        }
        if settings.has_minio() {
            parts.push(minio(self.home, &tools, settings.s3_port, settings.s3_console_port)?);
        }
        if settings.has_inbox() {
            match inbox(self.home, &tools, settings.smtp_port, settings.inbox_port) {
                Ok(inbox) => parts.push(inbox),
                Err(error) => {
                    self.console.say(super::inbox::NAME, &format!("{error:#}: mails are not shown"));
                }
            }
        }
        Ok(parts)
    }

    /// Starts a part once it is downloaded. An error is printed and does not stop the other parts.
    async fn start_optional(&self, optional: &OptionalPart) {
        let name = optional.part.name;
        let ready = async {
            optional.fetched().await?;
            self.start(optional.part.clone())?;
            self.wait_for(name, || optional.check()).await
        };
        match ready.await {
            Ok(()) => self.console.say(name, &format!("ready on {}", optional.part.address)),
            Err(error) => self.console.say(name, &format!("{error:#}: {}", optional.without)),
        }
    }

    async fn server(
        &self,
        nats: &NatsAddress,
        database_url: &SecretString,
        admin_password: &SecretString,
        parts: Vec<(&'static str, OsString)>,
    ) -> Result<()> {
        let settings = self.settings;
        let secret = match &settings.secret {
            Some(secret) => secret.clone(),
            None => SecretString::from(self.home.secret("installation", || random_hex(32))?),
        };
        self.home.note_addresses(&Addresses {
            nats_url: nats.url.clone(),
            nats_keys: nats.keys.clone(),
            database_url: database_url.expose_secret().to_owned(),
            opensearch_url: settings.opensearch_url.clone().or_else(|| {
                settings.has_opensearch().then(|| format!("http://127.0.0.1:{}", settings.opensearch_port))
            }),
            secret: secret.expose_secret().to_owned(),
        })?;
        let address = format!("127.0.0.1:{}", settings.port);
        let mut environment: Vec<(&'static str, OsString)> = vec![
            ("TICKETSHOW_LISTEN", address.clone().into()),
            ("NATS_URL", nats.url.clone().into()),
            ("NATS_MONITOR_URL", nats.monitor_url.clone().into()),
            ("DATABASE_URL", database_url.expose_secret().into()),
            ("TICKETSHOW_SECRET", secret.expose_secret().into()),
            ("TICKETSHOW_ADMIN_EMAIL", settings.admin_email.clone().into()),
            ("TICKETSHOW_ADMIN_PASSWORD", admin_password.expose_secret().into()),
            // Parts run in other folders.
            ("TICKETSHOW_WEB", std::path::absolute(self.web).context("TICKETSHOW_WEB")?.into()),
        ];
        environment.extend(nats.keys.clone().map(|keys| ("TICKETSHOW_NATS_KEYS", keys.into_os_string())));
        if settings.dodo_return_url.is_none() {
            let url = format!("{}/payments/return", self.origin());
            environment.push(("DODO_PAYMENTS_RETURN_URL", url.into()));
        }
        if settings.origin.is_none() {
            environment.push(("TICKETSHOW_ORIGIN", self.origin().into()));
        }
        if std::env::var_os("TICKETSHOW_CONFIRMATION_SECONDS").is_none() {
            // Developers work with one sign-in for longer than the five minutes of a real installation.
            environment.push(("TICKETSHOW_CONFIRMATION_SECONDS", "3600".into()));
        }
        environment.extend(parts);
        self.start(Part {
            name: SERVER,
            address: address.clone(),
            program: self.program.clone(),
            arguments: vec!["serve".into()],
            environment: Environment::Inherited(environment),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(20),
        })?;
        let ready = || async {
            let (status, body) = probe::get(&address, "/readyz").await?;
            ensure!(status == 200, "answered: {}", body.trim());
            Ok(())
        };
        self.wait_for(SERVER, ready).await?;
        if settings.nats_url.is_none()
            && let Err(error) = stage_batches_in_memory(&self.home.nats().join("jetstream"))
        {
            self.console
                .say(nats_server::NAME, &format!("batches are staged on disk, which is slower: {error}"));
        }
        self.console.say(SERVER, &format!("ready on {}", self.origin()));
        Ok(())
    }

    /// Loads the demo data on first start. Returns the e-mails of its customers, or none without demo data.
    async fn demo(&self, admin_password: &SecretString) -> Result<Vec<String>> {
        let marker = self.home.demo_marker();
        if let Ok(kept) = fs::read_to_string(&marker) {
            return Ok(kept.lines().map(str::to_owned).collect());
        }
        if !self.settings.demo {
            return Ok(Vec::new());
        }
        self.console.say("demo", "loading: cities, venues, screens, two weeks of screenings, customers");
        let password = admin_password.expose_secret();
        let origin = format!("http://127.0.0.1:{}", self.settings.port);
        let summary = demo::run(&origin, &self.settings.admin_email, password, clock::now())
            .await
            .context("demo data")?;
        fs::write(&marker, summary.customers.join("\n"))
            .context("cannot write the marker for loaded demo data")?;
        self.console.say("demo", &summary.to_string());
        Ok(summary.customers)
    }

    /// Uploads the posters of the demo data once the object store is ready. An error is printed and does not stop the
    /// other parts.
    async fn posters(&self, admin_password: &SecretString) {
        let settings = self.settings;
        let has_store = settings.has_minio() || settings.s3_endpoint.is_some();
        if !has_store || !self.home.demo_marker().exists() || !self.store_is_ready().await {
            return;
        }
        let origin = format!("http://127.0.0.1:{}", settings.port);
        match demo::posters(&origin, &settings.admin_email, admin_password.expose_secret()).await {
            Ok(0) => {}
            Ok(count) => self.console.say("demo", &format!("{count} posters uploaded")),
            Err(error) => self.console.say("demo", &format!("no posters: {error:#}")),
        }
    }

    /// Waits until the server reaches its object store. Returns true if it does.
    async fn store_is_ready(&self) -> bool {
        let address = format!("127.0.0.1:{}", self.settings.port);
        let deadline = Instant::now() + FETCHED_WITHIN;
        while Instant::now() < deadline {
            if let Ok((_, body)) = probe::get(&address, "/readyz").await
                && let Ok(state) = serde_json::from_str::<serde_json::Value>(&body)
                && state["dependencies"]["s3"] == "ok"
            {
                return true;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        false
    }

    fn start(&self, part: Part) -> Result<()> {
        let supervised = part.supervise(self.home.clone(), self.console)?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(supervised);
        Ok(())
    }

    async fn wait_for<F: Future<Output = Result<()>>>(
        &self,
        part: &str,
        check: impl Fn() -> F,
    ) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            match check().await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() >= deadline => {
                    self.console.show_end_of(part, &self.home.log(part));
                    return Err(
                        error.context(format!("{part} was not ready within {} s", READY_WITHIN.as_secs()))
                    );
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
