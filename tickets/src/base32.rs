//! RFC 4648 base32 without padding: capital letters and digits only, so a QR code uses its compact alphanumeric mode
//! and a URL needs no escaping. Each byte sequence has exactly one encoding; any other is rejected.

use data_encoding::BASE32_NOPAD;

pub fn encode(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    BASE32_NOPAD.decode(text.as_bytes()).ok()
}
