//! Time for cleaning: after each screening the room stays empty for a while.

use super::{Event, Refusal, Screen};
use crate::Flaws;

/// Longest time for cleaning. House rule.
pub const TURNAROUND_MAX_MINUTES: u16 = 240;

/// Notes a time for cleaning that is too long.
pub(super) fn check(minutes: u16, flaws: &mut Flaws) {
    flaws.unless(
        minutes <= TURNAROUND_MAX_MINUTES,
        "/turnaround_minutes",
        format!("must be 0 to {TURNAROUND_MAX_MINUTES}"),
    );
}

/// The time for cleaning at the end of a sentence.
pub(super) fn words(minutes: u16) -> String {
    if minutes == 0 { String::new() } else { format!(", and is then cleaned for {minutes} minutes") }
}

impl Screen {
    pub(super) fn change_turnaround(&self, minutes: u16) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let mut flaws = Flaws::default();
        check(minutes, &mut flaws);
        flaws.into_result().map_err(Refusal::Invalid)?;
        if self.turnaround_minutes == minutes {
            return Ok(Vec::new());
        }
        Ok(vec![Event::TurnaroundChanged { minutes }])
    }
}
