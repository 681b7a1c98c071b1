//! The object store of the local stack: `MinIO` keeps posters, and browsers fetch them from it. Without it shows keep the posters
//! that the web app draws.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use super::beside::Beside;
use super::home::{Home, random_hex};
use super::part::{Environment, Part};

/// The part's name.
pub const NAME: &str = "minio";
/// Its only user.
const ACCESS_KEY: &str = "ticketshow";

/// A store on two loopback ports, the second for its console.
///
/// # Errors
///
/// Its secret cannot be kept.
pub fn minio(home: &Home, tools: &Path, port: u16, console_port: u16) -> Result<Beside> {
    let program = tools.join("minio");
    let secret = home.secret("minio", || random_hex(20))?;
    let address = format!("127.0.0.1:{port}");
    let console = format!("127.0.0.1:{console_port}");
    let mut arguments: Vec<OsString> = vec!["server".into(), home.minio().into_os_string()];
    arguments.extend(["--address", &address, "--console-address", &console].map(OsString::from));
    let environment = vec![
        ("MINIO_ROOT_USER", OsString::from(ACCESS_KEY)),
        ("MINIO_ROOT_PASSWORD", OsString::from(&secret)),
        // It looks for certificates in its user's home otherwise, and asks its maker for updates.
        ("HOME", home.minio().into_os_string()),
        ("MINIO_UPDATE", "off".into()),
        ("MINIO_BROWSER_REDIRECT", "off".into()),
    ];
    Ok(Beside {
        part: Part {
            name: NAME,
            address: address.clone(),
            program: program.clone(),
            arguments,
            environment: Environment::Only(environment),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(10),
        },
        fetched: program,
        settings: vec![
            ("S3_ENDPOINT", format!("http://{address}").into()),
            // The name that the site has too, so that a browser sees one host.
            ("S3_PUBLIC_ENDPOINT", format!("http://localhost:{port}").into()),
            ("S3_ACCESS_KEY_ID", ACCESS_KEY.into()),
            ("S3_SECRET_ACCESS_KEY", secret.into()),
        ],
        page: (
            "posters",
            format!(
                "http://localhost:{console_port}   user {ACCESS_KEY}, password in {}",
                home.secret_file("minio").display()
            ),
        ),
        health: (address, "/minio/health/ready"),
        without: "posters cannot be uploaded; S3_ENDPOINT would name a store that runs elsewhere",
    })
}
