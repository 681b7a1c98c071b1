//! Creating the venues, screens, shows and screenings of the demo data.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use serde_json::{Map, Value, json};

use crate::{
    AT_ONCE,
    api::Api,
    catalogue::{Block, Layout, Venue, layouts, price_percentages, shows, venues},
    money,
    programme::{Slot, timetable},
};

/// A created screen.
#[derive(Debug, Clone)]
pub struct VenueScreen {
    pub venue: Venue,
    /// Index in the venue, from 0.
    pub index: usize,
    pub screen_id: String,
    layout: Layout,
}

/// A created screening.
#[derive(Debug, Clone)]
pub struct Screening {
    pub screening_id: String,
    pub city: String,
    pub starts_at: Timestamp,
    /// Label and number of seats of each row, front first.
    pub rows: Vec<(String, u16)>,
}

/// Creates the venues and their screens.
pub async fn create_screens(admin: &Api) -> Result<Vec<VenueScreen>> {
    let layouts = &layouts()?;
    let screens = stream::iter(venues()?).map(|venue| async move {
        let body = json!({"name": venue.name, "address": venue.address, "city": venue.city,
            "timezone": venue.timezone, "opens_at": venue.opens_at, "closes_at": venue.closes_at});
        let venue_id =
            create(admin, "/venues", &format!("demo venue {}", venue.name), &body, "venue_id").await?;
        let mut created = Vec::new();
        for (index, room) in venue.screens.iter().enumerate() {
            let layout = layouts.get(&room.layout).context("a layout of the demo data")?.clone();
            let body = json!({"name": room.name, "layout": {"rows": layout.rows()}});
            let path = format!("/venues/{venue_id}/screens");
            let screen_id =
                create(admin, &path, &format!("demo screen {}", room.name), &body, "screen_id").await?;
            created.push(VenueScreen { venue: venue.clone(), index, screen_id, layout });
        }
        anyhow::Ok(created)
    });
    let screens: Vec<Vec<VenueScreen>> = screens.buffered(AT_ONCE).try_collect().await?;
    Ok(screens.into_iter().flatten().collect())
}

/// Creates the shows and returns their ids in the order of [`shows`].
pub async fn create_shows(admin: &Api) -> Result<Vec<String>> {
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
    screens: &[VenueScreen],
    show_ids: &[String],
    currency: &str,
    now: Timestamp,
) -> Result<Vec<Screening>> {
    let (shows, factors) = (shows()?, price_percentages()?);
    let mut planned = Vec::new();
    for (seed, screen) in screens.iter().enumerate() {
        let slots = timetable(&screen.venue, screen.index, seed, &shows, now)?;
        planned.extend(slots.into_iter().map(|slot| (screen, slot)));
    }
    let (factors, show_ids) = (&factors, show_ids);
    let screenings = stream::iter(planned).map(|(screen, slot)| async move {
        let body = json!({"show_id": show_ids[slot.show], "screen_id": screen.screen_id,
            "starts_at": slot.starts_at.to_string(), "prices": prices(screen, &slot, factors, currency)?});
        let key = format!("demo screening {} {} {}", screen.screen_id, slot.date, slot.number);
        let screening_id = create(admin, "/screenings", &key, &body, "screening_id").await?;
        let rows = screen.layout.labelled().map(|(label, block, _)| (label, block.seats)).collect();
        let (city, starts_at) = (screen.venue.city.clone(), slot.starts_at);
        anyhow::Ok(Screening { screening_id, city, starts_at, rows })
    });
    screenings.buffered(AT_ONCE).try_collect().await
}

async fn create(admin: &Api, path: &str, key: &str, body: &Value, id: &str) -> Result<String> {
    let answer = admin.post(path, key, body).await?.done().with_context(|| format!("creating {key}"))?;
    Ok(answer.0[id].as_str().with_context(|| format!("an answer with a {id}"))?.to_owned())
}

/// Returns the prices of a screening: 20 % higher at the weekend, rounded down to tens.
fn prices(
    screen: &VenueScreen,
    slot: &Slot,
    factors: &BTreeMap<String, i64>,
    currency: &str,
) -> Result<Map<String, Value>> {
    let zone = TimeZone::get(&screen.venue.timezone).context("a time zone of the demo data")?;
    let weekday = slot.starts_at.to_zoned(zone).weekday();
    let weekend = matches!(weekday, Weekday::Friday | Weekday::Saturday | Weekday::Sunday);
    let percent = if weekend { 120 } else { 100 };
    let price = |block: &Block| {
        let factor = factors.get(&block.category).context("a price category of the demo data")?;
        let units = screen.venue.price * factor * percent / 10_000 / 10 * 10;
        Ok((block.category.clone(), money(units * 100, currency)))
    };
    screen.layout.blocks.iter().map(price).collect()
}
