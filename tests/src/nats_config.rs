//! The configuration of a nats-server under test.

use std::path::PathBuf;

/// Ports and data folder of a server, which its configuration must name.
#[derive(Debug, Clone)]
pub struct NatsPlace {
    /// `server_name`.
    pub name: String,
    /// Loopback port for clients.
    pub port: u16,
    /// Loopback port of the monitoring pages.
    pub monitor_port: u16,
    /// Folder of the JetStream store.
    pub store: PathBuf,
}

impl NatsPlace {
    /// A single server that syncs every message to disk, with `appended` at the end.
    #[must_use]
    pub fn config(&self, appended: &str) -> String {
        let Self { name, port, monitor_port, store } = self;
        format!(
            r#"server_name: "{name}"
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
jetstream {{ store_dir: "{}", sync_interval: always, max_memory_store: 256MB, max_file_store: 20GB }}
{appended}
"#,
            store.display()
        )
    }

    /// A member of a cluster; `cluster_ports` are those of all members, its own is `cluster_port`.
    #[must_use]
    pub fn cluster_config(&self, cluster_port: u16, cluster_ports: &[u16], appended: &str) -> String {
        let routes: Vec<_> =
            cluster_ports.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
        let cluster = format!(
            "cluster {{ name: \"ticketshow\", listen: \"127.0.0.1:{cluster_port}\", routes: [{}] }}\n{appended}",
            routes.join(", ")
        );
        self.config(&cluster)
    }
}
