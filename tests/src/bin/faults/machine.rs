//! A machine of its own for a nats-server: a network namespace with one link to clients and one to its peers, and an ext4
//! file system on a loop device.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use ticketshow_tests::{Folder, NatsPlace, Process, find_tool};

/// Bridges in the namespace of the services.
const CLIENTS: &str = "tsf-clients";
const PEERS: &str = "tsf-peers";
/// First three parts of the addresses on each bridge.
const CLIENT_NET: &str = "10.77.1";
const PEER_NET: &str = "10.77.2";
const PORT: u16 = 4222;
const MONITOR_PORT: u16 = 8222;
const CLUSTER_PORT: u16 = 6222;
/// Size of a disk. The file behind it is sparse.
const DISK_BYTES: u64 = 4 << 30;

/// The two bridges. Removed when dropped.
#[derive(Debug)]
pub struct Network;

impl Network {
    /// Makes the bridges, after removing what an earlier run left behind.
    pub fn start() -> Result<Self> {
        for index in 0..3 {
            run("ip", &["netns", "del", &namespace(index)]).ok();
        }
        for bridge in [CLIENTS, PEERS] {
            run("ip", &["link", "del", bridge]).ok();
            run("ip", &["link", "add", bridge, "type", "bridge"])
                .context("making a bridge, which needs root")?;
            run("ip", &["link", "set", bridge, "up"])?;
        }
        run("ip", &["addr", "add", &format!("{CLIENT_NET}.1/24"), "dev", CLIENTS])?;
        Ok(Self)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for bridge in [CLIENTS, PEERS] {
            run("ip", &["link", "del", bridge]).ok();
        }
    }
}

/// A machine with a nats-server, one of three.
#[derive(Debug)]
pub struct Machine {
    index: usize,
    process: Process,
    folder: Folder,
}

impl Machine {
    /// Makes the machine and starts its server, without waiting for it.
    pub fn start(index: usize) -> Result<Self> {
        let folder = Folder::new(&format!("machine-{}", index + 1));
        let ns = namespace(index);
        run("ip", &["netns", "add", &ns])?;
        run("ip", &["-n", &ns, "link", "set", "lo", "up"])?;
        for (bridge, net, inner) in [(CLIENTS, CLIENT_NET, "clients"), (PEERS, PEER_NET, "peers")] {
            let outer = link(bridge, index);
            run("ip", &["link", "add", &outer, "type", "veth", "peer", "name", inner, "netns", &ns])?;
            run("ip", &["link", "set", &outer, "master", bridge, "up"])?;
            run("ip", &["-n", &ns, "addr", "add", &format!("{net}.{}/24", host(index)), "dev", inner])?;
            run("ip", &["-n", &ns, "link", "set", inner, "up"])?;
        }
        let disk = fs::File::create(folder.join("disk"))?;
        disk.set_len(DISK_BYTES)?;
        run("mkfs.ext4", &["-q", path(&folder.join("disk"))])?;
        fs::create_dir(folder.join("store"))?;
        mount(&folder)?;
        fs::write(folder.join("nats.conf"), config(index, folder.join("store")))?;
        let process = spawn(index, &folder);
        Ok(Self { index, process, folder })
    }

    /// Address for clients.
    pub fn url(&self) -> String {
        format!("nats://{CLIENT_NET}.{}:{PORT}", host(self.index))
    }

    /// Address of the monitoring pages.
    pub fn monitor_url(&self) -> String {
        format!("http://{CLIENT_NET}.{}:{MONITOR_PORT}", host(self.index))
    }

    /// Its nats-server.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Starts its nats-server, after killing it if it runs.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = spawn(self.index, &self.folder);
    }

    /// Sends a signal to its nats-server.
    pub fn signal(&mut self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Takes away the network, or gives it back. Packets are lost, connections are not closed.
    pub fn set_network(&self, peers_only: bool, up: bool) -> Result<()> {
        let bridges: &[&str] = if peers_only { &[PEERS] } else { &[CLIENTS, PEERS] };
        for bridge in bridges {
            run("ip", &["link", "set", &link(bridge, self.index), if up { "up" } else { "down" }])?;
        }
        Ok(())
    }

    /// Cuts the power: the file system stops at this moment, so that only what had reached the disk is there afterwards.
    pub fn cut_power(&mut self) -> Result<()> {
        run("mount", &["-o", "remount,abort", path(&self.folder.join("store"))])?;
        self.process.kill();
        run("umount", &[path(&self.folder.join("store"))])
    }

    /// Switches it on again after a power cut.
    pub fn switch_on(&mut self) -> Result<()> {
        mount(&self.folder)?;
        self.restart();
        Ok(())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.process.kill();
        run("umount", &["-l", path(&self.folder.join("store"))]).ok();
        run("ip", &["netns", "del", &namespace(self.index)]).ok();
    }
}

fn spawn(index: usize, folder: &Folder) -> Process {
    // Not `ip netns exec`, which would keep the disks of all machines mounted in a mount namespace of its own.
    let mut command = Command::new("nsenter");
    command.arg(format!("--net=/run/netns/{}", namespace(index)));
    command.arg(find_tool("nats-server")).arg("-c").arg(folder.join("nats.conf"));
    Process::start(&format!("nats-server {}", index + 1), command, &folder.join("nats.log"))
}

fn config(index: usize, store: PathBuf) -> String {
    let place = NatsPlace { name: format!("n{}", index + 1), port: PORT, monitor_port: MONITOR_PORT, store };
    let routes: Vec<_> =
        (0..3).map(|peer| format!("\"nats://{PEER_NET}.{}:{CLUSTER_PORT}\"", host(peer))).collect();
    let cluster = format!(
        "cluster {{ name: \"ticketshow\", listen: \"{PEER_NET}.{}:{CLUSTER_PORT}\", routes: [{}], no_advertise: true }}",
        host(index),
        routes.join(", ")
    );
    place.config(&cluster).replace("127.0.0.1", &format!("{CLIENT_NET}.{}", host(index)))
}

fn mount(folder: &Folder) -> Result<()> {
    run("mount", &["-o", "loop", path(&folder.join("disk")), path(&folder.join("store"))])
}

fn namespace(index: usize) -> String {
    format!("tsf-n{}", index + 1)
}

/// Name of a machine's link on a bridge.
fn link(bridge: &str, index: usize) -> String {
    format!("{}{}", bridge.get(..5).unwrap_or(bridge), index + 1)
}

fn host(index: usize) -> usize {
    index + 11
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("running {program}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {error}", arguments.join(" "));
    Ok(())
}
