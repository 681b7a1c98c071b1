//! Venues, screens, shows and screenings of the demo data.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    AT_ONCE,
    api::Api,
    money,
    programme::{Show, Slot, Venue, timetable},
};

/// A screen that exists.
#[derive(Debug, Clone)]
pub struct House {
    pub venue: Venue,
    /// Which of the venue's, from 0.
    pub screen: usize,
    pub screen_id: String,
    layout: Layout,
}

/// A screening that exists.
#[derive(Debug, Clone)]
pub struct Screening {
    pub screening_id: String,
    pub city: String,
    pub starts_at: Timestamp,
    /// Label and seats of each row, front first.
    pub rows: Vec<(String, u16)>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    blocks: Vec<Block>,
}

/// Rows that look alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    category: String,
    rows: usize,
    seats: u16,
    aisles_after: Vec<u16>,
    /// In the first row of the block.
    accessible: Vec<u16>,
}

/// All venues.
pub fn venues() -> Result<Vec<Venue>> {
    parse(include_str!("../venues.json"))
}

/// All shows.
pub fn shows() -> Result<Vec<Show>> {
    parse(include_str!("../shows.json"))
}

pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).context("reading the demo data")
}

/// Creates the venues and their screens.
pub async fn build(admin: &Api) -> Result<Vec<House>> {
    let layouts: BTreeMap<String, Layout> = parse(include_str!("../layouts.json"))?;
    let layouts = &layouts;
    let houses = stream::iter(venues()?).map(|venue| async move {
        let body = json!({"name": venue.name, "address": venue.address, "city": venue.city,
            "timezone": venue.timezone, "opens_at": venue.opens_at, "closes_at": venue.closes_at});
        let venue_id =
            create(admin, "/venues", &format!("demo venue {}", venue.name), &body, "venue_id").await?;
        let mut houses = Vec::new();
        for (screen, room) in venue.screens.iter().enumerate() {
            let layout = layouts.get(&room.layout).context("a layout of the demo data")?.clone();
            let body = json!({"name": room.name, "layout": {"rows": layout.rows()}});
            let path = format!("/venues/{venue_id}/screens");
            let screen_id =
                create(admin, &path, &format!("demo screen {}", room.name), &body, "screen_id").await?;
            houses.push(House { venue: venue.clone(), screen, screen_id, layout });
        }
        anyhow::Ok(houses)
    });
    let houses: Vec<Vec<House>> = houses.buffered(AT_ONCE).try_collect().await?;
    Ok(houses.into_iter().flatten().collect())
}

/// Creates the shows; their ids in the order of [`shows`].
pub async fn put_on(admin: &Api) -> Result<Vec<String>> {
    let ids = stream::iter(shows()?).map(|show| async move {
        let body = json!({"title": show.title, "description": show.description, "duration_minutes": show.minutes,
            "language": show.language, "certificate": show.certificate, "genres": show.genres,
            "people": show.people});
        create(admin, "/shows", &format!("demo show {}", show.title), &body, "show_id").await
    });
    ids.buffered(AT_ONCE).try_collect().await
}

/// Schedules the screenings of the next two weeks.
pub async fn schedule(
    admin: &Api,
    houses: &[House],
    show_ids: &[String],
    currency: &str,
    now: Timestamp,
) -> Result<Vec<Screening>> {
    let (shows, factors) = (shows()?, parse::<BTreeMap<String, i64>>(include_str!("../prices.json"))?);
    let mut planned = Vec::new();
    for (seed, house) in houses.iter().enumerate() {
        let slots = timetable(&house.venue, house.screen, seed, &shows, now)?;
        planned.extend(slots.into_iter().map(|slot| (house, slot)));
    }
    let (factors, show_ids) = (&factors, show_ids);
    let screenings = stream::iter(planned).map(|(house, slot)| async move {
        let body = json!({"show_id": show_ids[slot.show], "screen_id": house.screen_id,
            "starts_at": slot.starts_at.to_string(), "prices": prices(house, &slot, factors, currency)?});
        let key = format!("demo screening {} {} {}", house.screen_id, slot.date, slot.number);
        let screening_id = create(admin, "/screenings", &key, &body, "screening_id").await?;
        let rows = house.layout.labelled().map(|(label, block, _)| (label, block.seats)).collect();
        let (city, starts_at) = (house.venue.city.clone(), slot.starts_at);
        anyhow::Ok(Screening { screening_id, city, starts_at, rows })
    });
    screenings.buffered(AT_ONCE).try_collect().await
}

async fn create(admin: &Api, path: &str, key: &str, body: &Value, id: &str) -> Result<String> {
    let answer = admin.post(path, key, body).await?.done().with_context(|| format!("creating {key}"))?;
    Ok(answer.0[id].as_str().with_context(|| format!("an answer with a {id}"))?.to_owned())
}

/// Dearer at the weekend, rounded to tens.
fn prices(
    house: &House,
    slot: &Slot,
    factors: &BTreeMap<String, i64>,
    currency: &str,
) -> Result<Map<String, Value>> {
    let zone = TimeZone::get(&house.venue.timezone).context("a time zone of the demo data")?;
    let weekday = slot.starts_at.to_zoned(zone).weekday();
    let weekend = matches!(weekday, Weekday::Friday | Weekday::Saturday | Weekday::Sunday);
    let percent = if weekend { 120 } else { 100 };
    let price = |block: &Block| {
        let factor = factors.get(&block.category).context("a price category of the demo data")?;
        let units = house.venue.price * factor * percent / 10_000 / 10 * 10;
        Ok((block.category.clone(), money(units * 100, currency)))
    };
    house.layout.blocks.iter().map(price).collect()
}

impl Layout {
    /// Each row with its label and its block, and whether it is the first of the block.
    fn labelled(&self) -> impl Iterator<Item = (String, &Block, bool)> {
        let rows = self.blocks.iter().flat_map(|block| (0..block.rows).map(move |row| (block, row == 0)));
        rows.enumerate().map(|(index, (block, first))| (label(index), block, first))
    }

    /// As the API wants them.
    fn rows(&self) -> Vec<Value> {
        let row = |(label, block, first): (String, &Block, bool)| {
            let accessible: &[u16] = if first { &block.accessible } else { &[] };
            json!({"label": label, "category": block.category, "seats": block.seats,
                "aisles_after": block.aisles_after, "accessible": accessible})
        };
        self.labelled().map(row).collect()
    }
}

/// `A` to `Z`, then `AA`, `BB`, …
fn label(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    std::iter::repeat_n(letter, index / 26 + 1).collect()
}
