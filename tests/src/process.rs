//! A child process in a process group of its own, with its output in a file.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    panic,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::reaper;

/// Log lines shown when a test fails.
const LINES_SHOWN: usize = 60;

/// A running child. Killed when dropped; if that happens in a panic, the end of its log is printed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    ended: bool,
}

impl Process {
    /// Starts `command`, called `name` in messages, its output appended to the file `log`.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let out = File::options().create(true).append(true).open(log).expect("the log can be written");
        let err = out.try_clone().expect("an open file can be shared");
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        reaper::started(child.id());
        Self { name: name.to_owned(), child, log: log.to_owned(), ended: false }
    }

    /// Its process id, also the number of its group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns true while it runs.
    pub fn is_running(&mut self) -> bool {
        !self.ended && self.exit_status().is_none()
    }

    /// Exit status, once it has ended.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal to it alone.
    pub fn signal(&mut self, signal: Signal) {
        if self.is_running() {
            kill_process(self.group(), signal).ok();
        }
    }

    /// Kills the whole group (SIGKILL) and waits for the end.
    pub fn kill(&mut self) {
        if self.ended {
            return;
        }
        // Also when the first process has ended: others of its group may live.
        kill_process_group(self.group(), Signal::KILL).ok();
        self.child.wait().ok();
        self.ended = true;
        reaper::ended(self.pid());
    }

    /// Asks it to end with `signal` and kills it if that takes longer than `limit`. Returns `true` if it ended by itself.
    pub fn stop(&mut self, signal: Signal, limit: Duration) -> bool {
        self.signal(signal);
        let deadline = Instant::now() + limit;
        while self.is_running() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let by_itself = !self.is_running();
        self.kill();
        by_itself
    }

    /// Its output since the first start with this log file.
    #[must_use]
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// The last lines of its log, headed by its name.
    #[must_use]
    pub fn end_of_log(&self) -> String {
        end_of_log(&self.name, &self.log)
    }

    /// From now on shows the end of its log with every panic of this program: for processes in statics, which are not dropped.
    pub fn show_log_on_panic(&self) {
        let (name, log) = (self.name.clone(), self.log.clone());
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            before(panic);
            eprintln!("{}", end_of_log(&name, &log));
        }));
    }

    /// Panics with the end of the log if it has ended.
    ///
    /// # Panics
    ///
    /// See above.
    pub fn must_run(&mut self) {
        if let Some(status) = self.exit_status() {
            let end = self.end_of_log();
            panic!("{} ended with {status}\n{end}", self.name);
        }
    }

    fn group(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

fn read(log: &Path) -> String {
    fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn end_of_log(name: &str, log: &Path) -> String {
    let log = read(log);
    let lines: Vec<_> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(LINES_SHOWN)..];
    format!("--- last lines of {name} ---\n{}\n---", end.join("\n"))
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("{}", self.end_of_log());
        }
    }
}
