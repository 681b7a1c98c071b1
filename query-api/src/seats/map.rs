//! The JSON of a seat map. It is drawn once per screening and then repainted in place: every status is filled up with blanks to
//! the length of the longest, so a new status moves no other byte. This keeps a stadium's map cheap to update.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use bytes::Bytes;
use ticketshow_domain::{Currency, Layout, Row, ScreeningId, SeatName, SeatStatus, pricing::TicketType};
use ticketshow_http::ETag;

use crate::machinery::formatting::money;

/// Prices by category and ticket type, in minor units.
pub type TypePrices = BTreeMap<String, BTreeMap<TicketType, i64>>;

/// The drawn room of a screening.
#[derive(Debug)]
struct Plan {
    screening: ScreeningId,
    layout: Layout,
    /// Offset of each seat's status in the JSON.
    statuses: Vec<u32>,
    /// Length of the JSON before the position; apart from the statuses, these bytes never change.
    drawn: usize,
}

/// The seat map of one screening at one position.
#[derive(Debug)]
pub struct SeatMap {
    plan: Arc<Plan>,
    /// Position of the last commit that changed it.
    pub position: u64,
    /// JSON for anonymous callers.
    pub json: Bytes,
    /// `ETag` of this version.
    pub tag: ETag,
}

/// One customer's own seats on a seat map.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OwnSeats {
    /// Seats in unpaid bookings.
    pub held: Vec<String>,
    /// Seats in paid bookings.
    pub sold: Vec<String>,
}

impl OwnSeats {
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.sold.is_empty()
    }
}

/// Space of a status and its closing quote, filled up with blanks: each seat's is repainted in place.
const STATUS_LENGTH: usize = 8;

fn status_word(status: SeatStatus) -> &'static [u8; STATUS_LENGTH] {
    match status {
        SeatStatus::Free => b"free\"   ",
        SeatStatus::Held => b"held\"   ",
        SeatStatus::Sold => b"sold\"   ",
        SeatStatus::Blocked => b"blocked\"",
    }
}

