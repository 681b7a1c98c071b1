//! The parts of an X.509 certificate (RFC 5280) that a signature names.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::der::{
    BIT_STRING, CONTEXT_0, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, SET, UTC_TIME,
};

/// Facts of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificateFacts {
    /// Name of the issuer, as it is encoded.
    pub issuer: Vec<u8>,
    /// Name of the holder, as it is encoded.
    pub subject: Vec<u8>,
    /// Serial number, as it is encoded.
    pub serial: Vec<u8>,
    pub expires_at: Timestamp,
    /// Key, as an `RSAPublicKey` is encoded.
    pub public_key: Vec<u8>,
}

impl CertificateFacts {
    /// Reads a certificate; `None` if it is malformed.
    pub fn read(certificate: &[u8]) -> Option<Self> {
        let whole = Reader(certificate).expect(SEQUENCE)?;
        let mut fields = Reader(Reader(whole.content).expect(SEQUENCE)?.content);
        let _version = fields.expect(CONTEXT_0);
        let serial = fields.expect(INTEGER)?;
        let _algorithm = fields.expect(SEQUENCE)?;
        let issuer = fields.expect(SEQUENCE)?;
        let mut validity = Reader(fields.expect(SEQUENCE)?.content);
        let _begins = validity.read()?;
        let expires_at = time(validity.read()?)?;
        let subject = fields.expect(SEQUENCE)?;
        let mut key = Reader(fields.expect(SEQUENCE)?.content);
        let _algorithm = key.expect(SEQUENCE)?;
        // The first byte counts the unused bits of the last one.
        let (_unused, public_key) = key.expect(BIT_STRING)?.content.split_first()?;
        Some(Self {
            issuer: issuer.whole.to_vec(),
            subject: subject.whole.to_vec(),
            serial: serial.whole.to_vec(),
            expires_at,
            public_key: public_key.to_vec(),
        })
    }

    /// Returns `true` if an attribute of the holder's name has this value, such as the user id or the organizational unit.
    pub fn names(&self, value: &str) -> bool {
        let mut name = Reader(&self.subject);
        let Some(name) = name.expect(SEQUENCE) else { return false };
        let mut attributes = Reader(name.content);
        std::iter::from_fn(|| attributes.expect(SET)).any(|set| {
            let mut members = Reader(set.content);
            std::iter::from_fn(|| members.expect(SEQUENCE)).any(|attribute| {
                let mut parts = Reader(attribute.content);
                let (_kind, content) = (parts.read(), parts.read());
                content.is_some_and(|content| content.content == value.as_bytes())
            })
        })
    }
}

/// Reads `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`.
fn time(element: Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    if rest.len() != 10 {
        return None;
    }
    let part = |at: usize| rest[at..at + 2].parse::<i8>().ok();
    let local = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Option<String> {
        let content = text.as_bytes();
        time(Element { tag, whole: content, content }).map(|time| time.to_string())
    }

    #[test]
    fn both_forms_of_time_are_read_and_others_refused() {
        assert_eq!(read(UTC_TIME, "270131235959Z").as_deref(), Some("2027-01-31T23:59:59Z"));
        assert_eq!(read(UTC_TIME, "500101000000Z").as_deref(), Some("1950-01-01T00:00:00Z"));
        assert_eq!(read(GENERALIZED_TIME, "20510203040506Z").as_deref(), Some("2051-02-03T04:05:06Z"));
        for wrong in ["", "270131235959", "2701312359Z", "27013123595+Z", "271331235959Z", "é70131235959Z"] {
            assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn anything_but_a_certificate_is_refused() {
        for wrong in [&[][..], b"certificate", &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], &[0x30, 2, 0x30, 0]] {
            assert_eq!(CertificateFacts::read(wrong), None, "{wrong:?}");
        }
    }
}
