//! The answer to a request that schedules a screening.

use jiff::Timestamp;
use serde::Serialize;
use ticketshow_domain::{ScreeningId, promise::Promise};
use utoipa::ToSchema;
use uuid::Uuid;

/// A screening that is open for booking, or a draft of one.
#[derive(Serialize, ToSchema)]
pub struct ScheduledScreening {
    screening_id: Uuid,
    show_id: Uuid,
    venue_id: Uuid,
    screen_id: Uuid,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    ends_at: String,
    capacity: usize,
    /// `true` until it is published.
    draft: bool,
}

impl ScheduledScreening {
    pub fn of_draft(screening: ScreeningId, promise: &Promise) -> Self {
        Self { draft: true, ..Self::new(screening, promise) }
    }

    pub fn new(screening: ScreeningId, promise: &Promise) -> Self {
        let zone = promise.timezone.zone();
        let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
        Self {
            screening_id: screening.0,
            show_id: promise.show.0,
            venue_id: promise.venue.0,
            screen_id: promise.screen.0,
            starts_at: local(promise.starts_at),
            ends_at: local(promise.ends_at),
            capacity: promise.layout.capacity(),
            draft: false,
        }
    }
}
