//! Mail servers as providers have them, with TLS, a user and a password: mails arrive encrypted or wait, and are
//! never sent in plain text if encryption was required.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::{fs, process::Command};

use serde_json::json;
use ticketshow_tests::{
    Client, Folder, Port, Process, Stack, certificate_of_localhost, eventually, find_tool,
};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail_servers.cjs");
/// As it stands in an address: `@` is escaped.
const LOGIN: &str = "house%40example.org:p%40ss%2Fword";
const PASSWORD: &str = "p@ss/word";

/// A mail server that speaks TLS with a certificate of its own.
struct MailServer {
    process: Process,
    port: Port,
    folder: Folder,
}

impl MailServer {
    async fn start(how: &str) -> Self {
        let folder = Folder::new("mail-server");
        certificate_of_localhost(&folder);
        fs::write(folder.join("password"), PASSWORD).unwrap();

        let port = Port::free();
        let maildev = find_tool("maildev").canonicalize().unwrap();
        let libraries = maildev.ancestors().find(|folder| folder.ends_with("node_modules")).unwrap();
        let mut command = Command::new(find_tool("node"));
        command.env("NODE_PATH", libraries).arg(PROGRAM).arg(folder.join("."));
        command.args([port.to_string(), how.to_owned()]);
        let process = Process::start("mail server", command, &folder.join("log"));
        let mut server = Self { process, port, folder };
        eventually("the mail server to listen", async || {
            server.process.must_run();
            server.process.log().contains("listening").then_some(())
        })
        .await;
        server
    }

    /// A house that sends through it.
    async fn house(&self, scheme: &str, query: &str) -> Stack {
        let url = format!("{scheme}://{LOGIN}@localhost:{}{query}", self.port);
        let authority = self.folder.join("cert.pem");
        let settings = [
            ("SMTP_URL", url.as_str()),
            ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>"),
            ("SSL_CERT_FILE", authority.to_str().unwrap()),
        ];
        Stack::start_with(&settings).await
    }

    /// Waits for the first mail, and returns its transport and its text.
    async fn first_mail(&self) -> (String, String) {
        let took = eventually("a mail", async || {
            self.process.log().lines().find(|line| line.starts_with("took 1.eml")).map(str::to_owned)
        });
        (took.await, fs::read_to_string(self.folder.join("1.eml")).unwrap())
    }

    fn connections(&self) -> usize {
        self.process.log().lines().filter(|line| *line == "connected").count()
    }
}

/// Requests a mail about a forgotten password, and returns its address.
async fn forget(stack: &Stack) -> String {
    let ada = stack.customer().await;
    stack.client().post("/auth/forgotten", &json!({"email": ada.email})).await.expect(202);
    ada.email
}

/// State of the only mail to an address, which need not have an account.
async fn state(admin: &Client, email: &str) -> String {
    let log = admin.get("/admin/mails?limit=100").await.expect(200).json;
    let mails = log["items"].as_array().unwrap();
    let mail = mails.iter().find(|mail| mail["to"] == email);
    mail.map(|mail| mail["state"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn mails_go_out_encrypted_from_the_start() {
    let server = MailServer::start("tls").await;
    let stack = server.house("smtps", "").await;
    let email = forget(&stack).await;
    let (took, mail) = server.first_mail().await;
    assert!(took.ends_with("encrypted"), "{took}");
    assert!(mail.contains(&email), "{mail}");
}

#[tokio::test]
async fn mails_go_out_after_starttls() {
    let server = MailServer::start("starttls").await;
    let stack = server.house("smtp", "?tls=required").await;
    let email = forget(&stack).await;
    let (took, mail) = server.first_mail().await;
    assert!(took.ends_with("encrypted"), "{took}");
    assert!(mail.contains(&email), "{mail}");
}

#[tokio::test]
async fn nothing_goes_out_in_plain_text_where_encryption_is_required() {
    let server = MailServer::start("plain").await;
    let stack = server.house("smtp", "?tls=required").await;
    let email = forget(&stack).await;
    eventually("two tries", async || (server.connections() >= 2).then_some(())).await;
    assert!(!server.process.log().contains("took"), "{}", server.process.log());
    assert_eq!(state(&stack.admin().await, &email).await, "sending");
}

#[tokio::test]
async fn a_wrong_password_lets_mails_wait_until_it_is_mended() {
    let server = MailServer::start("starttls").await;
    fs::write(server.folder.join("password"), "another").unwrap();
    let stack = server.house("smtp", "?tls=required").await;
    let email = forget(&stack).await;
    eventually("two tries", async || (server.connections() >= 2).then_some(())).await;
    assert_eq!(state(&stack.admin().await, &email).await, "sending");

    fs::write(server.folder.join("password"), PASSWORD).unwrap();
    server.first_mail().await;
    eventually("the sent-log to know", async || {
        (state(&stack.admin().await, &email).await == "sent").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_recipient_that_the_server_refuses_for_good_fails_and_holds_up_nobody() {
    let server = MailServer::start("tls").await;
    let stack = server.house("smtps", "").await;
    let register = async |email: &str| {
        let body = json!({"email": email, "password": "a password of a stranger", "name": "A Stranger"});
        stack.client().post("/auth/register", &body).await.expect(202);
    };
    let refused = [500, 501, 504, 521, 541, 550, 554].map(|code| format!("reply-{code}@example.org"));
    for email in &refused {
        register(email).await;
    }
    let admin = stack.admin().await;
    for email in &refused {
        eventually(&format!("the mail to {email} to fail"), async || {
            (state(&admin, email).await == "failed").then_some(())
        })
        .await;
    }
    register("ada@müller-kino.example").await;
    let (_, mail) = server.first_mail().await;
    assert!(mail.contains("ada@xn--mller-kino-9db.example"), "{mail}");
}
