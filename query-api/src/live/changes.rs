//! Seat changes of a commit, and their encoding as a server-sent event.

use std::{collections::BTreeMap, fmt::Write};

use bytes::Bytes;
use ticketshow_domain::{AnyEvent, SeatName, SeatStatus, WireError, screening::Event};
use ticketshow_nats::log::envelope::Commit;

/// Seats with a new status. Of several changes of a seat, the last one wins.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    seats: BTreeMap<SeatName, SeatStatus>,
    /// Prices or the layout changed, so clients have to fetch the map again.
    redrawn: bool,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty() && !self.redrawn
    }

    /// Adds the changes of a commit of the screening.
    ///
    /// # Errors
    ///
    /// [`WireError`] if an event cannot be decoded.
    pub fn add(&mut self, commit: &Commit) -> Result<(), WireError> {
        for raw in commit.raw_events() {
            let AnyEvent::Screening(event) = AnyEvent::decode(&commit.aggregate, raw)? else { continue };
            let (seats, status) = match event {
                Event::SeatsMovedIn { seats, given, .. } => {
                    self.seats.extend(given.into_iter().map(|seat| (seat, SeatStatus::Free)));
                    (seats, SeatStatus::Sold)
                }
                Event::SeatsReserved { seats, .. } => (seats, SeatStatus::Held),
                Event::SeatsReleased { seats, .. } => (seats, SeatStatus::Free),
                Event::SeatsTakenBack { returned, .. } => (returned.seats, SeatStatus::Free),
                Event::SeatsSold { seats, .. } | Event::SeatsSoldAtCounter { seats, .. } => {
                    (seats, SeatStatus::Sold)
                }
                Event::SeatsBlocked { seats, .. } | Event::BlockGrown { seats, .. } => {
                    (seats, SeatStatus::Blocked)
                }
                Event::BlockReleased { seats, .. } => (seats, SeatStatus::Free),
                Event::ScreeningChanged { .. } => {
                    self.redrawn = true;
                    continue;
                }
                Event::ScreeningOpened { .. }
                | Event::WheelchairPlacesReleased {}
                | Event::HoldExtended { .. }
                | Event::MessageSent { .. }
                | Event::GuestsReminded { .. }
                | Event::ScreeningCancelled { .. }
                | Event::WaitingListJoined { .. }
                | Event::WaitingListLeft { .. }
                | Event::SeatsOffered { .. }
                | Event::ScreeningCleared { .. }
                | Event::TicketCheckedIn { .. }
                | Event::CheckInUndone { .. }
                | Event::AdmissionConflicted { .. }
                | Event::MoveBegun { .. }
                | Event::MoveEnded { .. }
                | Event::ChangeRefused { .. }
                | Event::ChangeCompleted { .. } => continue,
            };
            self.seats.extend(seats.into_iter().map(|seat| (seat, status)));
        }
        Ok(())
    }

    /// Encodes the changes as an event that brings a map up to `position`, or asks for another one.
    pub fn frame(&self, position: u64) -> Frame {
        if self.redrawn {
            return Frame::reset(position);
        }
        let mut text = format!("id: {position}\nevent: seats\ndata: {{\"changes\":[");
        for (index, (SeatName(seat), status)) in self.seats.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Seat names are letters, digits and a dash: no escaping needed.
            let _ = write!(text, "{comma}{{\"seat\":\"{seat}\",\"status\":\"{}\"}}", status_word(*status));
        }
        text.push_str("]}\n\n");
        Frame { position, bytes: text.into() }
    }
}

fn status_word(status: SeatStatus) -> &'static str {
    match status {
        SeatStatus::Free => "free",
        SeatStatus::Held => "held",
        SeatStatus::Sold => "sold",
        SeatStatus::Blocked => "blocked",
    }
}

/// An encoded server-sent event, shared by all its recipients.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Position of the map after this event.
    pub position: u64,
    pub bytes: Bytes,
}

impl Frame {
    /// The first event of a connection: the position of the whole map.
    pub fn start(position: u64) -> Self {
        Changes::default().frame(position)
    }

    /// Asks a client that missed too much to fetch the map again.
    pub fn reset(position: u64) -> Self {
        let text = format!("id: {position}\nevent: reset\ndata: {{\"position\":{position}}}\n\n");
        Self { position, bytes: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_encoded_as_one_event() {
        let mut changes = Changes::default();
        changes.seats.insert(SeatName("A-1".to_owned()), SeatStatus::Held);
        changes.seats.insert(SeatName("B-12".to_owned()), SeatStatus::Free);
        let frame = changes.frame(7);
        let expected = "id: 7\nevent: seats\ndata: {\"changes\":[{\"seat\":\"A-1\",\"status\":\"held\"},\
                    {\"seat\":\"B-12\",\"status\":\"free\"}]}\n\n";
        assert_eq!((frame.position, &frame.bytes[..]), (7, expected.as_bytes()));
        changes.redrawn = true;
        assert_eq!(changes.frame(8).bytes, Frame::reset(8).bytes);
        let start = Frame::start(3);
        assert_eq!(&start.bytes[..], b"id: 3\nevent: seats\ndata: {\"changes\":[]}\n\n");
    }
}
