//! The certificate of a service that is renewed while it serves, and the health check of a service that has one.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use ticketshow_tests::{Folder, Server, Stack, certificate_of_localhost, eventually_within, find_tool};

/// Longest wait for a changed file: it is read every ten seconds.
const PATIENCE: Duration = Duration::from_secs(40);

/// Returns the certificate that a new connection gets, as PEM.
fn shown_by(server: &Server) -> Option<String> {
    let address = server.url().replace("http://", "");
    let mut openssl = Command::new(find_tool("openssl"));
    let shown = openssl.args(["s_client", "-connect", &address]).stdin(Stdio::null()).output();
    let shown = String::from_utf8(shown.expect("openssl can be run").stdout).expect("text");
    let (_, certificate) = shown.split_once("-----BEGIN CERTIFICATE-----")?;
    let (certificate, _) = certificate.split_once("-----END CERTIFICATE-----")?;
    Some(format!("-----BEGIN CERTIFICATE-----{certificate}-----END CERTIFICATE-----"))
}

fn certificate_in(folder: &Folder) -> String {
    let certificate = fs::read_to_string(folder.join("cert.pem")).expect("a certificate");
    certificate.trim().to_owned()
}

fn is_healthy(server: &Server) -> bool {
    server.command(&["admin", "healthy"]).status.success()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let mut stack = Stack::start().await;
    let (folder, renewed) = (Folder::new("certificate"), Folder::new("renewed-certificate"));
    certificate_of_localhost(&folder);
    certificate_of_localhost(&renewed);
    let first = Some(certificate_in(&folder));
    let server = &mut stack.server;
    server.set("TICKETSHOW_TLS_CERTIFICATE", &folder.join("cert.pem").display().to_string());
    server.set("TICKETSHOW_TLS_KEY", &folder.join("key.pem").display().to_string());
    server.restart().await;
    assert_eq!(shown_by(server), first);
    assert!(is_healthy(server), "it is asked by HTTPS");

    // Without its key, the new certificate is of no use.
    fs::copy(renewed.join("cert.pem"), folder.join("cert.pem")).expect("a copy");
    eventually_within(PATIENCE, "a warning", async || {
        server.process().log().contains("the changed certificate cannot be used").then_some(())
    })
    .await;
    assert_eq!(shown_by(server), first);
    assert!(is_healthy(server), "a broken renewal restarts nothing");

    fs::copy(renewed.join("key.pem"), folder.join("key.pem")).expect("a copy");
    eventually_within(PATIENCE, "the new certificate", async || {
        (shown_by(server) == Some(certificate_in(&renewed))).then_some(())
    })
    .await;
    assert!(is_healthy(server));

    server.kill();
    assert!(!is_healthy(server), "nobody answers");
}
