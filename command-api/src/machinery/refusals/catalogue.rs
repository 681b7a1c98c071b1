//! Refusals of shows, venues and screens.

use serde_json::json;
use ticketshow_domain::{
    screen::{self, TakenSlot},
    show, venue,
};
use ticketshow_http::Problem;

use super::{Refuse, booking_closed, conflict, key_reused, screening_cancelled, wrong};

impl Refuse for show::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found().detail(self.to_string()),
            Self::ShowCancelled => conflict("show-cancelled", "The show is cancelled", &self),
            Self::KeyReused => key_reused(),
            Self::Invalid(flaws) => Problem::invalid(&flaws),
        }
    }
}

impl Refuse for venue::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::TemplateNameTaken(ref name) => {
                conflict("name-taken", "Another price template has this name", &self).with("name", name)
            }
            Self::TooManyTemplates { max } => {
                conflict("too-many-templates", "The venue has the most price templates it can have", &self)
                    .with("max", max)
            }
            Self::NotFound | Self::NoTemplate => Problem::not_found().detail(self.to_string()),
            Self::KeyReused => key_reused(),
            Self::Invalid(flaws) => Problem::invalid(&flaws),
        }
    }
}

impl Refuse for screen::Refusal {
    fn problem(self) -> Problem {
        match &self {
            Self::NotFound => Problem::not_found().detail(self.to_string()),
            Self::ScreenBusy { taken, turnaround_minutes } => {
                let TakenSlot { screening, show_title, starts_at, ends_at, timezone, is_draft } = &**taken;
                let clashing = json!({
                    "screening_id": screening,
                    "show_title": show_title,
                    "starts_at": starts_at,
                    "ends_at": ends_at,
                    "timezone": timezone,
                    "draft": is_draft,
                });
                conflict("screen-busy", "The screen is taken at that time", &self)
                    .with("screening", clashing)
                    .with("turnaround_minutes", turnaround_minutes)
            }
            Self::TooManyDrafts { max } => {
                conflict("too-many-drafts", "The screen has the most drafts it can have", &self)
                    .with("max", max)
            }
            Self::Blocked(seats) => {
                conflict("seat-taken", "These seats are blocked already", &self).with("seats", seats)
            }
            Self::TooManyBlocked { max } => {
                conflict("too-many-blocked", "The screen keeps the most seats back that it can", &self)
                    .with("max", max)
            }
            Self::TooManyBlocks { max } => {
                conflict("too-many-blocked", "There are as many blocks as there can be", &self)
                    .with("max", max)
            }
            Self::DraftBlocksChanged => {
                conflict("draft-changed", "The seats of the draft were changed meanwhile", &self)
            }
            Self::UnknownBlock => Problem::not_found().detail(self.to_string()),
            Self::ScreenRetired => conflict("screen-retired", "The screen is retired", &self),
            Self::ScreenInUse { screenings, first_at } => {
                conflict("screen-in-use", "Screenings are still to come on the screen", &self)
                    .with("screenings", screenings)
                    .with("first_at", first_at)
            }
            Self::OutsideOpeningHours { opens_at, closes_at } => {
                wrong("outside-opening-hours", "The venue is closed at that time", &self)
                    .with("opens_at", opens_at)
                    .with("closes_at", closes_at)
            }
            Self::InThePast => wrong("in-the-past", "The start is in the past", &self),
            Self::Started(at) => booking_closed().with("closed_at", at).detail(self.to_string()),
            Self::PriceMissing { categories } => {
                wrong("price-missing", "A category has no price", &self).with("categories", categories)
            }
            Self::ShowCancelled => conflict("show-cancelled", "The show is cancelled", &self),
            Self::VenueInactive => conflict("venue-inactive", "The venue is inactive", &self),
            Self::Unscheduled => screening_cancelled(),
            Self::NoDraft => Problem::not_found().detail(self.to_string()),
            Self::Published => conflict("already-published", "The draft is published", &self),
            Self::KeyReused => key_reused(),
            Self::Invalid(flaws) => Problem::invalid(flaws),
        }
    }
}
