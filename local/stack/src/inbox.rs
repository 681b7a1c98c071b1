//! The inbox of the local stack: `MailDev` takes every mail and shows it on a page. Without it mails wait.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;

use super::beside::Beside;
use super::home::Home;
use super::part::{Environment, Part};

/// The part's name.
pub const NAME: &str = "inbox";
/// Mails kept, the oldest go first: each is held in memory.
const MAILS_MAX: u32 = 2000;

/// An inbox on two loopback ports.
///
/// # Errors
///
/// No Node.js on this machine.
pub fn inbox(home: &Home, tools: &Path, smtp_port: u16, web_port: u16) -> Result<Beside> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let node = std::env::split_paths(&path).find_map(|folder| folder.join("node").canonicalize().ok());
    let node = node.context("no Node.js found")?;
    let program = tools.join("maildev");
    let (smtp, web) = (smtp_port.to_string(), web_port.to_string());
    let mut arguments = vec![program.clone().into_os_string()];
    let options = ["--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "--smtp", &smtp, "--web", &web];
    arguments.extend(options.map(OsString::from));
    arguments.extend(["--max-emails".into(), MAILS_MAX.to_string().into()]);
    arguments.extend(["--mail-directory".into(), home.mails().into_os_string()]);
    let address = format!("127.0.0.1:{web_port}");
    Ok(Beside {
        part: Part {
            name: NAME,
            address: address.clone(),
            program: node,
            arguments,
            environment: Environment::Only(Vec::new()),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(5),
        },
        fetched: program,
        settings: vec![("SMTP_URL", format!("smtp://127.0.0.1:{smtp_port}").into())],
        page: ("mails", format!("http://localhost:{web_port}")),
        health: (address, "/api/healthz"),
        without: "no mails are shown here; SMTP_URL would send them elsewhere",
    })
}
