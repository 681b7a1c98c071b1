//! Checks after a round: every acknowledgement still holds, and all money is where it belongs.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;
use ticketshow_dodo_sim::MovementKind;
use ticketshow_tests::held_within;
use tokio::time::Instant;

use crate::{
    bookings::{Acknowledged, CREDIT_MINOR, Customer, House},
    installation::Installation,
};

/// Time until everything under way has to be settled.
const SETTLED: Duration = Duration::from_mins(3);
/// Time until everything is shown: a lost notice of a capture is found by asking the provider.
const SHOWN: Duration = Duration::from_mins(5);
/// Findings of a kind that are written down.
const FINDINGS_MAX: usize = 10;

/// Faults found after a round; empty if all is well.
#[derive(Debug, Default)]
pub struct Findings {
    /// Acknowledged bookings or payments that are gone.
    pub lost: usize,
    /// Customers or card payments whose money does not add up.
    pub money: usize,
    pub texts: Vec<String>,
}

impl Findings {
    fn note(&mut self, text: String) {
        if self.texts.len() < FINDINGS_MAX {
            self.texts.push(text);
        }
    }
}

/// Compares the installation with what was acknowledged, and with the provider's ledger.
pub async fn check(installation: &Installation, house: &House, acknowledged: &Acknowledged) -> Findings {
    let mut findings = Findings::default();
    for text in &acknowledged.unexpected {
        findings.note(format!("unexpected answer: {text}"));
    }
    if let Some(output) = installation.verify_settled(SETTLED).await {
        findings.money += 1;
        findings.note(format!("verify --settled: {output}"));
    }
    let deadline = Instant::now() + SHOWN;
    println!("  the log is checked, asking the customers");
    for (index, customer) in house.customers.iter().enumerate() {
        let own = acknowledged.bookings.iter().filter(|booked| booked.customer == index);
        let expected: HashMap<&str, (bool, bool)> =
            own.map(|booked| (booked.booking.as_str(), (booked.paid, booked.cancelled))).collect();
        let mut seen = Seen::default();
        let left = deadline.saturating_duration_since(Instant::now());
        let as_expected = held_within(left, async || {
            seen = Seen::of(customer, &expected, &captured(installation)).await?;
            (seen.lost.is_empty() && seen.money.is_empty()).then_some(())
        })
        .await;
        if as_expected.is_none() {
            findings.lost += seen.lost.len();
            findings.money += seen.money.len();
            for text in seen.lost.into_iter().chain(seen.money) {
                findings.note(format!("customer {index}: {text}"));
            }
        }
    }
    findings
}

/// Money that the provider has captured and not returned, by booking.
fn captured(installation: &Installation) -> HashMap<String, i64> {
    let mut captured: HashMap<String, i64> = HashMap::new();
    for movement in installation.provider.ledger() {
        let booking = movement.metadata.get("booking_id").and_then(Value::as_str).unwrap_or_default();
        let net = captured.entry(booking.to_owned()).or_default();
        match movement.kind {
            MovementKind::Capture => *net += movement.amount,
            MovementKind::Refund | MovementKind::Chargeback => *net -= movement.amount,
        }
    }
    captured
}

/// Contradictions between the pages of a customer and the acknowledgements or movements of money.
#[derive(Debug, Default)]
struct Seen {
    lost: Vec<String>,
    money: Vec<String>,
}

impl Seen {
    /// Reads all bookings and the wallet of a customer; `None` if they cannot be read now.
    async fn of(
        customer: &Customer,
        expected: &HashMap<&str, (bool, bool)>,
        captured: &HashMap<String, i64>,
    ) -> Option<Self> {
        let bookings = bookings(customer).await?;
        let wallet = customer.queries.get("/wallet").try_send().await.ok()?;
        let balance = wallet.json["balance"]["amount_minor"].as_i64()?;
        let mut seen = Self::default();
        let by_id: HashMap<&str, &Value> =
            bookings.iter().filter_map(|booking| Some((booking["booking_id"].as_str()?, booking))).collect();
        for (booking, (paid, cancelled)) in expected {
            let status = by_id.get(booking).and_then(|found| found["status"].as_str());
            let kept = match (status, paid, cancelled) {
                (None, ..) => false,
                (Some(status), true, false) => status == "confirmed",
                (Some(status), true, true) => matches!(status, "cancelled" | "refunded"),
                (Some(_), false, _) => true,
            };
            if !kept {
                seen.lost
                    .push(format!("booking {booking}, paid {paid}, cancelled {cancelled}, is {status:?}"));
            }
        }
        let mut spent = 0;
        for (id, booking) in by_id {
            let confirmed = booking["status"] == "confirmed";
            let amount = booking["amount"]["amount_minor"].as_i64()?;
            let by_card = confirmed && booking["payment"]["method"] == "card";
            if confirmed && !by_card {
                spent += amount;
            }
            let net = captured.get(id).copied().unwrap_or_default();
            if net != if by_card { amount } else { 0 } {
                seen.money.push(format!("booking {id} is {}, the provider has {net}", booking["status"]));
            }
        }
        if balance != CREDIT_MINOR - spent {
            seen.money.push(format!("the wallet has {balance}, not {}", CREDIT_MINOR - spent));
        }
        Some(seen)
    }
}

/// All bookings of a customer.
async fn bookings(customer: &Customer) -> Option<Vec<Value>> {
    let mut bookings = Vec::new();
    let mut path = "/bookings?limit=100".to_owned();
    loop {
        let page = customer.queries.get(&path).try_send().await.ok().filter(|page| page.status == 200)?;
        bookings.extend(page.json["items"].as_array()?.iter().cloned());
        let Some(next) = page.json["next_cursor"].as_str() else { return Some(bookings) };
        path = format!("/bookings?limit=100&cursor={next}");
    }
}
