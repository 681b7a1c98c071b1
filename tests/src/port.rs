//! Free loopback ports.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
};

/// Below the range from which the kernel takes ports of outgoing connections, so that a server that was killed finds its port
/// free when it is started again.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A loopback port that nobody listens on and that no other test process is given while this value lives.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Finds one.
    ///
    /// # Panics
    ///
    /// If the machine has none left.
    #[must_use]
    pub fn free() -> Self {
        let uid = rustix::process::getuid().as_raw();
        let folder = std::env::temp_dir().join(format!("ticketshow-ports-{uid}"));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        for _ in 0..1_000 {
            let number = rand::random_range(RANGE);
            let lock = File::create(folder.join(number.to_string())).expect("a lock file can be written");
            if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free port between {} and {}", RANGE.start, RANGE.end);
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.number.fmt(f)
    }
}
