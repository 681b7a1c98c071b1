//! Postgres of the local stack: finding its programs, creating its data folder, and its process.
//!
//! Postgres refuses to run as root. If the supervisor is root, Postgres runs as `postgres`, or as `nobody` if there is no such
//! user.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Signal, geteuid};
use sqlx::{
    Connection, Executor,
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::process::Command;

use crate::{
    home::{Home, random_hex},
    part::{Environment, Part, User},
};

/// Name of the part.
pub const NAME: &str = "postgres";
/// Superuser, and name of the database.
const SUPERUSER: &str = "ticketshow";
/// Owner of the database, and role of the installation.
const OWNER: &str = "ticketshow_app";

/// The Postgres of the stack, on a loopback port.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    password: String,
    owner_password: String,
    user: Option<User>,
}

impl Postgres {
    /// Finds the programs and creates the data folder if missing.
    ///
    /// # Errors
    ///
    /// Postgres is not installed, or the data belongs to another major version.
    pub async fn prepare(home: &Home, programs: Option<&Path>, tools: &Path, port: u16) -> Result<Self> {
        let programs = find(programs, tools)?;
        let password = home.secret("postgres", || random_hex(16))?;
        let owner_password = home.secret("postgres-app", || random_hex(16))?;
        let user = if geteuid().is_root() { Some(unprivileged()?) } else { None };
        let folder = data_folder(home, user)?;
        let postgres = Self { programs, data: folder.join("data"), port, password, owner_password, user };
        if postgres.data.join("PG_VERSION").exists() {
            postgres.check_version().await?;
        } else {
            postgres.initialise(&folder).await?;
        }
        Ok(postgres)
    }

