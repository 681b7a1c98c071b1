//! Snapshots against a real server. A marked snapshot holds a state that the log would not produce, so its use is visible.

use ticketshow_domain::{
    Currency, Money, UserId,
    wallet::{EntryKind, Event, Reference, Wallet},
};
use ticketshow_tests::Nats;

use super::*;
use crate::{
    log::metadata::Actor,
    server::{
        connection::Settings,
        topology::{TopologySettings, provision},
    },
};

const LENGTH: u64 = 1_200;

fn credited(balance_after_minor: i64) -> Event {
    Event::WalletCredited {
        customer: UserId(Uuid::nil()),
        reference: Reference { kind: EntryKind::Credit, id: clock::new_id() },
        amount: Money { amount_minor: 1, currency: Currency::INR },
        balance_after_minor,
        booking: None,
        reason: None,
    }
}

/// Appends `LENGTH` credits of one unit in commits of 100. Returns the state after each commit.
async fn long_history(store: &Store, id: UserId) -> Vec<Loaded<Wallet>> {
    let command = Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: Uuid::nil(),
        causation: None,
        trace: None,
    };
    let mut states = Vec::new();
    let mut loaded = Loaded::<Wallet>::default();
    while loaded.version < LENGTH {
        let mut draft = Draft::new();
        let events: Vec<_> = (0..100).map(credited).collect();
        draft.add(&command, &events).unwrap();
        let prepared = Prepared::new(&id, &loaded, &draft, &command);
        let position = store.append(&prepared).await.unwrap();
        let commit =
            Commit::parse(position, &prepared.publication.subject, prepared.publication.payload.clone())
                .unwrap();
        loaded.apply(&commit).unwrap();
        states.push(loaded.clone());
    }
    states
}

/// The same position with an empty state, which cannot be the fold of the log.
fn marked(loaded: &Loaded<Wallet>) -> Loaded<Wallet> {
    Loaded { state: Wallet::default(), ..loaded.clone() }
}

struct Case {
    store: Store,
    states: Vec<Loaded<Wallet>>,
    id: UserId,
    _nats: Nats,
}

impl Case {
    async fn start() -> Self {
        let nats = Nats::start().await;
        let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
        let connection = Connection::open(&settings).await.unwrap();
        let small = TopologySettings { events_bytes_max: 1 << 30, ..TopologySettings::default() };
        provision(&connection, &small).await.unwrap();
        let (store, id) = (Store::new(&connection, Gate::open(), Some(16)), UserId(clock::new_id()));
        let states = long_history(&store, id).await;
        Self { store, states, id, _nats: nats }
    }

    /// Saves a snapshot and loads the wallet: its balance, and the version of the snapshot it was built on.
    async fn load_with(&self, snapshot: Loaded<Wallet>) -> (i64, u64) {
        self.store.snapshots().save(&self.id, snapshot).await.unwrap();
        self.load().await
    }

    async fn load(&self) -> (i64, u64) {
        let (loaded, saved_version) = self.store.load::<Wallet>(&self.id).await.unwrap();
        assert_eq!(loaded.version, LENGTH);
        (loaded.state.balance_minor(), saved_version)
    }
}

#[tokio::test]
async fn a_snapshot_is_used_only_if_it_matches_the_log() {
    let case = Case::start().await;
    let whole = LENGTH.cast_signed();
    assert_eq!(case.load().await, (whole, 0), "no snapshot yet");

    let early = &case.states[8];
    assert_eq!(case.load_with(marked(early)).await, (300, 900));
    let last = case.states.last().unwrap();
    assert_eq!(case.load_with(marked(last)).await, (0, LENGTH), "the newest snapshot is used");

    let another_log = Loaded { commit: clock::new_id(), ..marked(early) };
    assert_eq!(case.load_with(another_log).await, (whole, 0));
    let beyond = Loaded { version: LENGTH + 1, position: last.position + 1, ..marked(last) };
    assert_eq!(case.load_with(beyond).await, (whole, 0));

    case.load_with(marked(last)).await;
    case.store.snapshots().discard_beyond(last.position).await.unwrap();
    assert_eq!(case.load().await, (0, LENGTH));
    case.store.snapshots().discard_beyond(last.position - 1).await.unwrap();
    assert_eq!(case.load().await, (whole, 0));
}

#[tokio::test]
async fn a_commit_sent_twice_is_stored_once() {
    let case = Case::start().await;
    let last = case.states.last().unwrap();
    let mut draft = Draft::new();
    let command = Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: Uuid::nil(),
        causation: None,
        trace: None,
    };
    draft.add(&command, &[credited(1)]).unwrap();
    let prepared = Prepared::new(&case.id, last, &draft, &command);

    let position = case.store.append(&prepared).await.unwrap();
    let again = case.store.append(&prepared).await;

    assert!(matches!(again, Err(AppendError::Overtaken)), "{again:?}");
    let tail = case.store.tail(&prepared.publication.subject, prepared.expected).await.unwrap();
    assert_eq!(
        tail.iter().map(|commit| (commit.position, commit.commit)).collect::<Vec<_>>(),
        [(position, prepared.commit)]
    );
}
