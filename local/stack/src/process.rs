//! Identities of processes: a process id with its start time, so that a reused id is never mistaken for the same process.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

/// Identity of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// Boot id of the machine, and clock tick since boot at which the process started.
    born: String,
}

/// Record of a started part, stored in `run/<part>.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Process of the part.
    pub process: Identity,
    /// Address to show.
    pub address: String,
    /// Number of restarts since `up`.
    pub restarts: u32,
}

impl Identity {
    /// Returns the identity of a process, if it exists and is no zombie.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may contain spaces and brackets; the other fields follow the last bracket.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        if fields.next()? == "Z" {
            return None;
        }
        let ticks = fields.nth(18)?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self { pid, born: format!("{}:{ticks}", boot.trim()) })
    }

    /// Returns true if the process still runs.
    pub fn alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Sends a signal if the process still runs.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid)
            && self.alive()
        {
            // An error means that the process has just exited.
            let _ = kill_process(pid, signal);
        }
    }

    /// Kills the process and its children if it still runs. Each part leads its own process group.
    pub fn kill_group(&self) {
        if let Some(pid) = Pid::from_raw(self.pid)
            && self.alive()
        {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Waits until the process has exited, at most `patience`. Returns true if it has.
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
    /// Reads the record at `path`; `None` if it is missing or unreadable.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Stores the record. The file is renamed into place, so a reader never sees a partial record.
    pub fn write(&self, path: &Path) -> Result<()> {
        let beside = path.with_extension("new");
        let text = serde_json::to_vec(self).context("a record is plain JSON")?;
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Returns the process that listens on a TCP port of this machine, as `name (pid)`. Finds only processes of the same user,
/// or all as root.
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

/// Returns the inodes of listening sockets (state `0A`) whose local address ends with `suffix`.
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
    fn a_process_with_a_reused_id_is_not_the_same_process() {
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
