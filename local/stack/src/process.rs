//! Processes by their identity: a process id and the moment it was given out, so that an id used again by somebody
//! else is never taken for ours.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

/// One process, now or later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// The boot of the machine and the clock tick since then at which the process began.
    born: String,
}

/// What is known of a part that was started, as kept in `run/<part>.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// The part's process.
    pub process: Identity,
    /// Where it listens, for people.
    pub address: String,
    /// How often it was started again since `up`.
    pub restarts: u32,
}

impl Identity {
    /// The process with that id, if there is one and it is no zombie.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may hold spaces and brackets; what counts comes after the last one.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        if fields.next()? == "Z" {
            return None;
        }
        let ticks = fields.nth(18)?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self { pid, born: format!("{}:{ticks}", boot.trim()) })
    }

    /// Whether it still runs.
    pub fn alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Sends a signal, if it still runs.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid)
            && self.alive()
        {
            // Gone in between is as good.
            let _ = kill_process(pid, signal);
        }
    }

    /// Kills it with all it started, if it still runs. Parts are leaders of their groups.
    pub fn kill_group(&self) {
        if let Some(pid) = Pid::from_raw(self.pid)
            && self.alive()
        {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Waits until it is gone, at most `patience`. True when it is.
    pub async fn gone_within(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.alive() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }
}

impl Record {
    /// The record at `path`, if there is one that can be read.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Stores it. Renamed into place: a reader never sees half of it.
    pub fn write(&self, path: &Path) -> Result<()> {
        let beside = path.with_extension("new");
        let text = serde_json::to_vec(self).context("a record is plain JSON")?;
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The name of the process that listens on a TCP port of this machine, as `name (pid)`. Only those of our own user, or
/// all when root.
pub fn listener_of(port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, &suffix))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().into_string().ok()?.parse::<i32>().ok()?;
        let held = fs::read_dir(entry.path().join("fd")).ok()?.flatten().any(|fd| {
            fs::read_link(fd.path())
                .is_ok_and(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
        });
        let name = fs::read_to_string(entry.path().join("comm")).ok()?;
        held.then(|| format!("{} ({pid})", name.trim()))
    })
}

/// Inodes of the listening sockets (state `0A`) whose local address ends in `suffix`.
fn listening_inodes(table: &str, suffix: &str) -> Vec<String> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let ours = fields.get(1)?.ends_with(suffix) && *fields.get(3)? == "0A";
            if ours { fields.get(9).map(|inode| (*inode).to_owned()) } else { None }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_itself_and_no_other_with_its_id() {
        let me = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(me.alive());

        let namesake = Identity { born: "another boot:1".to_owned(), ..me };
        assert!(!namesake.alive());
    }

    #[test]
    fn the_listener_on_a_port_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();

        let name = listener_of(port).unwrap();

        assert!(name.ends_with(&format!("({})", std::process::id())), "{name}");
    }
}
