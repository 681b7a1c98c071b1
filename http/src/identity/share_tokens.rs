//! Tokens of links that show one ticket: `<booking>.<share>.<signature>`. Nothing is stored: the booking remembers the share, and
//! the token is computed from both whenever it is shown. It names no more than the ticket's own code does.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ticketshow_domain::BookingId;
use uuid::Uuid;

use crate::{
    Secret, SiteOrigin,
    identity::{reset_tokens::unhex, secret::hex},
};

/// Makes and verifies the tokens of an installation.
#[derive(Clone)]
pub struct ShareTokens([u8; 32]);

impl ShareTokens {
    /// The tokens of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("ticket-share"))
    }

    /// Returns the address of the page that shows the ticket. The token is in the fragment, which browsers send to no server.
    #[must_use]
    pub fn link(&self, origin: &SiteOrigin, booking: BookingId, share: Uuid) -> String {
        format!("{origin}/shared#token={}", self.token(booking, share))
    }

    /// Returns the token of a link.
    #[must_use]
    pub fn token(&self, booking: BookingId, share: Uuid) -> String {
        let signature = self.mac(booking, share).finalize().into_bytes();
        format!("{}.{}.{}", booking.0.simple(), share.simple(), hex(&signature))
    }

    /// Returns the booking and the share of a token, if this installation made it.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<(BookingId, Uuid)> {
        let mut parts = token.splitn(3, '.');
        let (booking, share, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let (booking, share) = (BookingId(Uuid::try_parse(booking).ok()?), Uuid::try_parse(share).ok()?);
        // Compares in constant time.
        let ours = self.mac(booking, share).verify_slice(&unhex(signature)?);
        ours.is_ok().then_some((booking, share))
    }

    fn mac(&self, booking: BookingId, share: Uuid) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(booking.0.as_bytes());
        mac.update(share.as_bytes());
        mac
    }
}

impl std::fmt::Debug for ShareTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShareTokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKING: BookingId = BookingId(Uuid::from_u128(7));
    const SHARE: Uuid = Uuid::from_u128(8);

    fn tokens(byte: u8) -> ShareTokens {
        ShareTokens::new(&Secret::new([byte; 32]).unwrap())
    }

    #[test]
    fn a_link_leads_to_its_share_and_keeps_the_token_in_the_fragment() {
        let link = tokens(1).link(&SiteOrigin::default(), BOOKING, SHARE);
        let (page, token) = link.split_once("#token=").unwrap();
        assert_eq!(page, "http://localhost:8000/shared");
        assert_eq!(tokens(1).check(token), Some((BOOKING, SHARE)));
        assert_eq!(tokens(2).check(token), None);
    }

    #[test]
    fn malformed_and_tampered_tokens_are_invalid() {
        let token = tokens(1).token(BOOKING, SHARE);
        let (start, _) = token.rsplit_once('.').unwrap();
        let other = tokens(1).token(BOOKING, Uuid::from_u128(9));
        let (_, signature) = other.rsplit_once('.').unwrap();
        for wrong in ["", "..", "a.b.c", start, &token[..token.len() - 1], &format!("{start}.{signature}")] {
            assert_eq!(tokens(1).check(wrong), None, "{wrong}");
        }
    }
}
