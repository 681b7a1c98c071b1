//! Seat changes of a commit, and their encoding as a server-sent event.

use std::{collections::BTreeMap, fmt::Write};

use bytes::Bytes;
use ticketshow_domain::{AnyEvent, SeatName, SeatStatus, WireError, screening::Event};
use ticketshow_nats::log::envelope::Commit;

/// Seats with a new status. Of several changes of a seat, the last one wins.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    seats: BTreeMap<SeatName, SeatStatus>,
    /// Position at which prices or the layout changed, so clients have to fetch the map again.
    redrawn: Option<u64>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty() && self.redrawn.is_none()
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
                    self.redrawn = Some(commit.position);
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
        if self.redrawn.is_some() {
            return Frame::reset(position);
        }
        Frame::seats(position, self.seats.iter().map(|(seat, status)| (seat, *status)))
    }
}

/// The latest change of each seat of a screening since a position. Connecting clients get the changes that they
/// missed from it, so that a rush of them reads the log once. It has at most one entry per seat.
#[derive(Debug)]
pub struct Journal {
    /// Every change after this position is here.
    since: u64,
    seats: BTreeMap<SeatName, (u64, SeatStatus)>,
    /// Position of the last change of prices or layout.
    redrawn: Option<u64>,
    /// Clients whose map is no newer than this have missed too much.
    too_old: Option<u64>,
}

impl Journal {
    /// A journal of changes after a position.
    pub fn new(since: u64) -> Self {
        Self { since, seats: BTreeMap::new(), redrawn: None, too_old: None }
    }

    /// Adds the changes of a frame.
    pub fn add(&mut self, changes: &Changes, position: u64) {
        self.seats.extend(changes.seats.iter().map(|(seat, status)| (seat.clone(), (position, *status))));
        self.redrawn = self.redrawn.max(changes.redrawn);
    }

    /// Adds all changes after `known` up to `until`, as read from the log, so that the journal begins there.
    pub fn extend_back(&mut self, known: u64, until: u64, changes: &Changes) {
        // Otherwise commits between the two would be missing.
        if until < self.since || known >= self.since {
            return;
        }
        for (seat, status) in &changes.seats {
            self.seats.entry(seat.clone()).or_insert((until, *status));
        }
        self.redrawn = self.redrawn.max(changes.redrawn);
        self.since = known;
    }

    /// Notes that a client at `known`, and any with an older map, has missed too much.
    pub fn note_too_old(&mut self, known: u64) {
        self.too_old = self.too_old.max(Some(known));
    }

    /// Changes up to `position` that a client at `known` missed; `None` if they are not known here.
    pub fn missed(&self, known: u64, position: u64) -> Option<Missed> {
        if self.too_old.is_some_and(|too_old| known <= too_old) {
            return Some(Missed::TooMuch);
        }
        if known < self.since {
            return None;
        }
        let after = position.max(known);
        if self.redrawn.is_some_and(|redrawn| known < redrawn) {
            return Some(Missed::Changes(Frame::reset(after)));
        }
        let mut changed = self.seats.iter().filter(|(_, (at, _))| known < *at).peekable();
        if changed.peek().is_none() {
            return Some(Missed::Nothing { after });
        }
        let changed = changed.map(|(seat, (_, status))| (seat, *status));
        Some(Missed::Changes(Frame::seats(after, changed)))
    }
}

