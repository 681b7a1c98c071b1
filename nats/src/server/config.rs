//! Configuration of nats-server: every message synced to disk, and the users with their permissions.

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use crate::server::{
    durables::durable_names,
    users::{ADVISORIES, LOG_ACCOUNT, NatsUser, Permissions},
};

/// Request for the limits of an account.
const ACCOUNT_INFO: &str = "$JS.API.INFO";

/// Interval at which a server syncs messages to its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Each message, before it is acknowledged.
    EveryMessage,
    /// All messages of two minutes together. Only for a restore: a restored message is acknowledged by nobody, and syncing each
    /// one takes the server longer than it waits for the next piece of a large stream.
    Seldom,
}

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
    /// Interval of syncing messages.
    pub sync: Sync,
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
    let ServerConfig { name, host, port, monitor_host, monitor_port, store, users, cluster, sync } = config;
    let mut text = format!(
        "server_name: {}\nlisten: {}\nhttp: {}\n\n",
        quoted(name),
        quoted(&format!("{host}:{port}")),
        quoted(&format!("{monitor_host}:{monitor_port}"))
    );
    let interval = match sync {
        Sync::EveryMessage => {
            text += "# `always`: acknowledged messages are on disk. With the default of two minutes a power cut loses everything\n";
            text += "# acknowledged since the last sync.\n";
            "always"
        }
        Sync::Seldom => {
            text += "# Only for a restore: services refuse to start on a server that does not sync every message.\n";
            "\"2m\""
        }
    };
    let store = quoted(&store.display().to_string());
    write_line(
        &mut text,
        format_args!("jetstream {{\n  store_dir: {store}\n  sync_interval: {interval}\n}}"),
    );
    if let Some(ClusterConfig { listen, routes }) = cluster {
        let routes: Vec<_> = routes.iter().map(|route| quoted(&format!("nats://{route}"))).collect();
        let (listen, routes) = (quoted(listen), routes.join(", "));
        write_line(
            &mut text,
            format_args!("\ncluster {{\n  name: ticketshow\n  listen: {listen}\n  routes: [{routes}]\n}}"),
        );
    }
    let accounts: Vec<_> =
        users.iter().map(|(user, key)| Account { user: *user, key, may: user.permissions() }).collect();
    text += "\n# The server answers to whatever subject a request names, without checking permissions. So each user has an\n";
    text += "# account of its own, which imports only what the user may send: answers cannot leave it. Clients without a key are\n";
    text += "# rejected.\nsystem_account: SYS\naccounts {\n";
    write_system_account(&mut text);
    for account in &accounts {
        account.write(&mut text, &accounts);
    }
    text += "}\n";
    text
}

/// Moves the streams of a version without accounts to the account of the log. The server that uses the folder must not run.
///
/// # Errors
///
/// The folder cannot be renamed.
pub fn adopt_streams(store: &Path) -> io::Result<()> {
    // The server's own name of the account of users without one.
    let [old, new] = ["$G", LOG_ACCOUNT].map(|account| store.join("jetstream").join(account));
    if old.join("streams").is_dir() && !new.exists() {
        fs::rename(old, new)?;
    }
    Ok(())
}

/// Writes the system account, which receives all requests to JetStream. Destructive requests are not routed anywhere,
/// for any user.
fn write_system_account(text: &mut String) {
    *text += "  SYS {\n    mappings {\n";
    let calls = ["STREAM.DELETE.*", "STREAM.PURGE.*", "STREAM.MSG.DELETE.*", "ACCOUNT.PURGE.*"];
    for call in calls {
        write_line(text, format_args!("      \"$JS.API.{call}\": refused"));
    }
    for (stream, durable) in durable_names() {
        write_line(text, format_args!("      \"$JS.API.CONSUMER.DELETE.{stream}.{durable}\": refused"));
    }
    *text += "    }\n  }\n";
}

/// Account of one user.
struct Account<'a> {
    user: NatsUser,
    key: &'a str,
    may: Permissions,
}