impl SeatMap {
    /// Draws a map; `states` has one byte per seat, the byte of its [`SeatStatus`].
    pub fn draw(
        screening: ScreeningId,
        layout: Layout,
        prices: &BTreeMap<String, i64>,
        type_prices: &TypePrices,
        currency: Currency,
        position: u64,
        states: &[u8],
    ) -> Self {
        let mut json = format!(r#"{{"screening_id":"{screening}","rows":["#);
        let mut statuses = Vec::with_capacity(layout.capacity());
        for (index, row) in layout.rows.iter().enumerate() {
            let price = prices.get(&row.category).map(|price| money(*price, currency));
            let (label, category, aisles, price) =
                (text(&row.label), text(&row.category), text(&row.aisles_after), text(&price));
            let comma = if index == 0 { "" } else { "," };
            let _ =
                write!(json, r#"{comma}{{"label":{label},"category":{category},"aisles_after":{aisles},"#);
            json.push_str(&shape(row));
            if let Some(by_type) = type_prices.get(&row.category) {
                let by_type: BTreeMap<_, _> =
                    by_type.iter().map(|(kind, price)| (kind, money(*price, currency))).collect();
                let _ = write!(json, r#""prices":{},"#, text(&by_type));
            }
            json.push_str(r#""seats":["#);
            for (position, number) in row.seat_numbers().enumerate() {
                let comma = if position == 0 { "" } else { "," };
                let seat = text(&format!("{}-{number}", row.label));
                let accessible = row.accessible.contains(&number);
                let _ = write!(json, r#"{comma}{{"seat":{seat},"status":""#);
                statuses.push(u32::try_from(json.len()).unwrap_or(u32::MAX));
                let companion = if row.companions.contains(&number) { r#","companion":true"# } else { "" };
                let _ = write!(json, r#"free"   ,"accessible":{accessible}{companion},"price":{price}}}"#);
            }
            json.push_str("]}");
        }
        json.push(']');
        let plan = Plan { screening, layout, statuses, drawn: json.len() };
        Self::paint(Arc::new(plan), json.into_bytes(), position, states)
    }

    /// Repaints the same room at another position.
    pub fn redraw(&self, position: u64, states: &[u8]) -> Self {
        let mut json = Vec::with_capacity(self.json.len() + 20);
        json.extend_from_slice(&self.json[..self.plan.drawn]);
        Self::paint(Arc::clone(&self.plan), json, position, states)
    }

    fn paint(plan: Arc<Plan>, mut json: Vec<u8>, position: u64, states: &[u8]) -> Self {
        for (at, byte) in plan.statuses.iter().zip(states) {
            let at = *at as usize;
            // An unknown byte was written by a newer projector: the seat is not for sale.
            let status = SeatStatus::from_byte(*byte).unwrap_or(SeatStatus::Held);
            json[at..at + STATUS_LENGTH].copy_from_slice(status_word(status));
        }
        json.extend_from_slice(format!(r#","position":{position}}}"#).as_bytes());
        let tag = ETag::of_bytes(version(plan.screening, position).as_bytes());
        Self { plan, position, json: json.into(), tag }
    }

    /// Size in memory.
    pub fn bytes(&self) -> usize {
        self.json.len() + self.plan.statuses.len() * size_of::<u32>()
    }

    /// JSON for one customer, whose own seats are marked `held_by_me` or `sold_to_me`.
    pub fn json_for(&self, own: &OwnSeats) -> Bytes {
        let mut flags: Vec<(usize, &str)> = Vec::new();
        for (seats, flag) in [(&own.held, r#","held_by_me":true"#), (&own.sold, r#","sold_to_me":true"#)] {
            let found = seats.iter().filter_map(|seat| self.plan.layout.find(&SeatName(seat.clone())));
            let places = found.filter_map(|(seat, _)| self.plan.statuses.get(seat as usize));
            flags.extend(places.map(|at| (*at as usize + STATUS_LENGTH, flag)));
        }
        flags.sort_unstable();
        let mut json = Vec::with_capacity(self.json.len() + flags.len() * 20);
        let mut copied = 0;
        for (at, flag) in flags {
            json.extend_from_slice(&self.json[copied..at]);
            json.extend_from_slice(flag.as_bytes());
            copied = at;
        }
        json.extend_from_slice(&self.json[copied..]);
        json.into()
    }

    /// `ETag` of this version for one customer.
    pub fn tag_for(&self, own: &OwnSeats) -> ETag {
        let OwnSeats { held, sold } = own;
        ETag::of_bytes(
            format!("{} {held:?} {sold:?}", version(self.plan.screening, self.position)).as_bytes(),
        )
    }
}

/// Names a version: the position names the statuses, and the program's version the JSON format.
fn version(screening: ScreeningId, position: u64) -> String {
    format!("{} {screening} {position}", env!("CARGO_PKG_VERSION"))
}

/// The members of a row that say how it is drawn, each followed by a comma. A plain row has none.
fn shape(row: &Row) -> String {
    let mut shape = String::new();
    if !row.gaps.is_empty() {
        let _ = write!(shape, r#""gaps":{},"#, text(&row.gaps));
    }
    if row.curve != 0 {
        let _ = write!(shape, r#""curve":{},"#, row.curve);
    }
    if let Some(level) = &row.level {
        let _ = write!(shape, r#""level":{},"#, text(level));
    }
    if row.standing {
        shape.push_str(r#""standing":true,"#);
    }
    shape
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers have a JSON form")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use ticketshow_domain::Gap;
    use uuid::Uuid;

    use super::*;

    fn row(label: &str, category: &str, seats: u16) -> Row {
        Row {
            label: label.to_owned(),
            category: category.to_owned(),
            seats,
            aisles_after: vec![1],
            accessible: vec![2],
            ..Row::default()
        }
    }

    fn map(states: &[u8]) -> SeatMap {
        let layout = Layout { rows: vec![row("A", "go\"ld", 2), row("B", "silver", 1)] };
        let prices = [("go\"ld".to_owned(), 25_000), ("silver".to_owned(), 100)].into();
        let types = [(TicketType("child".to_owned()), 50), (TicketType("adult".to_owned()), 100)];
        let types = [("silver".to_owned(), types.into())].into();
        SeatMap::draw(ScreeningId(Uuid::nil()), layout, &prices, &types, Currency::INR, 7, states)
    }

    fn parsed(json: &[u8]) -> Value {
        serde_json::from_slice(json).unwrap()
    }

    fn statuses(json: &[u8]) -> Vec<String> {
        let rows = parsed(json)["rows"].as_array().unwrap().clone();
        let seats = rows.iter().flat_map(|row| row["seats"].as_array().unwrap().clone());
        seats.map(|seat| seat["status"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_map_lists_every_row_and_seat() {
        let seat = |name: &str, status: &str, accessible: bool, amount_minor: i64| {
            json!({"seat": name, "status": status, "accessible": accessible,
                   "price": {"amount_minor": amount_minor, "currency": "INR"}})
        };
        assert_eq!(
            parsed(&map(&[2, 0, 1]).json),
            json!({
                "screening_id": Uuid::nil(),
                "rows": [
                    {"label": "A", "category": "go\"ld", "aisles_after": [1],
                     "seats": [seat("A-1", "sold", false, 25_000), seat("A-2", "free", true, 25_000)]},
                    {"label": "B", "category": "silver", "aisles_after": [1],
                     "prices": {"adult": {"amount_minor": 100, "currency": "INR"},
                                "child": {"amount_minor": 50, "currency": "INR"}},
                     "seats": [seat("B-1", "held", false, 100)]},
                ],
                "position": 7,
            })
        );
    }

    #[test]
    fn a_map_shows_how_a_real_room_is_built() {
        let pit = Row { aisles_after: vec![], accessible: vec![], standing: true, ..row("PIT", "silver", 2) };
        let balcony = Row {
            numbers: vec![3, 1],
            accessible: vec![3],
            companions: vec![1],
            gaps: vec![Gap { after: 3, width: 2 }],
            curve: 4,
            level: Some("Upper \"circle\"".to_owned()),
            ..row("B", "silver", 2)
        };
        let prices = [("silver".to_owned(), 100)].into();
        let layout = Layout { rows: vec![pit, balcony] };
        let map = SeatMap::draw(
            ScreeningId(Uuid::nil()),
            layout,
            &prices,
            &TypePrices::new(),
            Currency::INR,
            7,
            &[2, 0, 1, 0],
        );
        let price = json!({"amount_minor": 100, "currency": "INR"});
        let seat = |name: &str, status: &str, accessible: bool| json!({"seat": name, "status": status, "accessible": accessible, "price": price});
        let mut companion = seat("B-1", "free", false);
        companion["companion"] = json!(true);
        assert_eq!(
            parsed(&map.json)["rows"],
            json!([
                {"label": "PIT", "category": "silver", "aisles_after": [], "standing": true,
                 "seats": [seat("PIT-1", "sold", false), seat("PIT-2", "free", false)]},
                {"label": "B", "category": "silver", "aisles_after": [1], "gaps": [{"after": 3, "width": 2}],
                 "curve": 4, "level": "Upper \"circle\"", "seats": [seat("B-3", "held", true), companion]},
            ])
        );
        let own = OwnSeats { held: vec!["B-3".to_owned()], sold: vec![] };
        assert_eq!(parsed(&map.json_for(&own))["rows"][1]["seats"][0]["held_by_me"], true);
    }

    #[test]
    fn a_repainted_map_equals_a_new_one() {
        assert_eq!(statuses(&map(&[3, 1, 3]).json), ["blocked", "held", "blocked"]);
        let painted = map(&[2, 2, 2]).redraw(1_000_000, &[0, 1, 2]).redraw(7, &[1, 0, 0]);
        assert_eq!(painted.json, map(&[1, 0, 0]).json);
        assert_eq!(painted.tag, map(&[1, 0, 0]).tag);
        assert_ne!(painted.tag, painted.redraw(8, &[1, 0, 0]).tag);
    }

    #[test]
    fn only_the_caller_s_own_seats_are_marked() {
        let map = map(&[1, 2, 1]);
        let own = OwnSeats { held: vec!["B-1".to_owned(), "A-1".to_owned()], sold: vec!["A-2".to_owned()] };
        let seats = parsed(&map.json_for(&own));
        let seat = |row: usize, seat: usize| seats["rows"][row]["seats"][seat].clone();
        assert_eq!(seat(0, 0)["held_by_me"], true);
        assert_eq!(seat(0, 1)["sold_to_me"], true);
        assert_eq!(seat(1, 0)["held_by_me"], true);
        assert_eq!(seat(0, 0)["sold_to_me"], Value::Null);
        assert_eq!(statuses(&map.json_for(&own)), statuses(&map.json));
        assert_eq!(map.json_for(&OwnSeats::default()), map.json);
        assert_ne!(map.tag_for(&own), map.tag);
    }
}
