//! The command line as others use it in pipes.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::process::{Command, Stdio};

use ticketshow_tests::{Folder, find_binary};

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
