//! Passwords as argon2id hashes. Hashing is slow by intent, so it runs beside the async threads, as many at once as there
//! are cores, and with a bounded queue.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use ticketshow_domain::Flaws;
use ticketshow_http::Problem;
use tokio::sync::Semaphore;

/// Characters of a password. Source: the REST surface.
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;
/// Hashes that wait or run; one takes some 20 ms, so nobody waits longer than a few seconds.
const QUEUE_MAX: usize = 256;

/// What one hash costs whoever computes it, and whoever guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl PasswordCost {
    /// So cheap that it protects nothing: for tests.
    pub const FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// Computes and checks hashes.
pub struct Passwords {
    hasher: Argon2<'static>,
    /// Checked where there is no account, so that the answer takes as long as a wrong password's.
    dummy: Arc<str>,
    running: Arc<Semaphore>,
    queued: Arc<Semaphore>,
}

impl Passwords {
    /// # Panics
    ///
    /// If argon2 does not allow this cost.
    pub fn new(cost: PasswordCost) -> Self {
        let PasswordCost { memory_kib, passes, lanes } = cost;
        let params =
            Params::new(memory_kib, passes, lanes, None).expect("the cost is one that argon2 allows");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cores = available_parallelism().map_or(1, usize::from);
        let (running, queued) = (Arc::new(Semaphore::new(cores)), Arc::new(Semaphore::new(QUEUE_MAX)));
        let dummy = hash(&hasher, "a password that nobody has").into();
        Self { hasher, dummy, running, queued }
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    ///
    /// 503 if too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let hasher = self.hasher.clone();
        self.run(move || hash(&hasher, &password)).await
    }

    /// Whether `password` is the one that `hash` was made of; never, but as slowly, if there is no hash.
    ///
    /// # Errors
    ///
    /// 503 if too many wait.
    pub async fn check(&self, password: String, hash: Option<&str>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        let hasher = self.hasher.clone();
        let fits = self.run(move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(fits.await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let crowded = || Problem::unavailable(Duration::from_secs(2));
        let _queued = self.queued.try_acquire().map_err(|_| crowded())?;
        // Goes with the work: a caller who left does not make room for another hash before this one is done.
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| crowded())?;
        let done = tokio::task::spawn_blocking(move || {
            let _running = running;
            work()
        });
        done.await.map_err(|_| Problem::internal())
    }
}

/// Refuses a new password of a wrong length.
///
/// # Errors
///
/// 422.
pub fn check_length(password: &str, pointer: &str) -> Result<(), Problem> {
    let mut flaws = Flaws::default();
    note_length(&mut flaws, password, pointer);
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
}

/// Notes what is wrong with the length of a new password, beside other flaws.
pub fn note_length(flaws: &mut Flaws, password: &str, pointer: &str) {
    let (min, max) = CHARACTERS.into_inner();
    let fits = CHARACTERS.contains(&password.chars().count());
    flaws.unless(fits, pointer, format!("must have {min} to {max} characters"));
}

fn hash(hasher: &Argon2<'_>, password: &str) -> String {
    let hash = hasher.hash_password(password.as_bytes());
    hash.expect("the machine has random numbers, and argon2 takes any password of a body's size").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_fits_its_hash() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(passwords.check("correct horse".to_owned(), Some(&hash)).await.unwrap());
        assert!(!passwords.check("wrong horse".to_owned(), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_an_account_nothing_fits() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        assert!(!passwords.check("a password that nobody has".to_owned(), None).await.unwrap());
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        let ok = |length| check_length(&"ü".repeat(length), "/password").is_ok();
        assert_eq!([7, 8, 128, 129].map(ok), [false, true, true, false]);
    }
}
