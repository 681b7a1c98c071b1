//! `OpenSearch` for the local stack. Without it Postgres answers searches.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::beside::Beside;
use super::home::Home;
use super::part::{Environment, Part};

/// The part's name.
pub const NAME: &str = "opensearch";

/// One node on two loopback ports.
pub fn opensearch(home: &Home, tools: &Path, port: u16, transport_port: u16) -> Beside {
    let program = tools.join("opensearch");
    let address = format!("127.0.0.1:{port}");
    let arguments =
        vec![home.opensearch().into_os_string(), port.to_string().into(), transport_port.to_string().into()];
    Beside {
        part: Part {
            name: NAME,
            address: address.clone(),
            program: program.clone(),
            arguments,
            environment: Environment::Only(Vec::new()),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(15),
        },
        fetched: program,
        settings: vec![("OPENSEARCH_URL", format!("http://{address}").into())],
        page: ("search index", format!("http://localhost:{port}/_cat/indices?v")),
        health: (address, "/"),
        without: "Postgres answers searches; OPENSEARCH_URL would name one that runs elsewhere",
    }
}
