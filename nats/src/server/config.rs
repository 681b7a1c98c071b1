//! Configuration of nats-server: every message synced to disk, and the users with their permissions.

use std::{fmt::Write, path::PathBuf};

use crate::server::users::{NatsUser, Permissions};

/// Settings of one nats-server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Value of `server_name`.
    pub name: String,
    /// Address for clients, usually `127.0.0.1`.
    pub host: String,
    /// Port for clients.
    pub port: u16,
    /// Address of the monitoring pages, usually loopback: they list the connected clients.
    pub monitor_host: String,
    /// Port of the monitoring pages.
    pub monitor_port: u16,
    /// Folder of the JetStream store.
    pub store: PathBuf,
    /// Public key per user, or `$NAME` for a variable of the server's environment.
    pub users: Vec<(NatsUser, String)>,
    /// Cluster the server belongs to.
    pub cluster: Option<ClusterConfig>,
}

/// Settings of one member of a cluster.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Address for the other members: `host:port`.
    pub listen: String,
    /// Addresses of all members: `host:port`.
    pub routes: Vec<String>,
}

/// Writes the text of a server's configuration file.
#[must_use]
pub fn server_config(config: &ServerConfig) -> String {
    let ServerConfig { name, host, port, monitor_host, monitor_port, store, users, cluster } = config;
    let mut text = format!(
        "server_name: {}\nlisten: {}\nhttp: {}\n\n",
        quoted(name),
        quoted(&format!("{host}:{port}")),
        quoted(&format!("{monitor_host}:{monitor_port}"))
    );
    text += "# `always`: acknowledged messages are on disk. With the default of two minutes a power cut loses everything\n";
    text += "# acknowledged since the last sync.\n";
    let store = quoted(&store.display().to_string());
    write_line(&mut text, format_args!("jetstream {{\n  store_dir: {store}\n  sync_interval: always\n}}"));
    if let Some(ClusterConfig { listen, routes }) = cluster {
        let routes: Vec<_> = routes.iter().map(|route| quoted(&format!("nats://{route}"))).collect();
        let (listen, routes) = (quoted(listen), routes.join(", "));
        write_line(
            &mut text,
            format_args!("\ncluster {{\n  name: ticketshow\n  listen: {listen}\n  routes: [{routes}]\n}}"),
        );
    }
    text +=
        "\n# Clients without a key are rejected. Each user has only the permissions that its job needs.\n";
    text += "authorization {\n  users: [\n";
    for (user, key) in users {
        write_user(&mut text, *user, key);
    }
    text += "  ]\n}\n";
    text
}

fn write_user(text: &mut String, user: NatsUser, key: &str) {
    let Permissions { publish, deny_publish, subscribe, answers, .. } = user.permissions();
    write_line(text, format_args!("    {{ # {}", user.name()));
    write_line(text, format_args!("      nkey: {key}"));
    *text += "      permissions: {\n        publish: {\n";
    write_list(text, "          ", "allow", &publish);
    write_list(text, "          ", "deny", &deny_publish);
    *text += "        }\n";
    write_list(text, "        ", "subscribe", &subscribe);
    if answers {
        *text += "        allow_responses: true\n";
    }
    *text += "      }\n    }\n";
}

fn write_list(text: &mut String, indent: &str, name: &str, subjects: &[String]) {
    if subjects.is_empty() {
        return;
    }
    write_line(text, format_args!("{indent}{name}: ["));
    for subject in subjects {
        write_line(text, format_args!("{indent}  {}", quoted(subject)));
    }
    write_line(text, format_args!("{indent}]"));
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::*;

    fn shipped(name: &str, cluster: Option<ClusterConfig>) -> ServerConfig {
        let variable = |user: NatsUser| format!("$NKEY_{}", user.name().to_uppercase().replace('-', "_"));
        ServerConfig {
            name: name.to_owned(),
            host: "127.0.0.1".to_owned(),
            monitor_host: "127.0.0.1".to_owned(),
            port: 4222,
            monitor_port: 8222,
            store: "/data/jetstream".into(),
            users: NatsUser::ALL.map(|user| (user, variable(user))).to_vec(),
            cluster,
        }
    }

    /// Rewrites the file if `REGENERATE` is set.
    fn check(file: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        if env::var_os("REGENERATE").is_some() {
            fs::write(&path, text).unwrap();
        }
        assert!(fs::read_to_string(path).unwrap() == text, "{file} is stale: test with REGENERATE=1");
    }

    #[test]
    fn the_shipped_configuration_is_up_to_date() {
        let heading = "# One nats-server. The users' public keys come from its environment.\n\n";
        check("server.conf", &format!("{heading}{}", server_config(&shipped("ticketshow", None))));
    }

    #[test]
    fn the_shipped_configuration_of_a_cluster_is_up_to_date() {
        let heading = "# The first of three nats-servers; the others differ in `server_name` and addresses. The users' public keys\n# come from its environment.\n\n";
        let routes = ["nats-1:6222", "nats-2:6222", "nats-3:6222"].map(str::to_owned).to_vec();
        let cluster = ClusterConfig { listen: "127.0.0.1:6222".to_owned(), routes };
        check("cluster.conf", &format!("{heading}{}", server_config(&shipped("nats-1", Some(cluster)))));
    }
}
