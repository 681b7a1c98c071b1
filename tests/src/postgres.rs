//! A Postgres server with temporary data.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use rustix::process::Signal;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::{Folder, Port, Process, eventually, tools};

/// Durability against a crash of the machine. A killed process loses no committed data either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything: nothing is synced. Right for plain tests.
    Relaxed,
    /// Nothing that was committed, as in production. Right for measurements.
    Durable,
}

/// A running Postgres, reached over loopback as superuser `ticketshow` without a password.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    port: Port,
    programs: PathBuf,
    data: PathBuf,
    durability: Durability,
    folder: Folder,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one for plain tests.
    pub async fn start() -> Self {
        Self::start_with(Durability::Relaxed).await
    }

    /// Starts one.
    pub async fn start_with(durability: Durability) -> Self {
        let programs = find_postgres();
        let folder = Folder::new("postgres");
        let data = folder.join("data");
        copy(&template(&programs), &data);
        let port = Port::free();
        let process = run(&programs, &data, &port, durability, &folder);
        let databases = AtomicU32::new(0);
        let mut postgres = Self { process, port, programs, data, durability, folder, databases };
        postgres.wait_until_ready().await;
        postgres
    }

    /// Address of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Creates an empty database and returns its address.
    ///
    /// # Panics
    ///
    /// If the server is unreachable.
    pub async fn fresh_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url()).await.expect("Postgres runs");
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        connection.execute(statement).await.expect("a new database can be made");
        self.url_of(&name)
    }

    /// Kills it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port and data, after killing it if it runs.
    pub async fn restart(&mut self) {
        self.process.kill();
        // Orphaned backends notice within moments; until then the new server refuses the old one's shared memory.
        eventually("Postgres to start again", async || {
            self.process = run(&self.programs, &self.data, &self.port, self.durability, &self.folder);
            let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
            while tokio::time::Instant::now() < deadline && self.process.is_running() {
                if is_ready(&self.url(), &self.data).await {
                    return Some(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            None
        })
        .await;
    }

    /// Process id of the postmaster.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://ticketshow@127.0.0.1:{}/{database}", self.port)
    }

    async fn wait_until_ready(&mut self) {
        let url = self.url();
        let Self { process, data, .. } = self;
        eventually("Postgres to answer", async || {
            process.must_run();
            is_ready(&url, data).await.then_some(())
        })
        .await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Immediate shutdown: the backends end too, which a killed postmaster leaves to themselves.
        self.process.stop(Signal::QUIT, Duration::from_secs(5));
    }
}

/// Returns true if the server at `url` answers and uses this data folder.
async fn is_ready(url: &str, data: &Path) -> bool {
    let Ok(mut connection) = PgConnection::connect(url).await else { return false };
    let row = connection.fetch_one("SHOW data_directory").await;
    row.is_ok_and(|row| Path::new(row.get::<&str, _>(0)) == data)
}

fn run(programs: &Path, data: &Path, port: &Port, durability: Durability, folder: &Folder) -> Process {
    let mut command = as_ordinary_user(Command::new(programs.join("postgres")));
    command.arg("-D").arg(data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
    let mut settings = vec!["max_connections=200", "shared_buffers=128MB", "logging_collector=off"];
    if durability == Durability::Relaxed {
        settings.extend(["fsync=off", "full_page_writes=off"]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    Process::start("postgres", command, &folder.join("postgres.log"))
}

/// A data folder as `initdb` leaves it, made once for each version of Postgres.
fn template(programs: &Path) -> PathBuf {
    let version =
        Command::new(programs.join("postgres")).arg("--version").output().expect("postgres can be run");
    let version =
        String::from_utf8_lossy(&version.stdout).trim().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let uid = rustix::process::getuid().as_raw();
    let template = std::env::temp_dir().join(format!("ticketshow-template-{uid}-{version}"));
    if !template.exists() {
        let folder = Folder::new("initdb");
        give_to_ordinary_user(folder.path());
        let mut initdb = as_ordinary_user(Command::new(programs.join("initdb")));
        initdb.arg("-D").arg(folder.join("data"));
        initdb.args(["-U", "ticketshow", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        let output = initdb.current_dir(folder.path()).output().expect("initdb can be run");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        // Renamed when complete. If another test process was faster, its template serves as well.
        fs::rename(folder.join("data"), &template).ok();
    }
    template
}

fn copy(template: &Path, data: &Path) {
    let status =
        Command::new("cp").arg("-a").arg(template).arg(data).status().expect("a POSIX system has cp");
    assert!(status.success(), "the template of Postgres cannot be copied");
}

/// The folder of Postgres' programs: `PG_BIN`, the newest installation of the machine, or where `postgres` is on the `PATH`.
///
/// # Panics
///
/// If there is no Postgres.
#[must_use]
pub fn find_postgres() -> PathBuf {
    let given = std::env::var_os("PG_BIN").map(PathBuf::from);
    let installed = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        let numbered =
            |entry: fs::DirEntry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path()));
        versions.filter_map(numbered).max().map(|(_, path)| path.join("bin"))
    };
    let beside = || tools::try_find_tool("postgres")?.parent().map(Path::to_owned);
    given.or_else(installed).or_else(beside).expect("Postgres is installed")
}

/// Postgres refuses to run as root: then it runs as `postgres`, else `nobody`.
fn as_ordinary_user(mut command: Command) -> Command {
    if let Some((uid, gid)) = ordinary_user() {
        command.uid(uid).gid(gid);
    }
    command
}

fn give_to_ordinary_user(path: &Path) {
    if let Some((uid, gid)) = ordinary_user() {
        chown(path, Some(uid), Some(gid)).expect("root can change the owner of a folder");
    }
}

/// User and group number to use instead of root; `None` if this process is not root.
fn ordinary_user() -> Option<(u32, u32)> {
    if !rustix::process::getuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("a POSIX system has users");
    let find = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find(|fields| fields.clone().next() == Some(name))?
            .skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("there is a user other than root"))
}
