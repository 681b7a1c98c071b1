//! Object store of the local stack: `MinIO` stores posters, and browsers load them from it. Without it the web app draws the
//! posters.

use std::{ffi::OsString, path::Path, time::Duration};

use anyhow::Result;
use rustix::process::Signal;

use crate::{
    home::{Home, random_hex},
    optional::OptionalPart,
    part::{Environment, Part},
};

/// Name of the part.
pub const NAME: &str = "minio";
/// Its only user.
const ACCESS_KEY: &str = "ticketshow";

/// Returns a store on two loopback ports, the second for its console.
///
/// # Errors
///
/// Its secret cannot be stored.
pub fn minio(home: &Home, tools: &Path, port: u16, console_port: u16) -> Result<OptionalPart> {
    let program = tools.join("minio");
    let secret = home.secret("minio", || random_hex(20))?;
    let address = format!("127.0.0.1:{port}");
    let console = format!("127.0.0.1:{console_port}");
    let mut arguments: Vec<OsString> = vec!["server".into(), home.minio().into_os_string()];
    arguments.extend(["--address", &address, "--console-address", &console].map(OsString::from));
    let environment = vec![
        ("MINIO_ROOT_USER", OsString::from(ACCESS_KEY)),
        ("MINIO_ROOT_PASSWORD", OsString::from(&secret)),
        // Otherwise it looks for certificates in the user's home and checks for updates.
        ("HOME", home.minio().into_os_string()),
        ("MINIO_UPDATE", "off".into()),
        ("MINIO_BROWSER_REDIRECT", "off".into()),
    ];
    Ok(OptionalPart {
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
            // The same host name as the site.
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
        without: "posters cannot be uploaded; set S3_ENDPOINT to use another store",
    })
}
