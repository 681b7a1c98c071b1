//! Cancellation of a calendar entry (RFC 5545, RFC 5546), for customers who saved the entry from the page of the booking. Pure.

use jiff::Timestamp;
use ticketshow_domain::{BookingId, promise::Promise};

/// Bytes of a line without its break.
const LINE_BYTES: usize = 75;

/// An entry that is cancelled. The page of the booking makes it with the same `UID`, without a `SEQUENCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CancelledEntry {
    booking: BookingId,
    title: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    at: Timestamp,
}

impl CancelledEntry {
    pub fn new(booking: BookingId, promise: &Promise, at: Timestamp) -> Self {
        let Promise { show_title, starts_at, ends_at, .. } = promise;
        Self { booking, title: show_title.clone(), starts_at: *starts_at, ends_at: *ends_at, at }
    }

    /// Returns the file that removes the entry, from the address that sends it.
    pub fn file(&self, organizer: &str) -> String {
        let Self { booking, title, starts_at, ends_at, at } = self;
        let stamp = |moment: &Timestamp| moment.strftime("%Y%m%dT%H%M%SZ").to_string();
        let lines = [
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Ticket Show//EN".to_owned(),
            "METHOD:CANCEL".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{booking}@ticketshow"),
            "SEQUENCE:1".to_owned(),
            format!("DTSTAMP:{}", stamp(at)),
            format!("DTSTART:{}", stamp(starts_at)),
            format!("DTEND:{}", stamp(ends_at)),
            format!("ORGANIZER:mailto:{organizer}"),
            format!("SUMMARY:{}", escaped(title)),
            "STATUS:CANCELLED".to_owned(),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ];
        lines.iter().map(|line| folded(line) + "\r\n").collect()
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.replace(char::is_control, " ")
}

/// Breaks a line that is too long; the next one begins with a blank.
fn folded(line: &str) -> String {
    let (mut text, mut length) = (String::with_capacity(line.len()), 0);
    for letter in line.chars() {
        if length + letter.len_utf8() > LINE_BYTES {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(letter);
        length += letter.len_utf8();
    }
    text
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::examples;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cancelled_entry_has_the_uid_of_the_one_that_was_saved() {
        let title = "दिल्ली, ".repeat(20);
        let promise = Promise { show_title: title.trim().to_owned(), ..examples::promise() };
        let at = "2026-11-27T13:00:00.5Z".parse().unwrap();
        let entry = CancelledEntry::new(BookingId(Uuid::from_u128(7)), &promise, at);
        let file = entry.file("tickets@example.org");
        for line in [
            "METHOD:CANCEL\r\n",
            "UID:00000000-0000-0000-0000-000000000007@ticketshow\r\n",
            "DTSTAMP:20261127T130000Z\r\n",
            "ORGANIZER:mailto:tickets@example.org\r\n",
            "SUMMARY:दिल्ली\\, ",
            "STATUS:CANCELLED\r\n",
        ] {
            assert!(file.contains(line), "{line:?} is missing: {file}");
        }
        assert!(file.lines().all(|line| line.len() <= LINE_BYTES), "{file}");
        assert!(file.replace("\r\n ", "").contains(&escaped(title.trim())), "{file}");
    }
}
