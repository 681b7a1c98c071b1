//! The catalogue of the demo data: venues, layouts, shows and prices, read from the JSON files of this crate.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Kind of show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Film,
    Play,
}

/// A venue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Venue {
    pub name: String,
    pub address: String,
    pub city: String,
    pub timezone: String,
    pub opens_at: String,
    pub closes_at: String,
    /// Price of a plain seat, in whole units of the currency.
    pub price: i64,
    pub programme: Kind,
    pub languages: Vec<String>,
    pub screens: Vec<Screen>,
}

/// A screen of a venue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    pub name: String,
    /// Name of its layout in `layouts.json`.
    pub layout: String,
}

/// A film or play.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    pub title: String,
    pub kind: Kind,
    pub language: String,
    pub minutes: u16,
    pub certificate: String,
    pub genres: Vec<String>,
    pub people: Vec<String>,
    /// Name of its picture in `posters/`.
    pub poster: String,
    pub description: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub blocks: Vec<Block>,
}

/// Rows of the same category and shape.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    pub category: String,
    rows: usize,
    pub seats: u16,
    #[serde(default)]
    aisles_after: Vec<u16>,
    /// Accessible seats in the first row of the block.
    #[serde(default)]
    accessible: Vec<u16>,
    /// Seats beside them for companions.
    #[serde(default)]
    companions: Vec<u16>,
    #[serde(default)]
    curve: u16,
    level: Option<String>,
    /// `true` for a standing area.
    #[serde(default)]
    standing: bool,
}

/// Returns all venues.
pub fn venues() -> Result<Vec<Venue>> {
    parse(include_str!("../venues.json"))
}

/// Returns all shows.
pub fn shows() -> Result<Vec<Show>> {
    parse(include_str!("../shows.json"))
}

pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).context("reading the demo data")
}

/// Returns all layouts by name.
pub fn layouts() -> Result<BTreeMap<String, Layout>> {
    parse(include_str!("../layouts.json"))
}

/// Returns the price of each category as a percentage of a plain seat's.
pub fn price_percentages() -> Result<BTreeMap<String, i64>> {
    parse(include_str!("../prices.json"))
}

/// Returns the number of cities.
pub fn cities(venues: &[Venue]) -> usize {
    venues.iter().map(|venue| &venue.city).collect::<HashSet<_>>().len()
}

impl Layout {
    /// Returns each row with its label and block, and true for the first row of a block.
    pub fn labelled(&self) -> impl Iterator<Item = (String, &Block, bool)> {
        let rows = self.blocks.iter().flat_map(|block| (0..block.rows).map(move |row| (block, row == 0)));
        rows.enumerate().map(|(index, (block, first))| {
            let label = if block.standing { "PIT".to_owned() } else { label(index) };
            (label, block, first)
        })
    }

    /// Returns the rows in the format of the API.
    pub fn rows(&self) -> Vec<Value> {
        let row = |(label, block, first): (String, &Block, bool)| {
            let (accessible, companions): (&[u16], &[u16]) =
                if first { (&block.accessible, &block.companions) } else { (&[], &[]) };
            json!({"label": label, "category": block.category, "seats": block.seats,
                "aisles_after": block.aisles_after, "accessible": accessible, "companions": companions,
                "curve": block.curve, "level": block.level, "standing": block.standing})
        };
        self.labelled().map(row).collect()
    }
}

/// Returns the label of a row: `A` to `Z`, then `AA`, `BB`, …
fn label(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    std::iter::repeat_n(letter, index / 26 + 1).collect()
}
