//! Mails to customers about their bookings and money. Two halves, with the stream `MAILS` between them: [`notification`] turns
//! events into queued mails, and [`mailing`] sends them.

mod blocks;
mod booking_context;
mod calendar;
mod cascade_mails;
mod contents;
mod contributions;
mod guests;
mod letter;
pub(crate) mod mailer;
mod mailing;
mod messages;
mod mornings;
pub(crate) mod notification;
mod reminders;
mod sales_of_day;
pub(crate) mod sender;
mod source;
mod template;
#[cfg(test)]
mod tests;
mod unrecorded;
mod words;
