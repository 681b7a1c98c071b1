//! The inbox of the local stack: `MailDev` takes every mail and shows it on a page. It is fetched in the background, so it
//! joins when it is there; without it mails wait, and nothing else does.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use super::home::Home;
use super::part::{Environment, Part};
use super::probe;

/// The part's name.
pub const NAME: &str = "inbox";
/// How long it may take until it is fetched. It takes half a minute where nothing else is being built.
const FETCHED_WITHIN: Duration = Duration::from_mins(10);
/// Mails kept, the oldest go first: each is held in memory.
const MAILS_MAX: u32 = 2000;

/// An inbox on loopback ports.
#[derive(Debug)]
pub struct Inbox {
    node: PathBuf,
    tools: PathBuf,
    mails: PathBuf,
    smtp_port: u16,
    web_port: u16,
}

impl Inbox {
    /// Finds what it runs on.
    ///
    /// # Errors
    ///
    /// No Node.js on this machine.
    pub fn prepare(home: &Home, tools: &Path, smtp_port: u16, web_port: u16) -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let node = std::env::split_paths(&path).find_map(|folder| folder.join("node").canonicalize().ok());
        let node = node.context("no Node.js found")?;
        Ok(Self { node, tools: tools.to_owned(), mails: home.mails(), smtp_port, web_port })
    }

    /// `SMTP_URL` of the installation.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp_port)
    }

    /// Where a browser finds it.
    pub fn page(&self) -> String {
        format!("http://localhost:{}", self.web_port)
    }

    /// Waits until it is fetched: how it is run.
    ///
    /// # Errors
    ///
    /// It was not fetched in time.
    pub async fn part(&self) -> Result<Part> {
        let deadline = Instant::now() + FETCHED_WITHIN;
        let program = loop {
            if let Ok(program) = self.tools.join("maildev").canonicalize() {
                break program;
            }
            ensure!(Instant::now() < deadline, "it was not fetched; see .local/build-logs/inbox.log");
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        let (smtp_port, web_port) = (self.smtp_port.to_string(), self.web_port.to_string());
        let mut arguments = vec![program.into_os_string()];
        let options =
            ["--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "--smtp", &smtp_port, "--web", &web_port];
        arguments.extend(options.map(OsString::from));
        arguments.extend(["--max-emails".into(), MAILS_MAX.to_string().into()]);
        arguments.extend(["--mail-directory".into(), self.mails.clone().into_os_string()]);
        Ok(Part {
            name: NAME,
            address: format!("127.0.0.1:{web_port}"),
            program: self.node.clone(),
            arguments,
            environment: Environment::Bare,
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(5),
        })
    }

    /// Whether it serves.
    ///
    /// # Errors
    ///
    /// Not yet.
    pub async fn check(&self) -> Result<()> {
        let (status, _) = probe::get(&format!("127.0.0.1:{}", self.web_port), "/api/healthz").await?;
        ensure!(status == 200, "it answers {status}");
        Ok(())
    }
}
