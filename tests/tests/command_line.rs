//! The command line and its settings as others use them: in pipes, and with settings that are set to nothing.

use std::process::{Command, Stdio};

use ticketshow_tests::{Folder, Stack, find_binary};

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
