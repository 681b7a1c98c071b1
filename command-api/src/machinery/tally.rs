//! Counts of the items that an owner has open at one time: holds of a customer, seats of a network, checkout pages. Kept in bounded memory,
//! for the requests of this process. An item may have ended without notice, so before a handler refuses, it asks the aggregates
//! about the items.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Mutex,
};

use jiff::{SignedDuration, Timestamp};
use ticketshow_http::sync::lock;

/// Most items that are remembered. The next to end are forgotten first.
const ITEMS_MAX: usize = 100_000;
/// Time after which a request that entered an item is over, successful or not.
const REQUEST_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Open items per owner, with a limit of their weight.
#[derive(Debug)]
pub struct Tally<O, I> {
    /// 0 is no limit: nothing is counted.
    max: u32,
    items_max: usize,
    ledger: Mutex<Ledger<O, I>>,
}

#[derive(Debug)]
struct Ledger<O, I> {
    items: HashMap<I, Entry<O>>,
    by_owner: HashMap<O, Vec<I>>,
    by_end: BTreeSet<(Timestamp, I)>,
}

#[derive(Debug)]
struct Entry<O> {
    owner: O,
    weight: u32,
    entered_at: Timestamp,
    ends_at: Timestamp,
    confirmed: bool,
}

/// The limit would be exceeded.
#[derive(Debug, PartialEq, Eq)]
pub struct Full<I> {
    pub max: u32,
    /// The owner's items whose requests are over: some may have ended since.
    pub items: Vec<I>,
}

impl<O: Copy + Eq + Hash, I: Copy + Eq + Hash + Ord> Tally<O, I> {
    pub fn new(max: u32) -> Self {
        let ledger = Ledger { items: HashMap::new(), by_owner: HashMap::new(), by_end: BTreeSet::new() };
        Self { max, items_max: ITEMS_MAX, ledger: Mutex::new(ledger) }
    }

