//! Mail templates, one file per kind and language, rendered both as HTML and as plain text.
//!
//! The first line is the subject. Blocks follow, separated by blank lines: `# a heading`, `[facts]`, `[tickets]`, `[shows]`, `[slow]`,
//! `[address] a button`, `[quiet address] a link`, or a paragraph. `{{name}}` is replaced by a value; a block that names a missing value is
//! left out.
//! A block that begins with `?name` is shown only if that value exists.

use std::collections::BTreeMap;

use ticketshow_domain::Language;

/// Values of a mail. An empty value only selects the blocks that depend on it.
pub(super) type Values = BTreeMap<&'static str, String>;

/// A kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Template {
    BookingConfirmed,
    PaymentFailed,
    BookingCancelled,
    SeatsReturned,
    BookingMoved,
    ScreeningChanged,
    SeatsOffered,
    Reminder,
    Message,
    RefundStarted,
    RefundCompleted,
    PasswordReset,
    AddressVerification,
    AccountExists,
    SignInCode,
    AccountChanged,
    AccountErased,
    SalesOfDay,
}

/// A part of a mail, with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(String),
    Button {
        address: String,
        text: String,
    },
    /// A link that is less prominent than the buttons.
    Link {
        address: String,
        text: String,
    },
    /// A table of show, time, venue and seats.
    Facts,
    /// The QR code of each seat.
    Tickets,
    /// A list with this name.
    List(ListName),
}

/// A list of a mail about sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ListName {
    /// Shows that were sold.
    Shows,
    /// Screenings that sell poorly.
    Slow,
}

/// A template with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    pub subject: String,
    pub heading: String,
    pub blocks: Vec<Block>,
}

impl Template {
    #[cfg(test)]
    pub const ALL: [Self; 18] = [
        Self::BookingConfirmed,
        Self::PaymentFailed,
        Self::BookingCancelled,
        Self::SeatsReturned,
        Self::BookingMoved,
        Self::ScreeningChanged,
        Self::SeatsOffered,
        Self::Reminder,
        Self::Message,
        Self::RefundStarted,
        Self::RefundCompleted,
        Self::PasswordReset,
        Self::AddressVerification,
        Self::AccountExists,
        Self::SignInCode,
        Self::AccountChanged,
        Self::AccountErased,
        Self::SalesOfDay,
    ];

