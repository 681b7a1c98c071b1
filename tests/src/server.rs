//! The `ticketshow` binary, run as a user would run it: by its command line and environment.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use rustix::process::Signal;

use crate::{Client, Folder, Port, Process, eventually_within, find_binary};

/// Login of the administrator that every server under test starts with.
pub const ADMIN_EMAIL: &str = "admin@example.com";
/// Their password.
pub const ADMIN_PASSWORD: &str = "correct horse battery staple";
/// The installation secret of every server under test.
pub const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Limit of a start, migrations included.
const START: Duration = Duration::from_secs(40);

/// A running `ticketshow <subcommand>`.
#[derive(Debug)]
pub struct Server {
    process: Process,
    port: Port,
    operations: Port,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: Folder,
}

impl Server {
    /// Starts `ticketshow <subcommand>` with these settings besides its own port, and waits until it is ready.
    pub async fn start(subcommand: &str, environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new(subcommand);
        let (port, operations) = (Port::free(), Port::free());
        let mut settings = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>();
        settings.push(("TICKETSHOW_LISTEN".to_owned(), format!("127.0.0.1:{port}")));
        settings.push(("TICKETSHOW_OPERATIONS_LISTEN".to_owned(), format!("127.0.0.1:{operations}")));
        let arguments = vec![subcommand.to_owned()];
        let process = run(&arguments, &settings, &folder);
        let mut server = Self { process, port, operations, arguments, environment: settings, folder };
        server.wait_until_ready().await;
        server
    }

    /// Runs another subcommand of the binary with this server's settings, to its end.
    ///
    /// # Panics
    ///
    /// If the binary cannot be started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Output {
        run_to_end(arguments, &self.environment)
    }

    /// Kills it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Shuts it down cleanly. Returns `true` if it ended within 15 s.
    pub fn stop(&mut self) -> bool {
        self.process.stop(Signal::TERM, Duration::from_secs(15))
    }

    /// Starts it again with the same settings and port, after killing it if it runs.
    pub async fn restart(&mut self) {
        self.process.kill();
        self.process = run(&self.arguments, &self.environment, &self.folder);
        self.wait_until_ready().await;
    }

    /// Starts it again like [`Server::restart`], without waiting until it is ready.
    pub fn respawn(&mut self) {
        self.process.kill();
        self.process = run(&self.arguments, &self.environment, &self.folder);
    }

    /// A setting from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Calls the operators' pages: `/metrics`, and `/readyz` with causes.
    #[must_use]
    pub fn operations(&self) -> Client {
        Client::new(&format!("http://127.0.0.1:{}", self.operations))
    }

    /// Calls its API: paths begin after `/api/v1`.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&format!("{}/api/v1", self.url()))
    }

    /// Folder with its log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Shows the end of its log with every panic from now on.
    pub fn show_log_on_panic(&self) {
        self.process.show_log_on_panic();
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits until `/readyz` says 200. Its clients know no authority of certificates, so that of a service with TLS is asked on the
    /// operators' listener.
    pub async fn wait_until_ready(&mut self) {
        let has_tls = self.environment.iter().any(|(name, _)| name == "TICKETSHOW_TLS_CERTIFICATE");
        let client = if has_tls { self.operations() } else { Client::new(&self.url()) };
        let process = &mut self.process;
        eventually_within(START, "/readyz to say 200", async || {
            process.must_run();
            let answer = client.get("/readyz").try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

/// Runs the binary to its end with these settings and no others.
///
/// # Panics
///
/// If it cannot be started.
#[must_use]
pub fn run_to_end(arguments: &[&str], environment: &[(String, String)]) -> Output {
    command(arguments, environment).output().expect("the binary can be run")
}

fn run(arguments: &[String], environment: &[(String, String)], folder: &Folder) -> Process {
    let mut command = command(arguments, environment);
    command.current_dir(folder.path());
    Process::start(&format!("ticketshow {}", arguments.join(" ")), command, &folder.join("server.log"))
}

fn command(arguments: &[impl AsRef<std::ffi::OsStr>], environment: &[(String, String)]) -> Command {
    let mut command = Command::new(find_binary());
    command.args(arguments);
    // Settings of the person who runs the tests must not reach the server under test.
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|name| {
            let prefixes = [
                "TICKETSHOW_",
                "NATS_",
                "DODO_PAYMENTS_",
                "SMTP_",
                "DATABASE_URL",
                "OPENSEARCH_",
                "S3_",
                "OTEL_",
            ];
            prefixes.iter().any(|prefix| name.starts_with(prefix))
        });
        if ours {
            command.env_remove(name);
        }
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}
