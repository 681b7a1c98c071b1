//! The command line in pipes, and settings with empty values.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use ticketshow_tests::{Client, Folder, Server, Stack, find_binary, run_to_end};

#[test]
fn who_reads_what_is_printed_may_stop() {
    let home = Folder::new("home");
    let mut status = Command::new(find_binary());
    status.arg("status").env("TICKETSHOW_HOME", home.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut status = status.spawn().unwrap();
    drop(status.stdout.take());
    let output = status.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_setting_that_is_set_to_nothing_is_not_set() {
    let nothing = ["SMTP_URL", "OPENSEARCH_URL", "S3_ENDPOINT", "DODO_PAYMENTS_BASE_URL", "TICKETSHOW_LOG"];
    let stack = Stack::start_with(&nothing.map(|name| (name, ""))).await;
    stack.client().get("/shows").await.expect(200);
}

/// Starts a service beside a stack with some settings changed, and returns the error with which it ends.
async fn refusal(stack: &Stack, service: &'static str, changed: &[(&str, &str)]) -> String {
    let listen = ("TICKETSHOW_LISTEN", "127.0.0.1:0");
    let settings = stack.settings().into_iter().chain([listen]).chain(changed.iter().copied());
    let environment: Vec<_> = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let ended = tokio::task::spawn_blocking(move || run_to_end(&[service], &environment));
    let output =
        tokio::time::timeout(Duration::from_mins(1), ended).await.expect("it ends").expect("it runs");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_replica_with_another_secret_does_not_start() {
    let stack = Stack::start().await;
    for service in ["serve", "command-api", "query-api", "sagas"] {
        let another = [("TICKETSHOW_SECRET", "another secret of the same length")];
        let refusal = refusal(&stack, service, &another).await;
        assert!(refusal.contains("not the secret with which this installation"), "{service}: {refusal}");
    }
    stack.client().get("/shows").await.expect(200);
}

#[tokio::test]
async fn the_first_administrator_has_a_password_of_8_to_128_characters() {
    let stack = Stack::start().await;
    for password in ["seven77".to_owned(), "x".repeat(129)] {
        let first = [
            ("TICKETSHOW_ADMIN_EMAIL", "first@example.org"),
            ("TICKETSHOW_ADMIN_PASSWORD", password.as_str()),
        ];
        let refusal = refusal(&stack, "command-api", &first).await;
        assert!(refusal.contains("8 to 128 characters"), "{refusal}");
    }
}

#[tokio::test]
async fn a_query_api_with_public_keys_verifies_tokens_and_needs_no_secret() {
    let stack = Stack::start().await;
    let customer = stack.customer().await;
    let keys = stack.server.command(&["admin", "rotate-keys"]);
    let keys = String::from_utf8_lossy(&keys.stdout).into_owned();
    let public = keys.lines().find_map(|line| line.strip_prefix("TICKETSHOW_TOKEN_PUBLIC_KEYS=")).unwrap();
    let mut settings = stack.settings();
    settings.retain(|(name, _)| *name != "TICKETSHOW_SECRET");
    settings.push(("TICKETSHOW_TOKEN_PUBLIC_KEYS", public));

    let server = Server::start("query-api", &settings).await;

    let reading = Client::new(&format!("{}/api/v1", server.url()));
    reading.get("/me").await.expect(401);
    reading.with_token(customer.client.token().unwrap()).get("/me").await.expect(200);
}
