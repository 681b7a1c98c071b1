//! Messages of the house to everybody who booked a screening.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClaimStatus, Event, Refusal, Screening};
use crate::{Context, Fingerprint, Flaws, UserId, values::text};

/// Maximum number of messages per screening: each is a mail to every customer.
const MESSAGES_MAX: usize = 20;

/// A message, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Subject, one line.
    pub subject: String,
    /// Text, in paragraphs.
    pub text: String,
}

impl Screening {
    pub(super) fn note_message(&mut self, id: Uuid, fingerprint: Option<Fingerprint>) {
        self.messages.insert(id, fingerprint);
    }

    pub(super) fn send_message(
        &self,
        id: Uuid,
        message: &Message,
        by: UserId,
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if let Some(known) = self.messages.get(&id) {
            return if known.as_ref() == fingerprint { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        if self.cancelled.is_some() {
            return Err(Refusal::ScreeningCancelled);
        }
        if promise.ends_at <= context.now {
            return Err(Refusal::Over(promise.ends_at));
        }
        let (subject, text) = (text::tidy_line(&message.subject), text::tidy_prose(&message.text));
        let mut flaws = Flaws::default();
        flaws.text(&subject, 100, "/subject");
        flaws.prose(&text, 2_000, "/text");
        flaws.unless(!text.is_empty(), "/text", "must not be empty");
        flaws.into_result().map_err(Refusal::Invalid)?;
        if self.messages.len() >= MESSAGES_MAX {
            return Err(Refusal::TooManyMessages { max: MESSAGES_MAX });
        }
        let paid = self.active().filter(|(_, claim)| matches!(claim.status, ClaimStatus::Sold(_))).count();
        let bookings = u32::try_from(paid).unwrap_or(u32::MAX);
        let (message, fingerprint) = (Message { subject, text }, fingerprint.cloned());
        Ok(vec![Event::MessageSent { id, message, by, bookings, fingerprint }])
    }
}