    /// Returns the process to run.
    pub fn part(&self) -> Part {
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            // Loopback port only: the default socket folder belongs to the machine's own cluster.
            "unix_socket_directories=".to_owned(),
            "max_connections=200".to_owned(),
            "shared_buffers=256MB".to_owned(),
            "max_wal_size=2GB".to_owned(),
            "checkpoint_timeout=15min".to_owned(),
            // Queries are short and many, so compiling them costs more than it saves.
            "jit=off".to_owned(),
        ];
        let data = ["-D".into(), self.data.clone().into_os_string()];
        let settings = settings.into_iter().flat_map(|setting| [OsString::from("-c"), setting.into()]);
        Part {
            name: NAME,
            address: format!("127.0.0.1:{}", self.port),
            program: self.programs.join("postgres"),
            arguments: data.into_iter().chain(settings).collect(),
            environment: Environment::Only(Vec::new()),
            user: self.user,
            // Fast shutdown: open transactions are rolled back.
            stop: Signal::INT,
            patience: Duration::from_secs(20),
        }
    }

    /// Returns `DATABASE_URL` of the installation.
    pub fn url(&self) -> String {
        format!("postgres://{OWNER}:{}@127.0.0.1:{}/{SUPERUSER}", self.owner_password, self.port)
    }

    /// Creates the database if missing, and gives it to a role that is no superuser. Also serves as the readiness check.
    ///
    /// # Errors
    ///
    /// The server is not ready.
    pub async fn create_database(&self) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let exists: bool = sqlx::query_scalar("SELECT exists(SELECT FROM pg_database WHERE datname = $1)")
            .bind(SUPERUSER)
            .fetch_one(&mut connection)
            .await
            .context("cannot list the databases")?;
        if !exists {
            connection.execute("CREATE DATABASE ticketshow").await.context("cannot create the database")?;
        }
        let mut connection = self.connect(SUPERUSER).await?;
        let give = sqlx::raw_sql(include_str!("owner.sql")).execute(&mut connection).await;
        give.context("cannot give the database to its owner")?;
        // Hexadecimal digits, as made above.
        let password = format!("ALTER ROLE {OWNER} PASSWORD '{}'", self.owner_password);
        let set = sqlx::raw_sql(sqlx::AssertSqlSafe(password)).execute(&mut connection).await;
        set.map(drop).context("cannot set the password of the database's owner")
    }

    async fn connect(&self, database: &str) -> Result<PgConnection> {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(SUPERUSER)
            .password(&self.password)
            .database(database);
        PgConnection::connect_with(&options).await.context("Postgres does not answer")
    }

    /// Runs `initdb` in a temporary folder and renames it, so that a partial result is never used.
    async fn initialise(&self, folder: &Path) -> Result<()> {
        let beside = folder.join("data.new");
        if beside.exists() {
            fs::remove_dir_all(&beside).context("cannot remove an incomplete data folder")?;
        }
        let password = folder.join("password");
        fs::write(&password, &self.password).context("cannot write the password for initdb")?;
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600))
            .context("cannot restrict the password file")?;
        give(&password, self.user)?;
        let output = self
            .tool("initdb")
            .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg("--pwfile")
            .arg(&password)
            .arg("-D")
            .arg(&beside)
            .output()
            .await
            .with_context(|| format!("cannot run {}", self.programs.join("initdb").display()))?;
        fs::remove_file(&password).context("cannot remove the password file of initdb")?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        fs::rename(&beside, &self.data).context("cannot rename the data folder")
    }

    async fn check_version(&self) -> Result<()> {
        let made = fs::read_to_string(self.data.join("PG_VERSION")).context("cannot read PG_VERSION")?;
        let output = self.tool("postgres").arg("--version").output().await.context("cannot run postgres")?;
        let version = String::from_utf8_lossy(&output.stdout);
        let major =
            version.split_whitespace().nth(2).and_then(|number| number.split('.').next()).unwrap_or_default();
        ensure!(
            major == made.trim(),
            "the data in {} belongs to Postgres {}, but the programs in {} are version {major}: set PG_BIN to the folder \
             of matching programs",
            self.data.display(),
            made.trim(),
            self.programs.display(),
        );
        Ok(())
    }

    fn tool(&self, name: &str) -> Command {
        let part = Part { program: self.programs.join(name), arguments: Vec::new(), ..self.part() };
        let mut command = part.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The folder that holds `initdb` and `postgres`. Resolved: Postgres finds its files relative to its own program.
fn find(programs: Option<&Path>, tools: &Path) -> Result<PathBuf> {
    let mut candidates: Vec<PathBuf> = programs.map(Path::to_owned).into_iter().collect();
    if programs.is_none() {
        candidates.push(tools.join("pg"));
        candidates.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    }
    let found =
        candidates.iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    let found = found.context(
        "no Postgres found: run `make up`, set PG_BIN to the folder of its programs, or DATABASE_URL",
    )?;
    found
        .join("initdb")
        .canonicalize()
        .ok()
        .and_then(|path| path.parent().map(Path::to_owned))
        .context("a broken link")
}

/// Returns the folder for the data, owned by the user of Postgres.
fn data_folder(home: &Home, user: Option<User>) -> Result<PathBuf> {
    let path = home.postgres();
    if !path.exists() {
        if user.is_none_or(|user| can_enter(home.path(), user)) {
            fs::create_dir_all(&path).context("cannot create the Postgres folder")?;
        } else {
            // For example a checkout under /root. The data goes to /var/lib, with a link to it.
            let outside = PathBuf::from(format!("/var/lib/ticketshow-{}", random_hex(4)));
            fs::create_dir_all(&outside).with_context(|| format!("cannot create {}", outside.display()))?;
            symlink(&outside, &path).context("cannot link the Postgres folder")?;
        }
    }
    let folder = path.canonicalize().context("the Postgres folder is a broken link")?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
        .context("cannot restrict the Postgres folder")?;
    give(&folder, user)?;
    Ok(folder)
}

fn can_enter(folder: &Path, user: User) -> bool {
    let mut test = std::process::Command::new("test");
    std::os::unix::process::CommandExt::uid(&mut test, user.uid);
    std::os::unix::process::CommandExt::gid(&mut test, user.gid);
    test.arg("-x").arg(folder).current_dir("/").status().is_ok_and(|status| status.success())
}

fn give(path: &Path, user: Option<User>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    chown(path, Some(user.uid), Some(user.gid))
        .with_context(|| format!("cannot change the owner of {}", path.display()))
}

fn unprivileged() -> Result<User> {
    let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    match user_named("postgres", &users).or_else(|| user_named("nobody", &users)) {
        Some(user) => Ok(user),
        None => bail!("Postgres does not run as root, and there is neither a user postgres nor nobody"),
    }
}

fn user_named(name: &str, users: &str) -> Option<User> {
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [found, _, uid, gid, ..] = fields.as_slice() else { return None };
        if *found != name {
            return None;
        }
        Some(User { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";

        assert_eq!(user_named("postgres", users), Some(User { uid: 101, gid: 104 }));
        assert_eq!(user_named("nobody", users), None);
    }
}
