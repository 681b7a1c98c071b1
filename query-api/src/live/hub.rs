//! One reader of the log for all live clients. It runs while there are clients, and drops a screening soon after its last
//! client disconnected.

use std::{
    collections::{BTreeSet, HashMap},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Place, Problem, sync::lock};
use ticketshow_nats::{
    failure::Failure,
    log::{history::Log, unparsed::UnparsedCommit},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::changes::{Changes, Frame, Journal, Missed};

/// Subject filter of the reader.
const SCREENINGS: &str = "tix.screening.*";
/// Minimum interval between two events of a screening; changes within it are merged. A rush on one screening would
/// otherwise send thousands of events per second to each client. The first change after a quiet interval is sent at once.
const FRAME_INTERVAL: Duration = Duration::from_millis(25);
/// Events per second that all clients of a screening get together. Beyond 500 clients, each gets fewer and larger ones: when a house of
/// thousands goes on sale, the processors are needed for selling its seats.
const SENDS_PER_SECOND: u32 = 20_000;
/// Events that a client may lag behind: more than a second and a half of a rush. The buffer is shared by all clients of a
/// screening.
const LAG_MAX: usize = 64;
/// Clients per process. Source: 2,000 on one screening are promised; a connection takes some 20 kB.
const CLIENTS_MAX: usize = 10_000;
/// Wait for the reader to start.
const START_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait of a client for other clients of the same screening that are reading the log.
const TURN_MAX: Duration = Duration::from_secs(2);
/// Interval of dropping screenings without clients.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(10);
/// Pause before a failed reader restarts.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// All live clients of this process.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: Log,
    state: Mutex<State>,
    /// Notifies of every change of [`State::reader`].
    reader_changed: watch::Sender<()>,
    /// One permit per further client.
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    channels: HashMap<ScreeningId, Channel>,
    /// Screenings with pending changes, by the time to send them.
    due: BTreeSet<(Instant, ScreeningId)>,
    reader: Reader,
    /// Position of the last commit read.
    position: u64,
}

/// State of the reader. Changed under the same lock as the channels, which exist only while it is `Reading`: a client added
/// at any other time would miss commits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Reader {
    #[default]
    Absent,
    Starting,
    Reading,
}

/// The clients of one screening.
#[derive(Debug)]
struct Channel {
    frames: broadcast::Sender<Frame>,
    /// Everything up to this position was sent, or precedes the channel.
    sent: u64,
    /// Changes that were sent, and changes that a client read from the log before.
    journal: Journal,
    /// Held by the client that reads the log: one at a time, because the others find in the journal what it read.
    catching_up: Arc<tokio::sync::Mutex<()>>,
    /// Changes not sent yet, their last position, and the time to send them.
    pending: Changes,
    pending_position: u64,
    due: Option<Instant>,
    /// Earliest time of the next event.
    next: Instant,
}

/// The places of a client: one of the process, one of its address.
type Places = (OwnedSemaphorePermit, Place);

/// A new client's connection to the hub.
#[derive(Debug)]
pub struct Subscription {
    /// Everything after this position arrives as a frame.
    pub from: u64,
    /// See [`Channel::catching_up`].
    catching_up: Arc<tokio::sync::Mutex<()>>,
    pub frames: broadcast::Receiver<Frame>,
    /// Make room for another client when dropped.
    _places: Places,
}

impl Subscription {
    /// Waits until no other client of the screening reads the log, and keeps others from it.
    ///
    /// # Errors
    ///
    /// 503 if the others do not finish in time, as when the log does not answer.
    pub async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, Problem> {
        let turn = tokio::time::timeout(TURN_MAX, self.catching_up.lock()).await;
        turn.map_err(|_| Problem::unavailable(Duration::from_secs(1)))
    }
}

impl Hub {
    /// Reads `log` while there are clients. `stop` disconnects them all.
    pub fn new(log: Log, stop: CancellationToken) -> Self {
        let (reader_changed, _) = watch::channel(());
        let places = Arc::new(Semaphore::new(CLIENTS_MAX));
        Self(Arc::new(Shared { log, state: Mutex::default(), reader_changed, places, stop }))
    }

