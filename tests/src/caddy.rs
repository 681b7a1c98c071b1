//! Caddy, the gateway of separately running services.

use std::{path::Path, process::Command};

use crate::{Folder, Port, Process, eventually, tools};

/// A running Caddy.
#[derive(Debug)]
pub struct Caddy {
    process: Process,
    port: Port,
    _folder: Folder,
}

impl Caddy {
    /// Starts Caddy with this file; `GATEWAY_BIND` and `GATEWAY_PORT` set its address, `environment` the rest;
    /// `None` if the machine has no Caddy.
    pub async fn start(file: &Path, environment: &[(&str, &str)]) -> Option<Self> {
        let program = tools::try_find_tool("caddy")?;
        let folder = Folder::new("caddy");
        let port = Port::free();
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        command.envs([("GATEWAY_BIND", "127.0.0.1"), ("GATEWAY_PORT", &port.to_string())]);
        command.envs(environment.iter().copied()).env("HOME", folder.path());
        let process = Process::start("caddy", command, &folder.join("caddy.log"));
        let mut caddy = Self { process, port, _folder: folder };
        caddy.wait_until_ready().await;
        Some(caddy)
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn wait_until_ready(&mut self) {
        let Self { process, port, .. } = self;
        eventually("Caddy to listen", async || {
            process.must_run();
            tokio::net::TcpStream::connect(("127.0.0.1", port.number())).await.ok()
        })
        .await;
    }
}
