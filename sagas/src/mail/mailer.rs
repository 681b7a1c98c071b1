//! SMTP client. Knows MIME and SMTP, and nothing about bookings.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

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
use ticketshow_nats::failure::chain;
use uuid::Uuid;

use super::{letter::Letter, unrecorded::Unrecorded};

/// Time limit of one SMTP command.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Makes a one-time token to reset a password, from the account, its current password hash, and the token's expiry.
pub type ResetToken = Arc<dyn Fn(&AccountKey, &str, Timestamp) -> String + Send + Sync>;

/// Makes the link and the code of a mail to an unverified address, from the account and a nonce.
pub type AddressProof = Arc<dyn Fn(&AccountKey, Uuid) -> Proof + Send + Sync>;

/// Makes the token with which the owner of an address turns reminders on and off, and the key of its account, from the address.
pub type ReminderChoice = Arc<dyn Fn(&str) -> (AccountKey, String) + Send + Sync>;

/// Proof that a person reads the mails to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// For a link.
    pub token: String,
    /// Six digits.
    pub code: String,
}

/// Settings of the mail server and of links in mails.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtp://host:port` (plain), `smtp://user:password@host?tls=required` (STARTTLS), `smtps://…` (TLS from the start).
    pub smtp_url: String,
    /// The sender: `Name <address>`.
    pub from: String,
    /// Origin of the site for links, such as `https://tickets.example.org`, without a trailing slash.
    pub origin: String,
    /// Maker of password reset tokens.
    pub reset_token: ResetToken,
    /// Maker of proofs of an address.
    pub address_proof: AddressProof,
    /// Maker of tokens that turn reminders off.
    pub reminder_choice: ReminderChoice,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The SMTP URL may contain a password.
        let Self { from, origin, .. } = self;
        f.debug_struct("MailSettings").field("from", from).field("origin", origin).finish_non_exhaustive()
    }
}

/// Invalid settings.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The SMTP URL is invalid.
    #[error("invalid SMTP URL")]
    Server(#[source] smtp::Error),
    /// The sender is invalid.
    #[error("invalid sender {from:?}: expected `Name <address>`")]
    Sender {
        /// The configured sender.
        from: String,
        /// The cause.
        #[source]
        source: AddressError,
    },
}

/// Sends mails. Connects on demand, and keeps some connections open.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    pub(super) origin: String,
    pub(super) reset_token: ResetToken,
    pub(super) address_proof: AddressProof,
    pub(super) reminder_choice: ReminderChoice,
    /// Shared by all clones, so that it outlives a change of the active replica.
    pub(super) unrecorded: Unrecorded,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, origin, .. } = self;
        f.debug_struct("Mailer").field("from", from).field("origin", origin).finish_non_exhaustive()
    }
}

