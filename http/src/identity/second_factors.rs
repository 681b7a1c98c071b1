//! Second factors: time-based codes (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes. Both are computed from a nonce
//! and a key of the installation, so that the log does not hold them.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::Sha256;
use uuid::Uuid;

use crate::Secret;

/// Seconds for which a code is shown.
const STEP_SECONDS: i64 = 30;
/// Recovery codes of a second factor.
const RECOVERY_CODES: u8 = 10;
/// Characters of a recovery code: 50 bits.
const RECOVERY_CHARACTERS: usize = 10;

/// The second factors of an installation.
#[derive(Clone)]
pub struct SecondFactors([u8; 32]);

impl SecondFactors {
    /// The second factors of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("second-factor"))
    }

    /// Returns the secret for an authenticator, in Base32.
    #[must_use]
    pub fn secret(&self, nonce: Uuid) -> String {
        BASE32_NOPAD.encode(&self.key(nonce))
    }

    /// Returns the time step of a code that is valid at `now`. One step earlier or later is accepted, because clocks differ.
    #[must_use]
    pub fn step(&self, nonce: Uuid, otp: &str, now: Timestamp) -> Option<u64> {
        let current = u64::try_from(now.as_second() / STEP_SECONDS).ok()?;
        (current.saturating_sub(1)..=current + 1).find(|step| code(&self.key(nonce), *step) == otp)
    }

    /// Returns the code that an authenticator shows at `now`.
    #[must_use]
    pub fn otp(&self, nonce: Uuid, now: Timestamp) -> String {
        code(&self.key(nonce), u64::try_from(now.as_second() / STEP_SECONDS).unwrap_or_default())
    }

    /// Returns the recovery codes.
    #[must_use]
    pub fn recovery_codes(&self, nonce: Uuid) -> Vec<String> {
        (0..RECOVERY_CODES).map(|number| self.recovery_code(nonce, number)).collect()
    }

    /// Returns the number of a recovery code. Letter case, blanks and hyphens do not matter.
    #[must_use]
    pub fn recovery_number(&self, nonce: Uuid, typed: &str) -> Option<u8> {
        let plain = |code: &str| -> String {
            code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
        };
        let typed = plain(typed);
        (0..RECOVERY_CODES).find(|number| plain(&self.recovery_code(nonce, *number)) == typed)
    }

    fn recovery_code(&self, nonce: Uuid, number: u8) -> String {
        let encoded = BASE32_NOPAD.encode(&self.derived(nonce, &[b'r', number]));
        let (first, second) = encoded[..RECOVERY_CHARACTERS].split_at(RECOVERY_CHARACTERS / 2);
        format!("{first}-{second}")
    }

    /// Of 160 bits, as RFC 4226 recommends.
    fn key(&self, nonce: Uuid) -> [u8; 20] {
        let mut key = [0; 20];
        key.copy_from_slice(&self.derived(nonce, b"secret")[..20]);
        key
    }

    fn derived(&self, nonce: Uuid, purpose: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(nonce.as_bytes());
        mac.update(purpose);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for SecondFactors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactors(…)")
    }
}

/// The code of a time step (RFC 4226 §5.3).
fn code(key: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(digest[19] & 15);
    let number = digest[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors() -> SecondFactors {
        SecondFactors::new(&Secret::new([7; 32]).unwrap())
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let key = b"12345678901234567890";
        for (second, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code(key, second / 30), expected);
        }
    }

    #[test]
    fn a_code_is_valid_one_step_early_or_late() {
        let (factors, nonce) = (factors(), Uuid::from_u128(1));
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let otp = factors.otp(nonce, at(0));
        let step = factors.step(nonce, &otp, at(0));
        assert_eq!(step, Some(60_000_000));
        for near in [-30, -1, 29, 59] {
            assert_eq!(factors.step(nonce, &otp, at(near)), step, "{near}");
        }
        for far in [-31, 60] {
            assert_ne!(factors.step(nonce, &otp, at(far)), step, "{far}");
        }
    }

    #[test]
    fn each_factor_has_ten_recovery_codes_of_its_own() {
        let (factors, nonce) = (factors(), Uuid::from_u128(1));
        let codes = factors.recovery_codes(nonce);
        assert_eq!(codes.len(), 10);
        for (number, code) in (0..).zip(&codes) {
            assert_eq!(code.len(), 11);
            assert_eq!(factors.recovery_number(nonce, &code.to_lowercase().replace('-', " ")), Some(number));
            assert_eq!(factors.recovery_number(Uuid::from_u128(2), code), None);
        }
        assert_eq!(factors.recovery_number(nonce, ""), None);
    }
}
