//! Schemathesis calls every route with input that the OpenAPI document allows and forbids. No answer may be a server
//! error, have a status, type or shape that the document does not name, or accept forbidden input.

use std::process::Command;

use ticketshow_tests::{Client, DodoSim, Folder, LIFTED, Stack, find_tool};

/// Checks of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection";
/// Cases per route and kind.
const EXAMPLES: &str = "25";
/// Seconds. An access token is good for ten minutes.
const SECONDS: &str = "420";
/// Streams that never end, and calls that end the caller's own session or account.
const LEFT_OUT: [(&str, &str); 4] = [
    ("path", "/api/v1/screenings/{id}/seats/live"),
    ("path", "/api/v1/auth/logout"),
    ("path", "/api/v1/auth/password"),
    ("name", "DELETE /api/v1/me"),
];

async fn stack() -> (Stack, DodoSim) {
    Stack::with_cards(&LIFTED).await
}

/// Runs schemathesis as `caller` and fails with its report.
async fn conforms(stack: &Stack, caller: &Client) {
    let folder = Folder::new("schemathesis");
    let token = caller.token().expect("a token");
    let mut command = Command::new(find_tool("schemathesis"));
    command.args([
        "run",
        "--no-color",
        "--checks",
        CHECKS,
        "--max-examples",
        EXAMPLES,
        "--max-time",
        SECONDS,
    ]);
    command.args(["--phases", "examples,coverage,fuzzing", "--generation-deterministic", "--no-shrink"]);
    command.args(["--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "15"]);
    command.args(["--continue-on-failure", "--header", &format!("Authorization: Bearer {token}")]);
    for (kind, value) in LEFT_OUT {
        command.args([&format!("--exclude-{kind}"), value]);
    }
    command.arg(format!("{}/api/v1/openapi.json", stack.server.url())).current_dir(folder.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it does not panic");
    let output = output.expect("schemathesis starts");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_is_answered_is_documented() {
    let (stack, _sim) = stack().await;
    let customer = stack.customer_with(&stack.admin().await, 100_000).await;
    conforms(&stack, &customer.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_is_answered_is_documented() {
    let (stack, _sim) = stack().await;
    let admin = stack.admin().await;
    conforms(&stack, &admin).await;
}
