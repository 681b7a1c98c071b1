//! Passwords as argon2id hashes. Hashing is slow by design, so it runs on blocking threads, on half of the cores and behind a
//! bounded queue: a flood of sign-ins leaves the other half for other requests.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use ticketshow_http::Problem;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Most hashes queued or running. One takes about 20 ms, so the wait is a few seconds at most.
const QUEUE_MAX: usize = 256;

/// Cost of computing one hash, for us and for an attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Parallel lanes.
    pub lanes: u32,
}

impl PasswordCost {
    /// Too cheap to protect anything: for tests.
    pub const FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// Computes and verifies hashes.
pub struct Passwords {
    hasher: Argon2<'static>,
    /// Verified where there is no account, so that the answer takes as long as for a wrong password.
    dummy: Arc<str>,
    running: Arc<Semaphore>,
    queued: Arc<Semaphore>,
}

impl Passwords {
    /// Passwords hashed at this cost.
    ///
    /// # Panics
    ///
    /// If argon2 rejects the cost.
    pub fn new(cost: PasswordCost) -> Self {
        let PasswordCost { memory_kib, passes, lanes } = cost;
        let params =
            Params::new(memory_kib, passes, lanes, None).expect("argon2 accepts the configured cost");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cores = available_parallelism().map_or(1, usize::from).div_ceil(2);
        let (running, queued) = (Arc::new(Semaphore::new(cores)), Arc::new(Semaphore::new(QUEUE_MAX)));
        let dummy = hash(&hasher, "a password that nobody has").into();
        Self { hasher, dummy, running, queued }
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    ///
    /// 503 if the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let hasher = self.hasher.clone();
        self.run(move || hash(&hasher, &normalised(&password))).await
    }

    /// Returns `true` if `password` matches `hash`. Without a hash it returns `false`, after the same time.
    ///
    /// # Errors
    ///
    /// 503 if the queue is full.
    pub async fn check(&self, password: String, hash: Option<&str>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        let hasher = self.hasher.clone();
        let matches = self.run(move || {
            let Ok(hash) = PasswordHash::new(&hash) else { return false };
            let fits = |password: &str| hasher.verify_password(password.as_bytes(), &hash).is_ok();
            let normal = normalised(&password);
            // Earlier versions hashed passwords as they were typed.
            fits(&normal) || normal != password && fits(&password)
        });
        Ok(matches.await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let overloaded = || Problem::unavailable(Duration::from_secs(2));
        let _queued = self.queued.try_acquire().map_err(|_| overloaded())?;
        // Held by the work: a client that disconnects must not free the slot before the hash is done.
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| overloaded())?;
        let done = tokio::task::spawn_blocking(move || {
            let _running = running;
            work()
        });
        done.await.map_err(|_| Problem::internal())
    }
}

/// The one form of a password that keyboards type differently (NFKC).
pub fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

fn hash(hasher: &Argon2<'_>, password: &str) -> String {
    let hash = hasher.hash_password(password.as_bytes());
    hash.expect("the system has randomness, and argon2 accepts any password that fits a body").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_its_hash() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(passwords.check("correct horse".to_owned(), Some(&hash)).await.unwrap());
        assert!(!passwords.check("wrong horse".to_owned(), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_an_account_no_password_matches() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        assert!(!passwords.check("a password that nobody has".to_owned(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_matches_however_its_letters_are_composed() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        let (composed, decomposed) = ("m\u{fc}llers k\u{fc}he", "mu\u{308}llers ku\u{308}he");
        let hash = passwords.hash(composed.to_owned()).await.unwrap();
        assert!(passwords.check(decomposed.to_owned(), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_that_an_earlier_version_hashed_as_typed_still_matches() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        let typed = "mu\u{308}llers ku\u{308}he";
        let stored = super::hash(&passwords.hasher, typed);
        assert!(passwords.check(typed.to_owned(), Some(&stored)).await.unwrap());
    }

    #[test]
    fn half_of_the_cores_are_left_to_everybody_else() {
        let cores = available_parallelism().unwrap().get();
        let at_once = Passwords::new(PasswordCost::FOR_TESTS).running.available_permits();
        assert!(at_once == 1 || 2 * at_once <= cores + 1, "{at_once} of {cores}");
    }
}
