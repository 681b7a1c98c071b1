//! Handing mails to a mail server. Knows MIME and SMTP, and nothing of bookings.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{self, PoolConfig, response::Category},
};
use ticketshow_domain::AccountKey;
use uuid::Uuid;

use super::letter::Letter;

/// How long the mail server may take over one command.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes the one-time token with which a password is reset, of the account, its password's hash now, and the moment at
/// which it ends.
pub type ResetToken = Arc<dyn Fn(&AccountKey, &str, Timestamp) -> String + Send + Sync>;

/// How mails are sent, and what they say of the site.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtp://host:port` (plain), `smtp://user:password@host?tls=required` (STARTTLS), `smtps://…` (TLS from the start).
    pub smtp_url: String,
    /// Who sends: `Name <address>`.
    pub from: String,
    /// Where the site is, for links: `https://tickets.example.org`, without a slash at the end.
    pub origin: String,
    /// Of the installation.
    pub reset_token: ResetToken,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of the server has a password.
        let Self { from, origin, .. } = self;
        f.debug_struct("MailSettings").field("from", from).field("origin", origin).finish_non_exhaustive()
    }
}

/// Settings with which no mail can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The address of the mail server.
    #[error("the address of the mail server makes no sense")]
    Server(#[source] smtp::Error),
    /// The sender.
    #[error("{from:?} is no sender like `Name <address>`")]
    Sender {
        /// As it was given.
        from: String,
        /// What is wrong with it.
        #[source]
        source: AddressError,
    },
}

/// Sends mails. Connects when there is something to send, and keeps some connections open.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    pub(super) origin: String,
    pub(super) reset_token: ResetToken,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, origin, .. } = self;
        f.debug_struct("Mailer").field("from", from).field("origin", origin).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The mail server will never take it.
    #[error("the mail server refused it")]
    Refused(#[source] smtp::Error),
    /// There is no such address.
    #[error("the address is none that mail can be sent to")]
    Address(#[source] AddressError),
    /// The mail server, or the way to it, is not as it has to be now.
    #[error("the mail server does not take mails")]
    Away(#[source] smtp::Error),
    /// It could not be put together.
    #[error("the mail could not be put together")]
    Malformed(#[source] lettre::error::Error),
}

impl Mailer {
    /// Mails are kept in hand at once, as many as connections.
    pub(super) const CONNECTIONS: u32 = 8;

    /// A mailer. Needs no server yet.
    ///
    /// # Errors
    ///
    /// [`MailerError`].
    pub fn new(settings: &MailSettings) -> Result<Self, MailerError> {
        let MailSettings { smtp_url, from, origin, reset_token } = settings;
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url).map_err(MailerError::Server)?;
        let transport = transport
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(Self::CONNECTIONS))
            .build();
        let from = from.parse().map_err(|source| MailerError::Sender { from: from.clone(), source })?;
        let origin = origin.trim_end_matches('/').to_owned();
        Ok(Self { transport, from, origin, reset_token: Arc::clone(reset_token) })
    }

    /// Hands a letter over. `id` makes its `Message-ID`: sent twice, it is the same mail.
    pub(super) async fn send(
        &self,
        id: Uuid,
        name: &str,
        address: &str,
        letter: Letter,
    ) -> Result<(), SendError> {
        let address: Address = address.parse().map_err(SendError::Address)?;
        let to = Mailbox::new(Some(name.to_owned()), address);
        let message = self.message(id, to, letter).map_err(SendError::Malformed)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if is_refusal(&error) => Err(SendError::Refused(error)),
            Err(error) => Err(SendError::Away(error)),
        }
    }

    fn message(&self, id: Uuid, to: Mailbox, letter: Letter) -> Result<Message, lettre::error::Error> {
        let Letter { subject, text, html, pictures, pdf } = letter;
        let mut related = MultiPart::related().singlepart(SinglePart::html(html));
        for picture in pictures {
            let attachment = Attachment::new_inline_with_name(picture.id, picture.file);
            related = related.singlepart(attachment.body(picture.png, content_type("image/png")));
        }
        let said = MultiPart::alternative().singlepart(SinglePart::plain(text)).multipart(related);
        let mut whole = MultiPart::mixed().multipart(said);
        if let Some(pdf) = pdf {
            let attachment = Attachment::new("tickets.pdf".to_owned());
            whole = whole.singlepart(attachment.body(pdf, content_type("application/pdf")));
        }
        // RFC 3834: nobody's absence note is an answer to this.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(whole)
    }
}

fn content_type(text: &str) -> ContentType {
    ContentType::parse(text).expect("these are content types")
}

/// Whether the server will never take this mail to this address: a permanent reply of the kind "mail system" (RFC 5321
/// §4.2.1, `55x`). A wrong password or a command that it does not know is permanent too, but nothing that the customer's
/// address has to do with: that is mended by a person, and the mail waits.
fn is_refusal(error: &smtp::Error) -> bool {
    let about_mail = error.status().is_some_and(|status| status.category == Category::MailSystem);
    error.is_permanent() && about_mail
}
