//! A real object store: MinIO.

use std::process::Command;
use std::time::Duration;

use crate::{Client, Folder, Port, Process, eventually_within, tools};

/// Limit of a start.
const START: Duration = Duration::from_secs(40);
/// Its only user.
const ACCESS_KEY: &str = "ticketshow";
/// Their password.
const SECRET_KEY: &str = "a secret of the store";

/// A running store with a folder of its own.
#[derive(Debug)]
pub struct Minio {
    process: Process,
    client: Client,
    port: Port,
    console: Port,
    folder: Folder,
}

impl Minio {
    /// Starts one on free ports, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If the machine has no `MinIO`.
    pub async fn start() -> Self {
        let (port, console, folder) = (Port::free(), Port::free(), Folder::new("minio"));
        let process = run(&port, &console, &folder);
        let client = Client::new(&format!("http://127.0.0.1:{port}"));
        let mut store = Self { process, client, port, console, folder };
        store.wait_until_ready().await;
        store
    }

    /// `S3_ENDPOINT` for a server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Settings with which a server uses it.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("S3_ENDPOINT", self.url()),
            ("S3_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("S3_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// Asks it directly, as a browser would: without a key.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Kills it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again with what it had stored, after killing it if it runs.
    pub async fn restart(&mut self) {
        self.process.kill();
        self.process = run(&self.port, &self.console, &self.folder);
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&mut self) {
        let Self { process, client, .. } = self;
        eventually_within(START, "MinIO to be ready", async || {
            process.must_run();
            let answer = client.get("/minio/health/ready").try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

fn run(port: &Port, console: &Port, folder: &Folder) -> Process {
    let mut command = Command::new(tools::find_tool("minio"));
    command.arg("server").arg(folder.join("data"));
    command.args(["--address", &format!("127.0.0.1:{port}")]);
    command.args(["--console-address", &format!("127.0.0.1:{console}")]);
    command.env("MINIO_ROOT_USER", ACCESS_KEY).env("MINIO_ROOT_PASSWORD", SECRET_KEY);
    command.env("HOME", folder.path()).env("MINIO_UPDATE", "off");
    Process::start("minio", command, &folder.join("minio.log"))
}
