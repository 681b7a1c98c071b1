//! One part of the local stack as a supervised process: started, watched, started again when it dies, ended when told.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::console::Console;
use super::home::Home;
use super::process::{Identity, Record};

/// A log is put aside (one old one is kept) when it is larger than this, in bytes.
const LOG_MAX: u64 = 32 * 1024 * 1024;
/// Waits before the second start, the third and so on double from here …
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// … up to here.
const LAST_DELAY: Duration = Duration::from_secs(15);
/// A part that ran this long was well: the next death counts as the first.
const WELL: Duration = Duration::from_secs(30);
/// From this many deaths in a row on the end of its log is shown.
const DEATHS_SHOWN: u32 = 3;

/// A user of the machine, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// What the process gets to see of our environment.
#[derive(Debug, Clone)]
pub enum Environment {
    /// `PATH`, a UTF-8 locale and these: none of our secrets.
    Only(Vec<(&'static str, OsString)>),
    /// All of it, with these on top.
    Ours(Vec<(&'static str, OsString)>),
}

/// How a part is run.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name in logs, records and on the terminal.
    pub name: &'static str,
    /// Where it listens, for people.
    pub address: String,
    /// The program, absolute.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its environment.
    pub environment: Environment,
    /// Who runs it; none: we.
    pub user: Option<User>,
    /// The signal that ends it in good order.
    pub stop: Signal,
    /// How long it may take for that before it is killed.
    pub patience: Duration,
}

/// A part under supervision.
#[derive(Debug)]
pub struct Supervised {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Supervised {
    /// Ends the part, in good order if it can, and waits until it is gone.
    pub async fn end(self) {
        self.stop.cancel();
        // The task holds nothing that could panic but for a bug, and then its process is found by its record.
        let _ = self.task.await;
    }
}

impl Part {
    /// The command, without its output.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).current_dir("/");
        match &self.environment {
            Environment::Only(these) => {
                command.env_clear().env("LC_ALL", "C.UTF-8");
                command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
                command.envs(these.iter().map(|(name, value)| (name, value)));
            }
            Environment::Ours(more) => {
                command.envs(more.iter().map(|(name, value)| (name, value)));
            }
        }
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Starts it and keeps it running until [`Supervised::end`].
    ///
    /// # Errors
    ///
    /// It could not be started at all.
    pub fn supervise(self, home: Home, console: Console) -> Result<Supervised> {
        let child = self.start(&home, 0)?;
        let stop = CancellationToken::new();
        let watch = Watch { part: self, home, console, stop: stop.clone() };
        Ok(Supervised { stop, task: tokio::spawn(watch.run(child)) })
    }

    /// In a process group of its own: Ctrl-C on the terminal reaches us alone, and we end the parts in order.
    fn start(&self, home: &Home, restarts: u32) -> Result<Child> {
        let log = open_log(&home.log(self.name))?;
        let errors = log.try_clone().context("cannot share a log file")?;
        let child = self
            .command()
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(process) = pid.and_then(Identity::of) {
            Record { process, address: self.address.clone(), restarts }.write(&home.record(self.name))?;
        }
        Ok(child)
    }
}

/// The life of one supervised part.
struct Watch {
    part: Part,
    home: Home,
    console: Console,
    stop: CancellationToken,
}

impl Watch {
    async fn run(self, child: Child) {
        let mut child = Some(child);
        let (mut restarts, mut deaths) = (0, 0);
        loop {
            let started = Instant::now();
            let ending = match child.take() {
                Some(running) => self.watch(running).await,
                None => Some("it could not be started".to_owned()),
            };
            let Some(ending) = ending else { break };
            deaths = if started.elapsed() >= WELL { 1 } else { deaths + 1 };
            let delay = delay_after(deaths);
            self.tell(&ending, deaths, delay);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => break,
            }
            restarts += 1;
            child = self.part.start(&self.home, restarts).inspect_err(|error| self.report(error)).ok();
        }
        // Nothing of ours left to find by it.
        let _ = fs::remove_file(self.home.record(self.part.name));
    }

    /// Until it dies (how it did), or was ended as asked (none).
    async fn watch(&self, mut child: Child) -> Option<String> {
        loop {
            tokio::select! {
                ended = child.wait() => return Some(ended.map_or_else(|error| error.to_string(), describe)),
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(Duration::from_mins(1)) => cut_log(&self.home.log(self.part.name)),
            }
        }
        let process = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Identity::of);
        if let Some(process) = &process {
            process.signal(self.part.stop);
        }
        if tokio::time::timeout(self.part.patience, child.wait()).await.is_err() {
            self.console.say(self.part.name, "does not end by itself: killed");
            if let Some(process) = &process {
                process.kill_group();
            }
            let _ = child.wait().await;
        }
        None
    }

    fn tell(&self, ending: &str, deaths: u32, delay: Duration) {
        let name = self.part.name;
        self.console.say(name, &format!("{ending}; starting it again in {:.2} s", delay.as_secs_f64()));
        if deaths >= DEATHS_SHOWN {
            self.console.show_end_of(name, &self.home.log(name));
        }
    }

    fn report(&self, error: &anyhow::Error) {
        self.console.say(self.part.name, &format!("{error:#}"));
    }
}

fn delay_after(deaths: u32) -> Duration {
    FIRST_DELAY.saturating_mul(1 << deaths.saturating_sub(1).min(16)).min(LAST_DELAY)
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("ended by signal {signal}"),
        (None, Some(code)) => format!("ended with code {code}"),
        (None, None) => "ended".to_owned(),
    }
}

/// Opened for appending, so that a log cut short goes on at its new end.
fn open_log(path: &Path) -> Result<File> {
    cut_log(path);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Copies a log that grew too large beside itself and empties it; what cannot be cut goes on growing.
fn cut_log(path: &Path) {
    if path.metadata().is_ok_and(|found| found.len() > LOG_MAX)
        && fs::copy(path, path.with_extension("log.1")).is_ok()
    {
        let _ = OpenOptions::new().write(true).truncate(true).open(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_quarter_second_to_fifteen() {
        let waits: Vec<u64> =
            [1, 2, 3, 7, 40].map(|deaths| u64::try_from(delay_after(deaths).as_millis()).unwrap()).into();

        assert_eq!(waits, [250, 500, 1000, 15_000, 15_000]);
    }

    #[test]
    fn a_log_that_grew_too_large_is_put_aside() {
        let folder = std::env::temp_dir().join(format!("ticketshow-log-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let log = folder.join("part.log");
        File::create(&log).unwrap().set_len(LOG_MAX + 1).unwrap();

        cut_log(&log);

        assert_eq!(log.metadata().unwrap().len(), 0);
        assert_eq!(folder.join("part.log.1").metadata().unwrap().len(), LOG_MAX + 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
