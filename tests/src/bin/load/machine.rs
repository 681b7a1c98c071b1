//! The measured machine, and the CPU time of each process.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use ticketshow_tests::find_tool;

/// Duration of the disk test.
const SYNCING: Duration = Duration::from_millis(500);

/// The machine in a few lines of Markdown.
pub fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unknown processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let gib =
        memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0).div_ceil(1024 * 1024);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let nats = first_line(Command::new(find_tool("nats-server")).arg("--version"));
    format!(
        "- {cores} cores of {processor}, {gib} GiB of memory\n- Linux {}, data on {}\n- {nats}; {}\n- {}, release profile\n",
        kernel.trim(),
        file_system(&std::env::temp_dir()),
        first_line(Command::new(ticketshow_tests::find_postgres().join("postgres")).arg("--version")),
        first_line(Command::new("rustc").arg("--version")),
    )
}

/// The kind of file system that `path` lies on.
pub fn file_system(path: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mut best = ("/", "an unknown file system");
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        if let (Some(at), Some(kind)) = (fields.next(), fields.next())
            && path.starts_with(at)
            && at.len() >= best.0.len()
        {
            best = (at, kind);
        }
    }
    best.1.to_owned()
}

/// Synced writes of 4 KiB per second on the disk under `folder`, one after the other. Commits to the log wait for
/// that, and on machines that are shared it changes by the hour.
///
/// # Errors
///
/// The folder cannot be written.
pub fn syncs_a_second(folder: &Path) -> io::Result<f64> {
    let path = folder.join(format!("ticketshow-syncs-{}", std::process::id()));
    let mut file = File::create(&path)?;
    let started = Instant::now();
    let mut syncs = 0.0;
    while started.elapsed() < SYNCING {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        syncs += 1.0;
    }
    let rate = syncs / started.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

/// Memory of a process that is in RAM now, in kB.
pub fn resident_kb(pid: u32) -> u64 {
    status(pid, "VmRSS")
}

/// The most memory a process ever had in RAM, in kB.
pub fn peak_kb(pid: u32) -> u64 {
    status(pid, "VmHWM")
}

/// Processor time that a process has used, in milliseconds; a tick is 10 ms.
pub fn processor_ms(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    used_ms(&stat).map_or(0, |(_, used)| used)
}

/// Processor time that a process and its children have used.
pub fn family_processor_ms(pid: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let children = stats.filter_map(|stat| used_ms(&stat).filter(|(parent, _)| *parent == pid));
    processor_ms(pid) + children.map(|(_, used)| used).sum::<u64>()
}

/// Parent, and time used in milliseconds, from a `/proc/<pid>/stat`.
fn used_ms(stat: &str) -> Option<(u32, u64)> {
    // The name in parentheses may hold blanks; after it come state, parent and, from the twelfth, user and system time.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some((fields.get(1)?.parse().ok()?, ticks * 10))
}

fn status(pid: u32, name: &str) -> u64 {
    let value = field(&format!("/proc/{pid}/status"), name).unwrap_or_default();
    value.split(' ').next().and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn first_line(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or("unknown").to_owned()
}
