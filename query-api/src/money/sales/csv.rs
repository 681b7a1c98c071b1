//! Sales as CSV, with amounts in minor units so that spreadsheets add them up exactly.

use std::fmt::Write as _;

use super::SalesSum;
use crate::machinery::csv::{UTF8_MARK, text};

const HEADER: &str = "day,show_id,show_title,venue_id,venue_name,currency,bookings,seats,sold_minor,\
                    bookings_refunded,seats_refunded,refunded_minor,net_minor\r\n";

/// Encodes all lines, starting with the column names.
pub fn encode(sums: &[SalesSum]) -> String {
    let mut csv = format!("{UTF8_MARK}{HEADER}");
    for sum in sums {
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let day = sum.day.map(|day| day.to_string()).unwrap_or_default();
        let (show, venue) = (text(sum.show_title.as_deref()), text(sum.venue_name.as_deref()));
        let _ = write!(
            csv,
            "{day},{},{show},{},{venue},{},{},{},{},{},{},{},{}\r\n",
            id(sum.show_id),
            id(sum.venue_id),
            sum.sold.currency,
            sum.bookings,
            sum.seats,
            sum.sold.amount_minor,
            sum.bookings_refunded,
            sum.seats_refunded,
            sum.refunded.amount_minor,
            sum.net.amount_minor,
        );
    }
    csv
}
