//! RFC 4648 base32 without padding: capital letters and digits only, so a QR code stores them in its compact alphanumeric
//! mode and a URL takes them as they are. There is one text for each sequence of bytes; any other is refused.

use data_encoding::BASE32_NOPAD;

pub fn encode(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    BASE32_NOPAD.decode(text.as_bytes()).ok()
}
