//! The mailbox of a story: a real SMTP server (`MailDev`) that accepts every mail and lists it over HTTP.

use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::{Client, Folder, Port, Process, eventually_within, tools};

/// Limit of a start: Node.js reads 200 packages.
const START: Duration = Duration::from_mins(1);
/// Limit of a mail delivery.
const ARRIVAL: Duration = Duration::from_secs(30);

/// A running inbox.
#[derive(Debug)]
pub struct Inbox {
    process: Process,
    client: Client,
    smtp: Port,
    _web: Port,
    _folder: Folder,
}

/// A mail that arrived.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its id in the inbox.
    pub id: String,
    /// The addresses of header `To`.
    pub to: Vec<String>,
    /// Header `Subject`, decoded.
    pub subject: String,
    /// The plain text, decoded.
    pub text: String,
    /// The HTML, decoded; empty if there is none.
    pub html: String,
    /// Attachments: name and content type.
    pub attachments: Vec<(String, String)>,
    /// The raw answer of the inbox.
    pub json: Value,
}

impl Inbox {
    /// Starts one on free ports.
    ///
    /// # Panics
    ///
    /// If the machine has no Node.js or no `MailDev`.
    pub async fn start() -> Self {
        let program = tools::find_tool("maildev").canonicalize().expect("a tool that was found is there");
        let (smtp, web) = (Port::free(), Port::free());
        let folder = Folder::new("inbox");
        let mut command = Command::new(tools::find_tool("node"));
        command.arg(program).args(["--ip", "127.0.0.1", "--web-ip", "127.0.0.1"]);
        command.args(["--smtp", &smtp.to_string(), "--web", &web.to_string()]);
        command.arg("--mail-directory").arg(folder.join("mails"));
        let process = Process::start("maildev", command, &folder.join("maildev.log"));
        let client = Client::new(&format!("http://127.0.0.1:{web}"));
        let mut inbox = Self { process, client, smtp, _web: web, _folder: folder };
        inbox.wait_until_ready().await;
        inbox
    }

    /// `SMTP_URL` for a server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }

    /// Kills it: mails cannot be delivered from now on.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Every mail, oldest first.
    ///
    /// # Panics
    ///
    /// If the inbox does not answer.
    pub async fn mails(&self) -> Vec<Mail> {
        let answer = self.client.get("/api/email").await.expect(200);
        let mut mails: Vec<Value> = answer.json.as_array().cloned().unwrap_or_default();
        mails.sort_by(|one, other| one["time"].as_str().cmp(&other["time"].as_str()));
        mails.into_iter().map(Mail::read).collect()
    }

    /// Every mail to this address, oldest first.
    pub async fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mut mails = self.mails().await;
        mails.retain(|mail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(address)));
        mails
    }

    /// Waits for a mail to this address whose subject contains `subject`.
    ///
    /// # Panics
    ///
    /// If none comes within half a minute.
    pub async fn wait_for(&self, address: &str, subject: &str) -> Mail {
        eventually_within(ARRIVAL, &format!("a mail to {address} about {subject:?}"), async || {
            let mails = self.mails_to(address).await;
            mails.into_iter().find(|mail| mail.subject.contains(subject))
        })
        .await
    }

    /// The attachment of that name, decoded.
    ///
    /// # Panics
    ///
    /// If there is no such attachment.
    pub async fn attachment(&self, mail: &Mail, name: &str) -> Bytes {
        let attachments = mail.json["attachments"].as_array().into_iter().flatten();
        let found = attachments.clone().find(|attachment| attachment["filename"] == name);
        let found = found.unwrap_or_else(|| panic!("no {name} among {:?}", mail.attachments));
        let stored = found["generatedFileName"].as_str().expect("an attachment is stored under a name");
        self.client.get(&format!("/api/email/{}/attachment/{stored}", mail.id)).await.expect(200).body
    }

    /// The mail as it came over SMTP, headers and all.
    pub async fn source(&self, mail: &Mail) -> String {
        self.client.get(&format!("/api/email/{}/source", mail.id)).await.expect(200).text()
    }

    async fn wait_until_ready(&mut self) {
        let Self { process, client, .. } = self;
        eventually_within(START, "the inbox to be ready", async || {
            process.must_run();
            let answer = client.get("/api/healthz").try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

impl Mail {
    fn read(json: Value) -> Self {
        let text = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
        let addresses = json["to"].as_array().into_iter().flatten();
        let attachments = json["attachments"].as_array().into_iter().flatten();
        let named = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("id"),
            to: addresses.map(|to| named(to, "address")).collect(),
            subject: text("subject"),
            text: text("text"),
            html: text("html"),
            attachments: attachments.map(|it| (named(it, "filename"), named(it, "contentType"))).collect(),
            json,
        }
    }
}
