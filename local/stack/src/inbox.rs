//! Inbox of the local stack: `MailDev` receives every mail and shows it on a page. Without it mails wait in their stream.

use std::{ffi::OsString, path::Path, time::Duration};

use anyhow::{Context, Result};
use rustix::process::Signal;

use crate::{
    home::Home,
    optional::OptionalPart,
    part::{Environment, Part},
};

/// Name of the part.
pub const NAME: &str = "inbox";
/// Maximum number of mails, because each is kept in memory. The oldest are deleted first.
const MAILS_MAX: u32 = 2000;

/// Returns an inbox on two loopback ports.
///
/// # Errors
///
/// Node.js is not installed.
pub fn inbox(home: &Home, tools: &Path, smtp_port: u16, web_port: u16) -> Result<OptionalPart> {
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
    Ok(OptionalPart {
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
        without: "mails are not shown; set SMTP_URL to send them elsewhere",
    })
}
