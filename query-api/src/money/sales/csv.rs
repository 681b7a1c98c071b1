//! Sales as CSV, with amounts in units of the currency, as spreadsheets show them.

use std::fmt::Write as _;

use super::{Figures, Sales};
use crate::machinery::{
    csv::{UTF8_MARK, text},
    formatting::in_units,
};

const HEADER: &str = "day,hour,show_id,show_title,venue_id,venue_name,category,ticket_type,method,currency";
const FIGURES: [&str; 7] =
    ["bookings", "seats", "sold", "bookings_refunded", "seats_refunded", "refunded", "net"];

/// Encodes all lines, starting with the column names.
pub fn encode(sales: &Sales) -> String {
    let mut csv = format!("{UTF8_MARK}{HEADER}");
    let is_compared = sales.previous.is_some();
    for prefix in ["", "previous_"].into_iter().take(1 + usize::from(is_compared)) {
        for name in FIGURES {
            let _ = write!(csv, ",{prefix}{name}");
        }
    }
    csv.push_str("\r\n");
    for sum in &sales.items {
        let group = &sum.group;
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let day = group.day.map(|day| day.to_string()).unwrap_or_default();
        let hour = group.hour.map(|hour| hour.to_string()).unwrap_or_default();
        let [show, venue, category, ticket_type, method] =
            [&group.show_title, &group.venue_name, &group.category, &group.ticket_type, &group.method]
                .map(|name| text(name.as_deref()));
        let _ = write!(
            csv,
            "{day},{hour},{},{show},{},{venue},{category},{ticket_type},{method},{}",
            id(group.show_id),
            id(group.venue_id),
            sum.figures.sold.currency,
        );
        add(&mut csv, &sum.figures);
        if let Some(previous) = sum.previous.as_ref().filter(|_| is_compared) {
            add(&mut csv, previous);
        }
        csv.push_str("\r\n");
    }
    csv
}

fn add(csv: &mut String, figures: &Figures) {
    let Figures { bookings, seats, sold, bookings_refunded, seats_refunded, refunded, net } = figures;
    let [sold, refunded, net] = [sold, refunded, net].map(|amount| in_units(*amount));
    let _ = write!(csv, ",{bookings},{seats},{sold},{bookings_refunded},{seats_refunded},{refunded},{net}");
}
