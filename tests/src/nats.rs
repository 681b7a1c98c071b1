//! One nats-server with JetStream on disk.

use std::{fs, path::Path, process::Command, time::Duration};

use rustix::process::Signal;
use tokio::{io::AsyncBufReadExt, io::BufReader, net::TcpStream};

use crate::{Folder, NatsPlace, Port, Process, eventually, find_tool};

/// A running nats-server, with one server's worth of ports and a store that outlives its process.
#[derive(Debug)]
pub struct Nats {
    place: NatsPlace,
    process: Process,
    _ports: [Port; 2],
    folder: Folder,
}

impl Nats {
    /// Starts one with `sync_interval: always` and no users.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// The same, with more configuration at the end of its file.
    pub async fn start_with(appended: &str) -> Self {
        Self::start_configured(|place| place.config(appended)).await
    }

    /// Starts a server with the given configuration, which must use the values of `place`.
    pub async fn start_configured(config: impl FnOnce(&NatsPlace) -> String) -> Self {
        let mut nats = Self::spawn("nats", config);
        nats.wait_until_ready().await;
        nats
    }

    /// Starts the process without waiting for it.
    pub(crate) fn spawn(name: &str, config: impl FnOnce(&NatsPlace) -> String) -> Self {
        let folder = Folder::new(name);
        let ports = [Port::free(), Port::free()];
        let place = NatsPlace {
            name: name.to_owned(),
            port: ports[0].number(),
            monitor_port: ports[1].number(),
            store: folder.join("store"),
        };
        fs::write(folder.join("nats.conf"), config(&place)).expect("our folder can be written");
        let process = Self::run(name, &folder);
        Self { place, process, _ports: ports, folder }
    }

    /// Folder of its streams.
    #[must_use]
    pub fn store(&self) -> &Path {
        &self.place.store
    }

    /// Kills it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Shuts it down cleanly.
    pub fn stop(&mut self) {
        self.process.stop(Signal::TERM, Duration::from_secs(10));
    }

    /// Starts it again, with the same ports and store, after killing it if it runs.
    pub async fn restart(&mut self) {
        self.respawn();
        self.wait_until_ready().await;
    }

    /// Shuts it down cleanly and starts it with another configuration, with the same ports and store.
    ///
    /// # Panics
    ///
    /// If the configuration cannot be written.
    pub async fn restart_configured(&mut self, config: impl FnOnce(&NatsPlace) -> String) {
        self.stop();
        fs::write(self.folder.join("nats.conf"), config(&self.place)).expect("our folder can be written");
        self.restart().await;
    }

    /// Like [`Nats::restart`], without waiting.
    pub(crate) fn respawn(&mut self) {
        self.process.kill();
        self.process = Self::run(&self.place.name, &self.folder);
    }

    /// Suspends it (SIGSTOP): connections stay open, and nothing is answered.
    pub fn pause(&mut self) {
        self.process.signal(Signal::STOP);
    }

    /// Resumes it.
    pub fn resume(&mut self) {
        self.process.signal(Signal::CONT);
    }

    /// For clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.place.port)
    }

    /// Of the monitoring pages, such as `/varz`.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.place.monitor_port)
    }

    /// Its port and data folder.
    #[must_use]
    pub fn place(&self) -> &NatsPlace {
        &self.place
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits until it greets with its own name, which another process on the port would not.
    pub(crate) async fn wait_until_ready(&mut self) {
        let Self { place, process, .. } = self;
        let greeting = format!("\"server_name\":\"{}\"", place.name);
        eventually("nats-server to greet", async || {
            process.must_run();
            let stream = TcpStream::connect(("127.0.0.1", place.port)).await.ok()?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).await.ok()?;
            line.contains(&greeting).then_some(())
        })
        .await;
    }

    fn run(name: &str, folder: &Folder) -> Process {
        let mut command = Command::new(find_tool("nats-server"));
        command.arg("-c").arg(folder.join("nats.conf"));
        Process::start(name, command, &folder.join("nats.log"))
    }
}