    /// Fires when all clients have to be disconnected.
    pub fn stopped(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Subscribes a client with the place of its address to a screening.
    ///
    /// # Errors
    ///
    /// 503 if there are too many clients, or the log is unreachable.
    pub async fn subscribe(&self, screening: ScreeningId, own: Place) -> Result<Subscription, Problem> {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let places = (place.map_err(|_| Problem::unavailable(Duration::from_secs(5)))?, own);
        let deadline = Instant::now() + START_TIMEOUT;
        let mut changed = self.0.reader_changed.subscribe();
        loop {
            let reader = {
                let mut state = self.0.state();
                match state.reader {
                    Reader::Reading => return Ok(state.subscribe(screening, places)),
                    Reader::Absent => std::mem::replace(&mut state.reader, Reader::Starting),
                    Reader::Starting => Reader::Starting,
                }
            };
            if reader == Reader::Absent {
                tokio::spawn(read(Arc::clone(&self.0)));
            }
            if !matches!(timeout_at(deadline, changed.changed()).await, Ok(Ok(()))) {
                return Err(Problem::unavailable(Duration::from_secs(1)));
            }
        }
    }

    /// Changes of a screening that a client with the map at `known` missed; `None` if they must be read from the log.
    pub fn missed(&self, screening: ScreeningId, known: u64) -> Option<Missed> {
        let state = self.0.state();
        let channel = state.channels.get(&screening)?;
        channel.journal.missed(known, channel.sent)
    }

    /// Keeps changes that one client read from the log for later clients: all changes after `known` up to `until`.
    pub fn keep(&self, screening: ScreeningId, known: u64, until: u64, changes: &Changes) {
        if let Some(channel) = self.0.state().channels.get_mut(&screening) {
            channel.journal.extend_back(known, until, changes);
        }
    }

    /// Remembers for later clients that there are too many changes after `known` to send.
    pub fn keep_too_old(&self, screening: ScreeningId, known: u64) {
        if let Some(channel) = self.0.state().channels.get_mut(&screening) {
            channel.journal.note_too_old(known);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Changes the state, including that of the reader.
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.reader_changed.send_replace(());
    }
}

/// Runs the reader until the last client is gone.
async fn read(shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    while let Some(Err(failure)) = stop.run_until_cancelled(follow(&shared)).await {
        tracing::warn!(
            error = &failure as &dyn std::error::Error,
            "lost the log reader of live seat maps; restarting"
        );
        // Disconnects all clients; they resume once the log is back.
        shared.change(|state| {
            state.reader = Reader::Starting;
            state.channels.clear();
        });
        tokio::time::sleep(RESTART_PAUSE).await;
    }
}

/// Forwards commits until the last client is gone.
async fn follow(shared: &Shared) -> Result<(), Failure> {
    let begin = shared.log.last_position().await?;
    let mut commits = pin!(shared.log.tail_unparsed(begin, &[SCREENINGS]).await?);
    shared.change(|state| (state.position, state.reader) = (begin, Reader::Reading));
    let mut cleanup = tokio::time::interval_at(Instant::now() + CLEANUP_INTERVAL, CLEANUP_INTERVAL);
    loop {
        let due = shared.state().due();
        tokio::select! {
            commit = commits.next() => match commit {
                Some(commit) => shared.state().add(&commit?)?,
                None => return Err(Failure::Stopping),
            },
            () = sleep_until(due) => shared.state().send_due(Instant::now()),
            _ = cleanup.tick() => {
                if shared.state().ends_without_clients() {
                    return Ok(());
                }
            }
        }
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

impl State {
    /// Subscribes a client to a screening. Only while the reader is `Reading`.
    fn subscribe(&mut self, screening: ScreeningId, places: Places) -> Subscription {
        let position = self.position;
        let channel = self.channels.entry(screening).or_insert_with(|| Channel::new(position));
        Subscription {
            from: channel.sent,
            catching_up: Arc::clone(&channel.catching_up),
            frames: channel.frames.subscribe(),
            _places: places,
        }
    }

    /// Drops screenings without clients. Returns true, with the reader `Absent`, if no client is left: one that arrives later
    /// starts another reader.
    fn ends_without_clients(&mut self) -> bool {
        self.channels.retain(|_, channel| channel.frames.receiver_count() > 0);
        if self.channels.is_empty() {
            self.reader = Reader::Absent;
        }
        self.channels.is_empty()
    }

    /// Earliest time at which pending changes have to be sent.
    fn due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Adds a commit. Most are of screenings without clients, which the subject shows.
    fn add(&mut self, commit: &UnparsedCommit) -> Result<(), Failure> {
        self.position = commit.position;
        let Ok(screening) = commit.id().parse() else { return Ok(()) };
        let Some(channel) = self.channels.get_mut(&screening) else { return Ok(()) };
        if let Err(error) = channel.pending.add(&commit.parse()?) {
            // A newer version wrote the event. Only the clients of this screening are disconnected, and ask again.
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, %screening, "a live seat map ends at an event that this version does not know");
            self.channels.remove(&screening);
            return Ok(());
        }
        channel.pending_position = commit.position;
        channel.due = Some(channel.next);
        self.due.insert((channel.next, screening));
        self.send_due(Instant::now());
        Ok(())
    }

    fn send_due(&mut self, now: Instant) {
        while let Some((_, screening)) = self.due.first().filter(|(due, _)| *due <= now).copied() {
            self.due.pop_first();
            if let Some(channel) = self.channels.get_mut(&screening) {
                channel.send_if_due(now);
            }
        }
    }
}

impl Channel {
    fn new(sent: u64) -> Self {
        Self {
            frames: broadcast::Sender::new(LAG_MAX),
            sent,
            journal: Journal::new(sent),
            catching_up: Arc::default(),
            pending: Changes::default(),
            pending_position: sent,
            due: None,
            next: Instant::now(),
        }
    }

    /// Sends the pending changes, if they are due.
    fn send_if_due(&mut self, now: Instant) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = None;
        let pending = std::mem::take(&mut self.pending);
        self.sent = self.pending_position;
        if !pending.is_empty() {
            self.journal.add(&pending, self.sent);
            self.next = now + interval(self.frames.receiver_count());
            // Fails only if there is no client at this moment, so no one misses it.
            let _ = self.frames.send(pending.frame(self.sent));
        }
    }
}

/// Interval between two events of a screening with this many clients.
fn interval(clients: usize) -> Duration {
    let clients = u32::try_from(clients).unwrap_or(u32::MAX);
    FRAME_INTERVAL.max(Duration::from_secs(1) * clients / SENDS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use ticketshow_http::PlacesPerAddress;

    use super::*;

    fn reading() -> State {
        State { reader: Reader::Reading, position: 7, ..State::default() }
    }

    #[test]
    fn a_client_that_arrives_as_the_reader_ends_starts_another() {
        let mut state = reading();
        let screening = ScreeningId(uuid::Uuid::nil());

        let first = state.subscribe(screening, place());
        assert_eq!(first.from, 7);
        assert!(!state.ends_without_clients(), "it has a client");
        assert_eq!(state.reader, Reader::Reading);

        drop(first);
        assert!(state.ends_without_clients());
        // From here on no client is added before another reader has begun.
        assert_eq!(state.reader, Reader::Absent);
    }

    fn place() -> Places {
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        (place, PlacesPerAddress::new(1).take(Ipv4Addr::LOCALHOST.into()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_does_not_wait_for_long_for_others_that_read_the_log() {
        let mut state = reading();
        let screening = ScreeningId(uuid::Uuid::nil());
        let (first, second) = (state.subscribe(screening, place()), state.subscribe(screening, place()));
        let turn = first.turn().await.unwrap();
        let began = Instant::now();
        assert!(second.turn().await.is_err());
        assert_eq!(began.elapsed(), TURN_MAX);
        drop(turn);
        assert!(second.turn().await.is_ok());
    }

    #[test]
    fn thousands_of_clients_get_fewer_events_each() {
        assert_eq!(interval(1), FRAME_INTERVAL);
        assert_eq!(interval(500), FRAME_INTERVAL);
        assert_eq!(interval(5_000), Duration::from_millis(250));
        assert_eq!(interval(CLIENTS_MAX), Duration::from_millis(500));
    }
}