impl Account<'_> {
    fn write(&self, text: &mut String, all: &[Account<'_>]) {
        write_line(text, format_args!("  {} {{", self.user.account()));
        if self.user == NatsUser::Provision {
            *text += "    jetstream: enabled\n";
        }
        self.write_user(text);
        write_entries(text, "exports", &self.exports(all));
        write_entries(text, "imports", &self.imports(all));
        *text += "  }\n";
    }

    fn write_user(&self, text: &mut String) {
        let Permissions { publish, subscribe, answers } = &self.may;
        write_line(text, format_args!("    users: [{{\n      nkey: {}", self.key));
        *text += "      permissions: {\n";
        write_list(text, "        ", "publish", publish);
        write_list(text, "        ", "subscribe", subscribe);
        if !answers.is_empty() {
            *text += "        allow_responses: true\n";
        }
        *text += "      }\n    }]\n";
    }

    /// Returns what other accounts may import: everything their users send to the streams, or the requests this user answers.
    fn exports(&self, all: &[Account<'_>]) -> Vec<String> {
        if self.user != NatsUser::Provision {
            return self
                .may
                .answers
                .iter()
                .map(|requests| format!("service: {}", quoted(requests)))
                .collect();
        }
        let sent = all.iter().filter(|account| account.user != NatsUser::Provision);
        let sent = sent.flat_map(|account| account.may.publish.iter().map(String::as_str));
        let sent: BTreeSet<_> = sent.chain([ACCOUNT_INFO]).collect();
        let sent = sent.into_iter().filter(|subject| !is_answered(subject, all));
        let services = sent.map(|subject| {
            // One request for messages has many answers.
            let many = ["$JS.API.DIRECT.GET.", "$JS.API.CONSUMER.MSG.NEXT."];
            let response =
                if many.iter().any(|call| subject.starts_with(call)) { ", response: stream" } else { "" };
            format!("service: {}{response}", quoted(subject))
        });
        services.chain([format!("stream: {}", quoted(ADVISORIES))]).collect()
    }

    /// Returns what the user may send, from the account that receives it, and the notices it may read.
    fn imports(&self, all: &[Account<'_>]) -> Vec<String> {
        if self.user == NatsUser::Provision {
            return Vec::new();
        }
        let from = |kind: &str, account: &str, subject: &str| {
            format!("{kind}: {{ account: {account}, subject: {} }}", quoted(subject))
        };
        // Without it the server would answer all requests to JetStream in this account: that it is not enabled here.
        let mut imports = vec![from("service", LOG_ACCOUNT, ACCOUNT_INFO)];
        for subject in &self.may.publish {
            let answers = |account: &Account<'_>| account.may.answers.contains(&subject.as_str());
            let answering: Vec<_> =
                all.iter().filter(|other| other.user != self.user && answers(other)).collect();
            // An account that answers and sends such requests passes them on: from one more they would arrive twice.
            let passing =
                answering.iter().position(|other| !answers(self) && other.may.publish.contains(subject));
            let from_whom = passing.map_or(&answering[..], |one| &answering[one..=one]);
            imports.extend(from_whom.iter().map(|other| from("service", &other.user.account(), subject)));
            if !is_answered(subject, all) && subject != ACCOUNT_INFO {
                imports.push(from("service", LOG_ACCOUNT, subject));
            }
        }
        if self.may.subscribe.iter().any(|subject| subject == ADVISORIES) {
            imports.push(from("stream", LOG_ACCOUNT, ADVISORIES));
        }
        imports
    }
}

/// Returns `true` for requests that a user answers, not the server.
fn is_answered(subject: &str, all: &[Account<'_>]) -> bool {
    all.iter().any(|account| account.may.answers.contains(&subject))
}

fn write_entries(text: &mut String, name: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    write_line(text, format_args!("    {name}: ["));
    for entry in entries {
        write_line(text, format_args!("      {{ {entry} }}"));
    }
    *text += "    ]\n";
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
    use std::env;

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
            sync: Sync::EveryMessage,
        }
    }

    #[test]
    fn only_a_server_for_a_restore_does_not_sync_every_message() {
        let server = |sync| server_config(&ServerConfig { sync, ..shipped("ticketshow", None) });
        assert!(server(Sync::EveryMessage).contains("sync_interval: always\n"));
        let restoring = server(Sync::Seldom);
        assert!(
            restoring.contains("sync_interval: \"2m\"\n") && !restoring.contains("always"),
            "{restoring}"
        );
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
