//! What commits change on a seat map, and how it is written as a server-sent event.

use std::{collections::BTreeMap, fmt::Write};

use bytes::Bytes;
use ticketshow_domain::{AnyEvent, SeatName, WireError, screening::Event};
use ticketshow_nats::Commit;

/// Seats that are something else now: of several changes of a seat the last one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<SeatName, Status>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Free,
    Held,
    Sold,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in what a commit of the screening changed.
    ///
    /// # Errors
    ///
    /// [`WireError`] if it is not known here.
    pub fn take(&mut self, commit: &Commit) -> Result<(), WireError> {
        for raw in commit.raw_events() {
            let AnyEvent::Screening(event) = AnyEvent::decode(&commit.aggregate, raw)? else { continue };
            let (seats, status) = match event {
                Event::SeatsReserved { seats, .. } => (seats, Status::Held),
                Event::SeatsReleased { seats, .. } => (seats, Status::Free),
                Event::SeatsSold { seats, .. } => (seats, Status::Sold),
                Event::ScreeningOpened { .. }
                | Event::HoldExtended { .. }
                | Event::ScreeningCancelled { .. }
                | Event::ScreeningCleared { .. }
                | Event::TicketCheckedIn { .. } => continue,
            };
            self.0.extend(seats.into_iter().map(|seat| (seat, status)));
        }
        Ok(())
    }

    /// As an event that brings a map up to `position`.
    pub fn frame(&self, position: u64) -> Frame {
        let mut text = format!("id: {position}\nevent: seats\ndata: {{\"changes\":[");
        for (index, (SeatName(seat), status)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Names of seats are letters, digits and a dash: they need no escapes.
            let _ = write!(text, "{comma}{{\"seat\":\"{seat}\",\"status\":\"{}\"}}", status.word());
        }
        text.push_str("]}\n\n");
        Frame { position, bytes: text.into() }
    }
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held => "held",
            Self::Sold => "sold",
        }
    }
}

/// A server-sent event as it is written, shared by all who get it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The map is that of this position after it.
    pub position: u64,
    /// The text.
    pub bytes: Bytes,
}

impl Frame {
    /// Tells who begins to listen where the whole map stands.
    pub fn begin(position: u64) -> Self {
        Changes::default().frame(position)
    }

    /// Tells who missed too much to ask for the map anew.
    pub fn reset(position: u64) -> Self {
        let text = format!("id: {position}\nevent: reset\ndata: {{\"position\":{position}}}\n\n");
        Self { position, bytes: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_written_as_one_event() {
        let mut changes = Changes::default();
        changes.0.insert(SeatName("A-1".to_owned()), Status::Held);
        changes.0.insert(SeatName("B-12".to_owned()), Status::Free);
        let frame = changes.frame(7);
        let told = "id: 7\nevent: seats\ndata: {\"changes\":[{\"seat\":\"A-1\",\"status\":\"held\"},\
                    {\"seat\":\"B-12\",\"status\":\"free\"}]}\n\n";
        assert_eq!((frame.position, &frame.bytes[..]), (7, told.as_bytes()));
        let begin = Frame::begin(3);
        assert_eq!(&begin.bytes[..], b"id: 3\nevent: seats\ndata: {\"changes\":[]}\n\n");
    }
}