    pub fn source(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::BookingConfirmed, Language::En) => include_str!("templates/booking_confirmed.mail"),
            (Self::PaymentFailed, Language::En) => include_str!("templates/payment_failed.mail"),
            (Self::BookingCancelled, Language::En) => include_str!("templates/booking_cancelled.mail"),
            (Self::SeatsReturned, Language::En) => include_str!("templates/seats_returned.mail"),
            (Self::BookingMoved, Language::En) => include_str!("templates/booking_moved.mail"),
            (Self::ScreeningChanged, Language::En) => include_str!("templates/screening_changed.mail"),
            (Self::SeatsOffered, Language::En) => include_str!("templates/seats_offered.mail"),
            (Self::Reminder, Language::En) => include_str!("templates/reminder.mail"),
            (Self::Message, Language::En) => include_str!("templates/message.mail"),
            (Self::RefundStarted, Language::En) => include_str!("templates/refund_started.mail"),
            (Self::RefundCompleted, Language::En) => include_str!("templates/refund_completed.mail"),
            (Self::PasswordReset, Language::En) => include_str!("templates/password_reset.mail"),
            (Self::AddressVerification, Language::En) => include_str!("templates/address_verification.mail"),
            (Self::AccountExists, Language::En) => include_str!("templates/account_exists.mail"),
            (Self::SignInCode, Language::En) => include_str!("templates/sign_in_code.mail"),
            (Self::AccountChanged, Language::En) => include_str!("templates/account_changed.mail"),
            (Self::AccountErased, Language::En) => include_str!("templates/account_erased.mail"),
            (Self::SalesOfDay, Language::En) => include_str!("templates/sales_of_day.mail"),
            (Self::BookingConfirmed, Language::Hi) => include_str!("templates/hi/booking_confirmed.mail"),
            (Self::PaymentFailed, Language::Hi) => include_str!("templates/hi/payment_failed.mail"),
            (Self::BookingCancelled, Language::Hi) => include_str!("templates/hi/booking_cancelled.mail"),
            (Self::SeatsReturned, Language::Hi) => include_str!("templates/hi/seats_returned.mail"),
            (Self::BookingMoved, Language::Hi) => include_str!("templates/hi/booking_moved.mail"),
            (Self::ScreeningChanged, Language::Hi) => include_str!("templates/hi/screening_changed.mail"),
            (Self::SeatsOffered, Language::Hi) => include_str!("templates/hi/seats_offered.mail"),
            (Self::Reminder, Language::Hi) => include_str!("templates/hi/reminder.mail"),
            (Self::Message, Language::Hi) => include_str!("templates/hi/message.mail"),
            (Self::RefundStarted, Language::Hi) => include_str!("templates/hi/refund_started.mail"),
            (Self::RefundCompleted, Language::Hi) => include_str!("templates/hi/refund_completed.mail"),
            (Self::PasswordReset, Language::Hi) => include_str!("templates/hi/password_reset.mail"),
            (Self::AddressVerification, Language::Hi) => {
                include_str!("templates/hi/address_verification.mail")
            }
            (Self::AccountExists, Language::Hi) => include_str!("templates/hi/account_exists.mail"),
            (Self::SignInCode, Language::Hi) => include_str!("templates/hi/sign_in_code.mail"),
            (Self::AccountChanged, Language::Hi) => include_str!("templates/hi/account_changed.mail"),
            (Self::AccountErased, Language::Hi) => include_str!("templates/hi/account_erased.mail"),
            (Self::SalesOfDay, Language::Hi) => include_str!("templates/hi/sales_of_day.mail"),
        }
    }

    /// Fills in the values.
    pub fn fill(self, language: Language, values: &Values) -> Filled {
        let source = self.source(language);
        let (subject, rest) = source.split_once('\n').unwrap_or((source, ""));
        let mut filled = Filled {
            subject: fill(subject, values).unwrap_or_else(|| "Ticket Show".to_owned()),
            heading: String::new(),
            blocks: Vec::new(),
        };
        for block in rest.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
            let Some(text) = shown(block, values).and_then(|block| fill(block, values)) else { continue };
            if let Some(heading) = text.strip_prefix("# ") {
                heading.clone_into(&mut filled.heading);
            } else {
                filled.blocks.push(Block::read(text));
            }
        }
        filled
    }
}

impl Block {
    fn read(text: String) -> Self {
        match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some(("facts", "")) => Self::Facts,
            Some(("tickets", "")) => Self::Tickets,
            Some(("shows", "")) => Self::List(ListName::Shows),
            Some(("slow", "")) => Self::List(ListName::Slow),
            Some((address, label)) => {
                let text = label.trim().to_owned();
                match address.strip_prefix("quiet ") {
                    Some(address) => Self::Link { address: address.to_owned(), text },
                    None => Self::Button { address: address.to_owned(), text },
                }
            }
            None => Self::Paragraph(text),
        }
    }
}

/// Returns a block without its condition, or `None` if the condition does not hold.
fn shown<'a>(block: &'a str, values: &Values) -> Option<&'a str> {
    let Some(conditional) = block.strip_prefix('?') else { return Some(block) };
    let (name, block) = conditional.split_once(' ').unwrap_or((conditional, ""));
    values.contains_key(name).then_some(block)
}

/// Fills values into a text, in one pass: `{{` inside a value is not expanded. Returns `None` if a value is missing.
pub(super) fn fill(text: &str, values: &Values) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        filled.push_str(before);
        filled.push_str(values.get(name)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}
