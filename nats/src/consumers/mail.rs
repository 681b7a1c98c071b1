//! Mails and their states, as stored in the stream `MAILS`.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{BookingId, Personal, UserId, mail::MailKind};
use uuid::{Uuid, uuid};

use crate::{key_ring::AddressIndex, log::envelope::RecordedEvent};

/// Namespace of the ids of mails that follow from events. Must never change.
const NAMESPACE: Uuid = uuid!("2f0d8b6e-7c1a-4b59-9a63-c2f1f0a4d7b5");
/// State of a mail that is not sent yet, on the wire.
pub(super) const WANTED: &str = "wanted";

/// A mail to one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Id, and `Message-ID` of every attempt to send it.
    pub id: Uuid,
    /// Recipient, whose address is looked up when the mail is sent.
    pub recipient: UserId,
    /// Kind of mail and its subject.
    pub matter: MailKind,
    /// Moment at which it was queued.
    pub wanted_at: Timestamp,
    /// Correlation id of the request that caused it.
    pub correlation: Uuid,
    /// W3C `traceparent` of that request, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Mail that this one repeats at the request of a person.
    pub repeats: Option<Uuid>,
    /// Cascade that cancelled the booking.
    #[serde(default)]
    pub cascade: Option<Uuid>,
    /// Index of the address, of a mail to one that had no account when it was queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressIndex>,
}

impl Mail {
    /// Creates the mail that follows from an event. The same event, recipient and booking always give the same id.
    #[must_use]
    pub fn following(cause: &RecordedEvent, recipient: UserId, matter: MailKind) -> Self {
        let RecordedEvent { commit, version, metadata, event, .. } = cause;
        let name = format!("{commit}/{version}/{recipient}/{}", about(&matter));
        let id = Uuid::new_v5(&NAMESPACE, name.as_bytes());
        let (wanted_at, correlation, trace) = (metadata.time, metadata.correlation, metadata.trace.clone());
        let cascade = event.cascade();
        Self { id, recipient, matter, wanted_at, correlation, trace, repeats: None, cascade, address: None }
    }

    /// Creates a mail that a person gets once per day. The same recipient, kind and day always give the same id.
    #[must_use]
    pub fn of_day(
        day: Date,
        recipient: UserId,
        matter: MailKind,
        wanted_at: Timestamp,
        correlation: Uuid,
    ) -> Self {
        let id = Uuid::new_v5(&NAMESPACE, format!("{day}/{recipient}/{}", matter.kind()).as_bytes());
        let (trace, repeats, cascade, address) = (None, None, None, None);
        Self { id, recipient, matter, wanted_at, correlation, trace, repeats, cascade, address }
    }

    /// Creates a repeat with an id of its own, because mail programs hide a known `Message-ID`.
    #[must_use]
    pub fn again(&self, id: Uuid, wanted_at: Timestamp, correlation: Uuid) -> Self {
        Self { id, wanted_at, correlation, repeats: Some(self.id), ..self.clone() }
    }

    pub(super) fn subject(&self) -> String {
        let Self { id, recipient, matter, address, .. } = self;
        let about = address.map_or_else(|| about(matter), |address| address.to_string());
        format!("mail.{recipient}.{about}.{id}")
    }
}

fn about(matter: &MailKind) -> String {
    matter.booking().map_or_else(|| "account".to_owned(), |booking| booking.to_string())
}

/// State of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MailState {
    /// Queued; no attempt to send it yet.
    Wanted {},
    /// Being sent, interrupted by a crash, or deferred by the mail server.
    Sending {
        /// Address of the recipient.
        to: Personal,
        /// First moment at which the mail server deferred the mail because of its address, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deferred_since: Option<Timestamp>,
    },
    /// Accepted by the mail server.
    Sent {
        /// Address of the recipient.
        to: Personal,
    },
    /// Failed for good.
    Failed {
        /// Address of the recipient, if it was found.
        to: Option<Personal>,
        /// Messages of the error and its causes, outermost first.
        error: Vec<String>,
    },
}

impl MailState {
    /// Name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Wanted {} => WANTED,
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Failed { .. } => "failed",
        }
    }

    /// Returns `true` for a final state.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Wanted {} | Self::Sending { .. } => false,
            Self::Sent { .. } | Self::Failed { .. } => true,
        }
    }

    /// Returns `true` if a mail in this state has a place in the queue: it is new, or was deferred and queued again.
    pub(super) fn is_queued(&self) -> bool {
        match self {
            Self::Wanted {} | Self::Sending { deferred_since: Some(_), .. } => true,
            Self::Sending { deferred_since: None, .. } | Self::Sent { .. } | Self::Failed { .. } => false,
        }
    }

    /// Address of the recipient, if it is known.
    #[must_use]
    pub fn to(&self) -> Option<&Personal> {
        match self {
            Self::Wanted {} => None,
            Self::Sending { to, .. } | Self::Sent { to } => Some(to),
            Self::Failed { to, .. } => to.as_ref(),
        }
    }
}

/// A mail and its current state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailEntry {
    /// The mail itself.
    pub mail: Mail,
    /// Current state.
    pub state: MailState,
    /// Moment of the last change.
    pub at: Timestamp,
}

/// A mail in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMail {
    /// Sequence at which it was queued; the newest has the highest.
    pub place: u64,
    /// The mail in its current state.
    pub entry: MailEntry,
}

/// Filter of a list of mails. `None` means no restriction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// Recipient of the mails.
    pub recipient: Option<UserId>,
    /// Booking the mails are about.
    pub booking: Option<BookingId>,
    /// Index of their address, of mails that are not about a booking.
    pub address: Option<AddressIndex>,
}

impl MailFilter {
    pub(super) fn subject(self) -> String {
        let any = || "*".to_owned();
        let Self { recipient, booking, address } = self;
        let recipient = recipient.map_or_else(any, |user| user.to_string());
        let about = booking.map(|booking| booking.to_string());
        let about = about.or_else(|| address.map(|address| address.to_string()));
        format!("mail.{recipient}.{}.*", about.unwrap_or_else(any))
    }
}
