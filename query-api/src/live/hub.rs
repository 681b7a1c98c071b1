//! One reader of the log for all who listen. It runs while anybody does, and forgets a screening soon after its last
//! listener left.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_domain::ScreeningId;
use ticketshow_http::Problem;
use ticketshow_nats::{Commit, Failure, Log};
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::changes::{Changes, Frame};

/// What the reader reads.
const SCREENINGS: &str = "tix.screening.*";
/// Changes of a screening that come closer together than this are told together: a rush on one screening would otherwise
/// be thousands of events a second for each listener. The first one after a silence is told at once.
const TOGETHER: Duration = Duration::from_millis(25);
/// Events that a listener may be behind, all screenings alike: more than a second and a half of a rush. The memory for it is
/// shared by all listeners of a screening.
const BEHIND_MAX: usize = 64;
/// Who listens in one process. Source: 2,000 on one screening are promised; a connection takes some 20 kB.
const LISTENERS_MAX: usize = 10_000;
/// How long a listener may wait for the reader to begin.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks for screenings that nobody listens to any more.
const TIDY: Duration = Duration::from_secs(10);
/// Before a reader that failed begins again.
const PAUSE: Duration = Duration::from_millis(500);

/// Everybody who listens in this process.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: Log,
    state: Mutex<State>,
    /// Whether the reader reads.
    reading: watch::Sender<bool>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    channels: HashMap<ScreeningId, Channel>,
    /// There is a reader, or one that is about to begin.
    has_reader: bool,
    /// The last commit that the reader took.
    position: u64,
}

/// Those who listen to one screening.
#[derive(Debug)]
struct Channel {
    frames: broadcast::Sender<Frame>,
    /// Everything up to here was told, or is in the log before the channel was there.
    told: u64,
    /// Nothing changed the screening after this position up to `told`.
    quiet_since: u64,
    /// What is not told yet, up to which position, and when it will be.
    waiting: Changes,
    waiting_position: u64,
    due: Option<Instant>,
    /// Not before this moment.
    next: Instant,
}

/// What somebody who begins to listen gets.
#[derive(Debug)]
pub struct Heard {
    /// Everything after this position comes as a frame.
    pub from: u64,
    /// Nothing changed after this position up to `from`.
    pub quiet_since: u64,
    /// What comes.
    pub frames: broadcast::Receiver<Frame>,
}

impl Hub {
    /// Listens to `log` as soon as somebody does; until `stop`, at which all listeners are let go.
    pub fn new(log: Log, stop: CancellationToken) -> Self {
        let (reading, _) = watch::channel(false);
        Self(Arc::new(Shared { log, state: Mutex::default(), reading, stop }))
    }

    /// Fires when all listeners have to go.
    pub fn stopped(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// 503 if too many listen, or the log is away.
    pub async fn listen(&self, screening: ScreeningId) -> Result<Heard, Problem> {
        let mut reading = self.0.reading.subscribe();
        if !std::mem::replace(&mut self.0.state().has_reader, true) {
            tokio::spawn(read(Arc::clone(&self.0)));
        }
        let began = tokio::time::timeout(PATIENCE, reading.wait_for(|reading| *reading)).await;
        if !matches!(began, Ok(Ok(_))) {
            return Err(Problem::unavailable(Duration::from_secs(1)));
        }
        let mut state = self.0.state();
        let listeners: usize = state.channels.values().map(|channel| channel.frames.receiver_count()).sum();
        if listeners >= LISTENERS_MAX {
            return Err(Problem::unavailable(Duration::from_secs(5)));
        }
        let position = state.position;
        let channel = state.channels.entry(screening).or_insert_with(|| Channel::new(position));
        let (from, quiet_since) = (channel.told, channel.quiet_since);
        Ok(Heard { from, quiet_since, frames: channel.frames.subscribe() })
    }

    /// Remembers for those who come next that nothing changed a screening after a position up to where they begin to hear.
    pub fn is_quiet(&self, screening: ScreeningId, since: u64, from: u64) {
        if let Some(channel) = self.0.state().channels.get_mut(&screening)
            && channel.told == from
        {
            channel.quiet_since = channel.quiet_since.min(since);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads until nobody listens any more.
async fn read(shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    while let Some(Err(failure)) = stop.run_until_cancelled(follow(&shared)).await {
        tracing::warn!(error = &failure as &dyn std::error::Error, "the live seat maps cannot be told");
        shared.reading.send_replace(false);
        // Whoever listens is let go, and resumes once the log is back.
        shared.state().channels.clear();
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hands out what happens, until nobody listens.
async fn follow(shared: &Shared) -> Result<(), Failure> {
    let begin = shared.log.last_position().await?;
    let mut commits = pin!(shared.log.tail(begin, &[SCREENINGS]).await?);
    shared.state().position = begin;
    shared.reading.send_replace(true);
    let mut tidy = tokio::time::interval_at(Instant::now() + TIDY, TIDY);
    loop {
        let due = shared.state().due();
        tokio::select! {
            commit = commits.next() => match commit {
                Some(commit) => shared.state().take(&commit?)?,
                None => return Err(Failure::Stopping),
            },
            () = sleep_until(due) => shared.state().tell(Instant::now()),
            _ = tidy.tick() => {
                let mut state = shared.state();
                state.channels.retain(|_, channel| channel.frames.receiver_count() > 0);
                if state.channels.is_empty() {
                    // Whoever comes now waits for the next reader.
                    state.has_reader = false;
                    shared.reading.send_replace(false);
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
    /// When the next changes have waited long enough.
    fn due(&self) -> Option<Instant> {
        self.channels.values().filter_map(|channel| channel.due).min()
    }

    fn take(&mut self, commit: &Commit) -> Result<(), Failure> {
        self.position = commit.position;
        let screening = commit.id.parse().ok();
        let Some(channel) = screening.and_then(|screening: ScreeningId| self.channels.get_mut(&screening))
        else {
            return Ok(());
        };
        channel.waiting.take(commit)?;
        channel.waiting_position = commit.position;
        let now = Instant::now();
        channel.due = Some(channel.next);
        channel.tell(now);
        Ok(())
    }

    fn tell(&mut self, now: Instant) {
        for channel in self.channels.values_mut() {
            channel.tell(now);
        }
    }
}

impl Channel {
    fn new(told: u64) -> Self {
        Self {
            frames: broadcast::Sender::new(BEHIND_MAX),
            told,
            quiet_since: told,
            waiting: Changes::default(),
            waiting_position: told,
            due: None,
            next: Instant::now(),
        }
    }

    /// Tells what waits, if it is due.
    fn tell(&mut self, now: Instant) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = None;
        let waiting = std::mem::take(&mut self.waiting);
        (self.told, self.quiet_since) = (self.waiting_position, self.waiting_position);
        if !waiting.is_empty() {
            self.next = now + TOGETHER;
            // Nobody listens at this very moment: nobody misses anything.
            let _ = self.frames.send(waiting.frame(self.told));
        }
    }
}
