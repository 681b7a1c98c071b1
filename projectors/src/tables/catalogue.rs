//! The catalogue: shows, venues with their screens and drafts, and the cities of each show.

pub mod catalogue_changes;
pub mod cities;
pub mod city_shows;
pub mod drafts;
pub mod price_templates;
pub mod screen_blocks;
pub mod screens;
pub mod shows;
pub mod venues;
