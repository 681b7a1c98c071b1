//! One part of the local stack as a supervised process: started, watched, restarted when it exits, stopped on request.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    console::Console,
    home::Home,
    process::{Identity, Record},
};

/// Size in bytes at which a log is rotated. One old log is kept.
const LOG_MAX: u64 = 32 * 1024 * 1024;
/// Delay before the first restart. It doubles with each further one …
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// … up to here.
const LAST_DELAY: Duration = Duration::from_secs(15);
/// Running time after which a part counts as healthy, and its next exit as the first.
const HEALTHY: Duration = Duration::from_secs(30);
/// Number of exits in a row from which the end of the log is shown.
const EXITS_SHOWN: u32 = 3;

/// A user of the machine, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// Environment of a process.
#[derive(Debug, Clone)]
pub enum Environment {
    /// `PATH`, a UTF-8 locale and these variables, without the supervisor's secrets.
    Only(Vec<(&'static str, OsString)>),
    /// The supervisor's environment and these variables.
    Inherited(Vec<(&'static str, OsString)>),
}

/// A process of the stack.
#[derive(Debug, Clone)]
pub struct Part {
    /// Name in logs, records and on the terminal.
    pub name: &'static str,
    /// Address to show.
    pub address: String,
    /// Absolute path of the program.
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub environment: Environment,
    /// User of the process; `None` for the supervisor's user.
    pub user: Option<User>,
    /// Signal for a clean shutdown.
    pub stop: Signal,
    /// Time for a clean shutdown before the process is killed.
    pub patience: Duration,
}

/// A part under supervision.
#[derive(Debug)]
pub struct Supervised {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Supervised {
    /// Stops the part and waits until it has exited.
    pub async fn end(self) {
        self.stop.cancel();
        // The task panics only because of a bug; the process is then still found by its record.
        let _ = self.task.await;
    }
}

impl Part {
    /// Returns the command without redirections.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).current_dir("/");
        match &self.environment {
            Environment::Only(these) => {
                command.env_clear().env("LC_ALL", "C.UTF-8");
                command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
                command.envs(these.iter().map(|(name, value)| (name, value)));
            }
            Environment::Inherited(more) => {
                command.envs(more.iter().map(|(name, value)| (name, value)));
            }
        }
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Starts the part and restarts it until [`Supervised::end`].
    ///
    /// # Errors
    ///
    /// The first start failed.
    pub fn supervise(self, home: Home, console: Console) -> Result<Supervised> {
        let child = self.start(&home, 0)?;
        let stop = CancellationToken::new();
        let watch = Watch { part: self, home, console, stop: stop.clone() };
        Ok(Supervised { stop, task: tokio::spawn(watch.run(child)) })
    }

    /// Starts the process in its own process group. Ctrl-C on the terminal then reaches only the supervisor, which stops the
    /// parts in order.
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

/// Supervision of one part.
struct Watch {
    part: Part,
    home: Home,
    console: Console,
    stop: CancellationToken,
}

impl Watch {
    async fn run(self, child: Child) {
        let mut child = Some(child);
        let (mut restarts, mut exits) = (0, 0);
        loop {
            let started = Instant::now();
            let ending = match child.take() {
                Some(running) => self.watch(running).await,
                None => Some("could not be started".to_owned()),
            };
            let Some(ending) = ending else { break };
            exits = if started.elapsed() >= HEALTHY { 1 } else { exits + 1 };
            let delay = delay_after(exits);
            self.report_exit(&ending, exits, delay);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => break,
            }
            restarts += 1;
            child = self.part.start(&self.home, restarts).inspect_err(|error| self.report(error)).ok();
        }
        // The process is gone, so its record is obsolete.
        let _ = fs::remove_file(self.home.record(self.part.name));
    }

    /// Returns the reason once the process exits by itself, or `None` once it was stopped on request.
    async fn watch(&self, mut child: Child) -> Option<String> {
        loop {
            tokio::select! {
                ended = child.wait() => return Some(ended.map_or_else(|error| error.to_string(), describe)),
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(Duration::from_mins(1)) => rotate_log(&self.home.log(self.part.name)),
            }
        }
        let process = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Identity::of);
        if let Some(process) = &process {
            process.signal(self.part.stop);
        }
        if tokio::time::timeout(self.part.patience, child.wait()).await.is_err() {
            self.console.say(self.part.name, "did not stop in time, killed");
            if let Some(process) = &process {
                process.kill_group();
            }
            let _ = child.wait().await;
        }
        None
    }

    fn report_exit(&self, ending: &str, exits: u32, delay: Duration) {
        let name = self.part.name;
        self.console.say(name, &format!("{ending}; restarting in {:.2} s", delay.as_secs_f64()));
        if exits >= EXITS_SHOWN {
            self.console.show_end_of(name, &self.home.log(name));
        }
    }

    fn report(&self, error: &anyhow::Error) {
        self.console.say(self.part.name, &format!("{error:#}"));
    }
}

fn delay_after(exits: u32) -> Duration {
    FIRST_DELAY.saturating_mul(1 << exits.saturating_sub(1).min(16)).min(LAST_DELAY)
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("exited on signal {signal}"),
        (None, Some(code)) => format!("exited with code {code}"),
        (None, None) => "exited".to_owned(),
    }
}

/// Opens a log for appending, so that writing continues at the new end after a truncation.
fn open_log(path: &Path) -> Result<File> {
    rotate_log(path);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Copies a log that has grown too large to `.log.1` and empties it. If that fails, the log keeps growing.
fn rotate_log(path: &Path) {
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
    fn delays_grow_from_a_quarter_second_to_fifteen() {
        let waits: Vec<u64> =
            [1, 2, 3, 7, 40].map(|exits| u64::try_from(delay_after(exits).as_millis()).unwrap()).into();

        assert_eq!(waits, [250, 500, 1000, 15_000, 15_000]);
    }

    #[test]
    fn a_log_that_grew_too_large_is_rotated() {
        let folder = std::env::temp_dir().join(format!("ticketshow-log-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let log = folder.join("part.log");
        File::create(&log).unwrap().set_len(LOG_MAX + 1).unwrap();

        rotate_log(&log);

        assert_eq!(log.metadata().unwrap().len(), 0);
        assert_eq!(folder.join("part.log.1").metadata().unwrap().len(), LOG_MAX + 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
