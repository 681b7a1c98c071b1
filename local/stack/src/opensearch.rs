//! `OpenSearch` for the local stack. Without it Postgres answers searches.

use std::{path::Path, time::Duration};

use rustix::process::Signal;

use crate::{
    home::Home,
    optional::OptionalPart,
    part::{Environment, Part},
};

/// Name of the part.
pub const NAME: &str = "opensearch";

/// Returns a single node on two loopback ports.
pub fn opensearch(home: &Home, tools: &Path, port: u16, transport_port: u16) -> OptionalPart {
    let program = tools.join("opensearch");
    let address = format!("127.0.0.1:{port}");
    let arguments =
        vec![home.opensearch().into_os_string(), port.to_string().into(), transport_port.to_string().into()];
    OptionalPart {
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
        without: "Postgres answers searches; set OPENSEARCH_URL to use another OpenSearch",
    }
}
