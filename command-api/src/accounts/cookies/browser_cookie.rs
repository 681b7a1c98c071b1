//! Cookie of a browser that asked for a mail with a code. That browser need not repeat the password it chose, and strangers cannot use up
//! its tries of the code.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use ticketshow_http::SiteOrigin;
use ticketshow_nats::kv::sessions::TokenHash;

use crate::accounts::cookies::cookie::Cookie;

/// A day, the longest that a request waits for its proof.
const COOKIE: Cookie = Cookie { name: "ticketshow_browser", seconds: 24 * 60 * 60 };

/// The secret of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserMark([u8; 32]);

impl BrowserMark {
    /// The mark of the browser that sent a request, or a new one.
    pub fn of(request: &HeaderMap, site: &SiteOrigin) -> Self {
        Self::read(request, site).unwrap_or_else(|| Self(rand::random()))
    }

    /// The mark of the browser that sent a request, if it has one.
    pub fn read(request: &HeaderMap, site: &SiteOrigin) -> Option<Self> {
        let value = URL_SAFE_NO_PAD.decode(COOKIE.read(request, site)?).ok()?;
        value.try_into().ok().map(Self)
    }

    /// Hash, as the server stores it. The mark cannot be guessed, so a plain hash is safe.
    pub fn hash(self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }

    /// The header that sets it.
    pub fn set(self, request: &HeaderMap, site: &SiteOrigin) -> (HeaderName, HeaderValue) {
        COOKIE.set(&URL_SAFE_NO_PAD.encode(self.0), request, site)
    }
}