    /// Counts an item until `ends_at`; `false` if it is counted already.
    ///
    /// # Errors
    ///
    /// [`Full`]; nothing is counted then.
    pub fn enter(
        &self,
        owner: O,
        item: I,
        weight: u32,
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Full<I>> {
        self.enter_instead(owner, item, weight, None, ends_at, now)
    }

    /// The same for an item that replaces another one, which does not count against it.
    ///
    /// # Errors
    ///
    /// [`Full`]; nothing is counted then.
    pub fn enter_instead(
        &self,
        owner: O,
        item: I,
        weight: u32,
        replaced: Option<I>,
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Full<I>> {
        if self.max == 0 {
            return Ok(true);
        }
        let mut ledger = lock(&self.ledger);
        while let Some((end, next)) = ledger.by_end.first().copied()
            && (end <= now || ledger.items.len() >= self.items_max)
        {
            ledger.remove(next);
        }
        if ledger.items.contains_key(&item) {
            return Ok(false);
        }
        let items = ledger.by_owner.get(&owner).map_or(&[][..], Vec::as_slice);
        let others = items.iter().filter(|other| Some(**other) != replaced);
        let open: u32 = others.filter_map(|item| ledger.items.get(item)).map(|entry| entry.weight).sum();
        if open + weight > self.max {
            let is_over = |entry: &Entry<O>| entry.confirmed || entry.entered_at + REQUEST_MAX <= now;
            let over = |item: &&I| ledger.items.get(item).is_some_and(is_over);
            return Err(Full { max: self.max, items: items.iter().filter(over).copied().collect() });
        }
        ledger.by_owner.entry(owner).or_default().push(item);
        ledger.by_end.insert((ends_at, item));
        ledger.items.insert(item, Entry { owner, weight, entered_at: now, ends_at, confirmed: false });
        Ok(true)
    }

    /// Notes that the request that entered the item succeeded.
    pub fn confirm(&self, item: I) {
        if let Some(entry) = lock(&self.ledger).items.get_mut(&item) {
            entry.confirmed = true;
        }
    }

    /// Stops counting an item.
    pub fn remove(&self, item: I) {
        lock(&self.ledger).remove(item);
    }
}

impl<O: Copy + Eq + Hash, I: Copy + Eq + Hash + Ord> Ledger<O, I> {
    fn remove(&mut self, item: I) {
        let Some(entry) = self.items.remove(&item) else { return };
        self.by_end.remove(&(entry.ends_at, item));
        if let Some(items) = self.by_owner.get_mut(&entry.owner) {
            items.retain(|other| *other != item);
            if items.is_empty() {
                self.by_owner.remove(&entry.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn enter(tally: &Tally<u8, u32>, owner: u8, item: u32, now: i64) -> Result<bool, Full<u32>> {
        tally.enter(owner, item, 1, at(now + 480), at(now))
    }

    #[test]
    fn an_owner_has_at_most_so_many_open_items() {
        let tally = Tally::new(2);
        assert_eq!(enter(&tally, 1, 1, 0), Ok(true));
        assert_eq!(enter(&tally, 1, 1, 0), Ok(false), "a repeat is counted once");
        assert_eq!(enter(&tally, 1, 2, 1), Ok(true));
        tally.confirm(2);
        let full = Err(Full { max: 2, items: vec![2] });
        assert_eq!(enter(&tally, 1, 3, 2), full, "the first request is still under way");
        assert_eq!(enter(&tally, 2, 3, 2), Ok(true), "others are not concerned");
        assert_eq!(enter(&tally, 1, 4, 480), Ok(true), "the first has ended");
        tally.remove(2);
        assert_eq!(enter(&tally, 1, 5, 480), Ok(true));
    }

    #[test]
    fn weights_are_added_up() {
        let tally = Tally::new(10);
        assert_eq!(tally.enter(1, 1, 6, at(480), at(0)), Ok(true));
        assert!(tally.enter(1, 2, 5, at(480), at(0)).is_err());
        assert_eq!(tally.enter(1, 2, 4, at(480), at(0)), Ok(true));
    }

    #[test]
    fn an_item_takes_the_place_of_another_one_of_its_owner() {
        let tally = Tally::new(2);
        assert_eq!(enter(&tally, 1, 1, 0), Ok(true));
        assert_eq!(enter(&tally, 1, 2, 0), Ok(true));
        assert!(tally.enter_instead(1, 3, 1, None, at(480), at(1)).is_err());
        assert!(tally.enter_instead(1, 3, 1, Some(9), at(480), at(1)).is_err(), "a foreign item is no room");
        assert!(tally.enter_instead(1, 3, 2, Some(1), at(480), at(1)).is_err(), "it is heavier");
        assert_eq!(tally.enter_instead(1, 3, 1, Some(1), at(480), at(1)), Ok(true));
        // Until the request succeeds, both count.
        assert!(enter(&tally, 1, 4, 1).is_err());
        tally.remove(1);
        assert!(enter(&tally, 1, 4, 1).is_err());
    }

    #[test]
    fn an_item_of_a_lost_request_can_be_checked_after_a_minute() {
        let tally = Tally::new(1);
        assert_eq!(enter(&tally, 1, 1, 0), Ok(true));
        assert_eq!(enter(&tally, 1, 2, 59), Err(Full { max: 1, items: vec![] }));
        assert_eq!(enter(&tally, 1, 2, 60), Err(Full { max: 1, items: vec![1] }));
    }

    #[test]
    fn memory_is_bounded() {
        let tally = Tally { items_max: 100, ..Tally::new(1) };
        for n in 0..1_000_u32 {
            assert_eq!(tally.enter(n, n, 1, at(480), at(0)), Ok(true));
        }
        let ledger = lock(&tally.ledger);
        assert_eq!((ledger.items.len(), ledger.by_owner.len(), ledger.by_end.len()), (100, 100, 100));
    }

    #[test]
    fn a_limit_of_zero_counts_nothing() {
        let tally = Tally::new(0);
        assert!((0..100).all(|item| enter(&tally, 1, item, 0) == Ok(true)));
        assert!(lock(&tally.ledger).items.is_empty());
    }
}
