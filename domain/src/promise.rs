//! The terms of a screening: an [`Offer`] becomes a [`Promise`] when a screen schedules it, and the screening keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, Layout, ScreenId, ShowId, TimeZoneName, VenueId, pricing::Terms, screen::Screen, show::Show,
    venue::Venue,
};

/// Terms of a screening as requested, before its screen adds its own facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Show on the screen.
    pub show: ShowId,
    /// Title of the show.
    pub show_title: String,
    /// Name of the screen's venue.
    pub venue_name: String,
    /// City of the venue.
    pub city: String,
    /// Time zone of the venue.
    pub timezone: TimeZoneName,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// Start plus the duration of the show.
    pub ends_at: Timestamp,
    /// Customers may cancel until this moment.
    pub cancel_until: Timestamp,
    /// Price of a seat by category, in minor units, 0 or more.
    pub prices: BTreeMap<String, i64>,
    /// Currency of all prices.
    pub currency: Currency,
    /// Ticket types, fee, tax and cancellation.
    pub terms: Terms,
}

/// Terms of a screening, fixed when it is scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Show on the screen.
    pub show: ShowId,
    /// Title of the show at that time.
    pub show_title: String,
    /// Venue of the screen.
    pub venue: VenueId,
    /// Name of the venue at that time.
    pub venue_name: String,
    /// City of the venue at that time.
    pub city: String,
    /// Time zone of all local times of this screening.
    pub timezone: TimeZoneName,
    /// Screen it is scheduled on.
    pub screen: ScreenId,
    /// Name of the screen at that time.
    pub screen_name: String,
    /// Booking closes at this moment.
    pub starts_at: Timestamp,
    /// Start plus the duration of the show.
    pub ends_at: Timestamp,
    /// Customers may cancel until this moment.
    pub cancel_until: Timestamp,
    /// Seats on sale.
    pub layout: Layout,
    /// Price of a seat by category, in minor units, 0 or more. Of several ticket types, the price of `standard` or else the highest.
    pub prices: BTreeMap<String, i64>,
    /// Currency of all prices.
    pub currency: Currency,
    /// Ticket types, fee, tax and cancellation.
    #[serde(default)]
    pub terms: Terms,
}

impl Promise {
    /// Returns the promise with the names that its show, venue and screen have now. What people read follows a corrected name;
    /// times, seats and prices stay.
    #[must_use]
    pub fn renamed(&self, show: &Show, venue: &Venue, screen: &Screen) -> Self {
        let mut renamed = self.clone();
        if let Some(show) = &show.details {
            renamed.show_title.clone_from(&show.title);
        }
        if let Some(venue) = &venue.details {
            renamed.venue_name.clone_from(&venue.name);
            renamed.city.clone_from(&venue.city);
        }
        if let Some(room) = &screen.room {
            renamed.screen_name.clone_from(&room.name);
        }
        renamed
    }
}