/// Changes that a client missed.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    /// None, up to this position.
    Nothing {
        /// Not before the position of the client.
        after: u64,
    },
    /// These.
    Changes(Frame),
    /// Too many to send, or the client's position is beyond the end of the log, which must then be another log.
    TooMuch,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// New statuses of seats.
    fn seats<'a>(position: u64, seats: impl Iterator<Item = (&'a SeatName, SeatStatus)>) -> Self {
        let mut text = format!("id: {position}\nevent: seats\ndata: {{\"changes\":[");
        for (index, (SeatName(seat), status)) in seats.enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Seat names are letters, digits and a dash: no escaping needed.
            let _ = write!(text, "{comma}{{\"seat\":\"{seat}\",\"status\":\"{}\"}}", status_word(status));
        }
        text.push_str("]}\n\n");
        Self { position, bytes: text.into() }
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
        changes.redrawn = Some(8);
        assert_eq!(changes.frame(8).bytes, Frame::reset(8).bytes);
        let start = Frame::start(3);
        assert_eq!(&start.bytes[..], b"id: 3\nevent: seats\ndata: {\"changes\":[]}\n\n");
    }

    fn changes(seats: &[(&str, SeatStatus)]) -> Changes {
        let seats = seats.iter().map(|(seat, status)| (SeatName((*seat).to_owned()), *status)).collect();
        Changes { seats, redrawn: None }
    }

    #[test]
    fn a_journal_has_the_latest_change_of_each_seat_since_the_position_of_a_client() {
        let mut journal = Journal::new(10);
        journal.add(&changes(&[("A-1", SeatStatus::Held), ("A-2", SeatStatus::Held)]), 12);
        journal.add(&changes(&[("A-1", SeatStatus::Sold)]), 15);
        let both = changes(&[("A-1", SeatStatus::Sold), ("A-2", SeatStatus::Held)]).frame(15);
        assert_eq!(journal.missed(10, 15), Some(Missed::Changes(both)));
        let last = changes(&[("A-1", SeatStatus::Sold)]).frame(15);
        assert_eq!(journal.missed(12, 15), Some(Missed::Changes(last)));
        assert_eq!(journal.missed(15, 15), Some(Missed::Nothing { after: 15 }));
        // The client's map is ahead of what was sent.
        assert_eq!(journal.missed(16, 15), Some(Missed::Nothing { after: 16 }));
        assert_eq!(journal.missed(9, 15), None);
    }

    #[test]
    fn a_journal_reaches_back_to_what_was_read_from_the_log_without_a_hole() {
        let mut journal = Journal::new(10);
        journal.add(&changes(&[("A-1", SeatStatus::Sold)]), 15);
        // Read before position 10 was in the log: there may be others between 8 and 10.
        journal.extend_back(5, 8, &changes(&[("A-3", SeatStatus::Held)]));
        assert_eq!(journal.missed(5, 15), None);
        let read = changes(&[("A-1", SeatStatus::Held), ("A-3", SeatStatus::Sold)]);
        journal.extend_back(5, 12, &read);
        let all = changes(&[("A-1", SeatStatus::Sold), ("A-3", SeatStatus::Sold)]).frame(15);
        assert_eq!(journal.missed(5, 15), Some(Missed::Changes(all)));
    }

    #[test]
    fn clients_from_before_a_redrawn_map_and_those_that_missed_too_much_start_again() {
        let mut journal = Journal::new(10);
        // It was sent together with a later change.
        journal.add(&Changes { redrawn: Some(12), ..Changes::default() }, 13);
        assert_eq!(journal.missed(11, 14), Some(Missed::Changes(Frame::reset(14))));
        // Their map is new, or they would fetch it again and again.
        assert_eq!(journal.missed(12, 14), Some(Missed::Nothing { after: 14 }));
        journal.note_too_old(4);
        assert_eq!(journal.missed(3, 14), Some(Missed::TooMuch));
        assert_eq!(journal.missed(5, 14), None);
    }

    #[test]
    fn a_map_that_was_fetched_after_it_was_redrawn_is_not_reset_again() {
        let mut journal = Journal::new(10);
        // Another screening took the positions from 8 on.
        journal.extend_back(6, 10, &Changes { redrawn: Some(7), ..Changes::default() });
        assert_eq!(journal.missed(6, 10), Some(Missed::Changes(Frame::reset(10))));
        assert_eq!(journal.missed(7, 10), Some(Missed::Nothing { after: 10 }));
    }
}
