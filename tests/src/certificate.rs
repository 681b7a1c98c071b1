//! A certificate for servers under test.

use std::process::Command;

use crate::{Folder, find_tool};

/// Makes `cert.pem` and `key.pem` in a folder: a certificate of `localhost` for two days, which is its own authority.
///
/// # Panics
///
/// If openssl cannot make it.
pub fn certificate_of_localhost(folder: &Folder) {
    let mut openssl = Command::new(find_tool("openssl"));
    openssl.current_dir(folder.path()).args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "key.pem", "-out", "cert.pem"]);
    openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
    // Otherwise it would be a certificate of an authority, which a server must not use.
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    let made = openssl.output().expect("openssl can be run");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
