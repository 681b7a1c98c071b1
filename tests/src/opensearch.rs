//! A real OpenSearch node.

use std::process::Command;
use std::time::Duration;

use crate::{Client, Folder, Port, Process, eventually_within, tools};

/// Limit of a start: 8 to 16 s on an idle machine.
const START: Duration = Duration::from_mins(2);

/// A running node with a folder of its own.
#[derive(Debug)]
pub struct OpenSearch {
    process: Process,
    client: Client,
    http: Port,
    transport: Port,
    folder: Folder,
    data: u32,
}

impl OpenSearch {
    /// Starts one on free ports, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If the machine has no OpenSearch.
    pub async fn start() -> Self {
        let (http, transport, folder) = (Port::free(), Port::free(), Folder::new("opensearch"));
        let process = run(&http, &transport, &folder, 0);
        let client = Client::new(&format!("http://127.0.0.1:{http}"));
        let mut node = Self { process, client, http, transport, folder, data: 0 };
        node.wait_until_ready().await;
        node
    }

    /// `OPENSEARCH_URL` for a server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// Asks it directly.
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
        self.process = run(&self.http, &self.transport, &self.folder, self.data);
        self.wait_until_ready().await;
    }

    /// Starts it again with nothing stored, after killing it if it runs.
    pub async fn restart_empty(&mut self) {
        self.data += 1;
        self.restart().await;
    }

    async fn wait_until_ready(&mut self) {
        let Self { process, client, .. } = self;
        eventually_within(START, "OpenSearch to be ready", async || {
            process.must_run();
            let answer =
                client.get("/_cluster/health?wait_for_status=yellow&timeout=1s").try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

fn run(http: &Port, transport: &Port, folder: &Folder, data: u32) -> Process {
    let mut command = Command::new(tools::find_tool("opensearch"));
    command.arg(folder.join(format!("data-{data}"))).args([http.to_string(), transport.to_string()]);
    Process::start("opensearch", command, &folder.join("opensearch.log"))
}
