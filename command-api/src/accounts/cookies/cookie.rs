//! Cookies of the routes of accounts.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ticketshow_http::{SiteOrigin, is_local};

/// A cookie.
#[derive(Debug, Clone, Copy)]
pub struct Cookie {
    /// Name without HTTPS, which browsers accept from their own machine only. At a site of HTTPS it gets the prefix `__Host-`, with
    /// which browsers refuse it from anything but this very host: a page of a sibling domain cannot plant it.
    pub name: &'static str,
    /// Lifetime in seconds.
    pub seconds: i64,
}

impl Cookie {
    /// Returns the value that a request shows, if it shows one and only one.
    pub fn read<'a>(&self, request: &'a HeaderMap, site: &SiteOrigin) -> Option<&'a str> {
        let wanted = self.full_name(request, site);
        let cookies = request.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim());
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the header that sets it.
    ///
    /// # Panics
    ///
    /// If `value` has other characters than visible ASCII.
    pub fn set(&self, value: &str, request: &HeaderMap, site: &SiteOrigin) -> (HeaderName, HeaderValue) {
        self.header(value, self.seconds, request, site)
    }

    /// Returns the header that removes it.
    pub fn clear(&self, request: &HeaderMap, site: &SiteOrigin) -> (HeaderName, HeaderValue) {
        self.header("", 0, request, site)
    }

    fn header(
        &self,
        value: &str,
        seconds: i64,
        request: &HeaderMap,
        site: &SiteOrigin,
    ) -> (HeaderName, HeaderValue) {
        let name = self.full_name(request, site);
        let cookie = if is_secure(request, site) {
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict; Secure")
        } else {
            format!("{name}={value}; Path=/api/v1/auth; Max-Age={seconds}; HttpOnly; SameSite=Lax")
        };
        (header::SET_COOKIE, HeaderValue::try_from(cookie).expect("the values are visible ASCII"))
    }

    fn full_name(&self, request: &HeaderMap, site: &SiteOrigin) -> String {
        let prefix = if is_secure(request, site) { "__Host-" } else { "" };
        format!("{prefix}{}", self.name)
    }
}

/// Returns false if cookies travel without HTTPS, which only local servers allow.
fn is_secure(request: &HeaderMap, site: &SiteOrigin) -> bool {
    let host = request.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    site.is_https() || !is_local(host)
}
