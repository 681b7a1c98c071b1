//! The public catalogue, and the policy that pages need beside it.

pub mod cities;
pub mod day_sheet;
pub mod drafts;
pub mod overlaps;
pub mod policy;
pub mod price_templates;
pub mod screenings;
pub mod screens;
pub mod show_venues;
pub mod shows;
mod terms;
pub mod venues;