/// Reason why the mail server did not accept a mail.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// A permanent refusal.
    #[error("the mail server refused the mail")]
    Refused(#[source] Reply),
    #[error("invalid e-mail address")]
    Address(#[source] AddressError),
    /// A temporary refusal of this mail, such as a full mailbox or greylisting.
    #[error("the mail server deferred the mail")]
    Deferred(#[source] Reply),
    /// The mail server is unreachable or not accepting mails now.
    #[error("the mail server is unavailable")]
    Unavailable(#[source] Reply),
    /// A bug.
    #[error("the mail could not be encoded")]
    Malformed(#[source] lettre::error::Error),
}

/// Reply of a mail server, or error of the connection to it, for logs and lists. Without addresses, which servers often repeat.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Reply(String);

impl Reply {
    /// Longest text that is kept, in characters.
    const CHARS_MAX: usize = 300;

    fn of(error: &smtp::Error) -> Self {
        Self::without_addresses(&chain(error).join(": "))
    }

    fn without_addresses(text: &str) -> Self {
        let words = text.split_whitespace().map(|word| if word.contains('@') { "<address>" } else { word });
        Self(words.collect::<Vec<_>>().join(" ").chars().take(Self::CHARS_MAX).collect())
    }
}

/// Returns the kind of a failure to send.
fn reason(error: &smtp::Error) -> fn(Reply) -> SendError {
    let is_about_mail = is_about_mail(error);
    if is_about_mail && error.is_permanent() {
        SendError::Refused
    // Also a reply with a code that lettre cannot classify, such as 571: it may be about the mail, so it must not wait forever.
    } else if is_about_mail || error.is_response() {
        SendError::Deferred
    } else {
        SendError::Unavailable
    }
}

impl Mailer {
    /// Mails sent concurrently, one per connection.
    pub(super) const CONNECTIONS: u32 = 8;

    /// Creates a mailer, without connecting.
    ///
    /// # Errors
    ///
    /// [`MailerError`] if the settings are invalid.
    pub fn new(settings: &MailSettings) -> Result<Self, MailerError> {
        let MailSettings { smtp_url, from, origin, reset_token, address_proof, reminder_choice } = settings;
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url).map_err(MailerError::Server)?;
        let transport = transport
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(Self::CONNECTIONS))
            .build();
        let from = from.parse().map_err(|source| MailerError::Sender { from: from.clone(), source })?;
        let origin = origin.trim_end_matches('/').to_owned();
        let (reset_token, address_proof) = (Arc::clone(reset_token), Arc::clone(address_proof));
        let (reminder_choice, unrecorded) = (Arc::clone(reminder_choice), Unrecorded::default());
        Ok(Self { transport, from, origin, reset_token, address_proof, reminder_choice, unrecorded })
    }

    /// Sends a letter. `id` determines its `Message-ID`, so a letter sent twice is the same mail.
    pub(super) async fn send(
        &self,
        id: Uuid,
        name: Option<String>,
        address: &str,
        letter: Letter,
    ) -> Result<(), SendError> {
        let address: Address = in_ascii(address).parse().map_err(SendError::Address)?;
        let to = Mailbox::new(name, address);
        let message = self.message(id, to, letter).map_err(SendError::Malformed)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(reason(&error)(Reply::of(&error))),
        }
    }

    fn message(&self, id: Uuid, to: Mailbox, letter: Letter) -> Result<Message, lettre::error::Error> {
        let Letter { subject, text, html, pictures, pdf, unsubscribe, cancelled_entry } = letter;
        let mut related = MultiPart::related().singlepart(SinglePart::html(html));
        for picture in pictures {
            let attachment = Attachment::new_inline_with_name(picture.id, picture.file);
            related = related.singlepart(attachment.body(picture.png, content_type("image/png")));
        }
        let body = MultiPart::alternative().singlepart(SinglePart::plain(text)).multipart(related);
        let mut whole = MultiPart::mixed().multipart(body);
        if let Some(pdf) = pdf {
            let attachment = Attachment::new("tickets.pdf".to_owned());
            whole = whole.singlepart(attachment.body(pdf, content_type("application/pdf")));
        }
        if let Some(entry) = cancelled_entry {
            let attachment = Attachment::new("cancelled.ics".to_owned());
            let kind = content_type("text/calendar; method=CANCEL; charset=utf-8");
            whole = whole.singlepart(attachment.body(entry.file(self.from.email.as_ref()), kind));
        }
        // RFC 3834: suppresses automatic replies, such as absence notes.
        let automatic = header("Auto-Submitted", "auto-generated");
        let mut message = Message::builder();
        if let Some(address) = unsubscribe {
            // RFC 8058: mail programs offer to unsubscribe, and do it by a POST.
            message = message
                .raw_header(header("List-Unsubscribe", &format!("<{address}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        message
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(automatic)
            .multipart(whole)
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn content_type(text: &str) -> ContentType {
    ContentType::parse(text).expect("the content types are valid")
}

/// Replaces an address in the messages of an error, in any letter case.
pub(super) fn hidden(messages: Vec<String>, address: &str) -> Vec<String> {
    let forms = [address.to_lowercase(), in_ascii(address).to_lowercase()];
    let hide = |message: String| {
        forms.iter().fold(message, |message, form| {
            // Letters whose lower case has another length are left as they are.
            let lower = message.to_ascii_lowercase();
            let mut shown = String::new();
            let mut rest = 0;
            for (start, found) in lower.match_indices(form.as_str()) {
                shown.push_str(&message[rest..start]);
                shown.push_str("<address>");
                rest = start + found.len();
            }
            shown.push_str(&message[rest..]);
            shown
        })
    };
    messages.into_iter().map(hide).collect()
}

/// Returns an address with its domain in ASCII (IDNA), which every mail server understands.
fn in_ascii(address: &str) -> Cow<'_, str> {
    let Some((local, domain)) = address.rsplit_once('@').filter(|_| !address.is_ascii()) else {
        return Cow::Borrowed(address);
    };
    idna::domain_to_ascii(domain)
        .map_or(Cow::Borrowed(address), |domain| Cow::Owned(format!("{local}@{domain}")))
}

/// Returns `true` if the server refuses this mail to this address: a reply of the category "mail system" (RFC 5321 §4.2.1,
/// `45x` temporarily and `55x` permanently), or one of those with which servers also refuse a recipient. A wrong password (`53x`) or
/// an unknown command (`502`) is permanent as well, but not the fault of the customer's address: the mail waits until an
/// operator has fixed it.
fn is_about_mail(error: &smtp::Error) -> bool {
    const OF_RECIPIENTS: [u16; 5] = [500, 501, 504, 521, 541];
    error.status().is_some_and(|status| {
        status.category == Category::MailSystem || OF_RECIPIENTS.contains(&u16::from(status))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_kept_without_addresses_and_in_few_words() {
        let reply = Reply::without_addresses(
            "permanent error (550): <ada@example.org>: no such\r\nmailbox, to=ada@x",
        );
        assert_eq!(reply.0, "permanent error (550): <address> no such mailbox, <address>");
        assert_eq!(Reply::without_addresses(&"word ".repeat(1_000)).0.chars().count(), Reply::CHARS_MAX);
    }
}
