//! The origin of the site: the address under which browsers know it.

use std::fmt;

/// Scheme and authority of the site, such as `https://tickets.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteOrigin(String);

impl SiteOrigin {
    /// The origin of an address. A path is left out.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let address = address.trim().to_ascii_lowercase();
        let origin = address.split_once("://").map(|(scheme, rest)| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            format!("{scheme}://{authority}")
        });
        Self(origin.unwrap_or(address))
    }

    /// Returns true if browsers reach the site by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Returns true if pages of `origin` belong to the site, which a request has called `host`: one machine may have several
    /// names, and a proxy may change the `Host`.
    #[must_use]
    pub fn owns(&self, origin: &str, host: &str) -> bool {
        if origin.eq_ignore_ascii_case(&self.0) {
            return true;
        }
        let has_scheme = |scheme| origin.split_once("://").is_some_and(|(known, _)| known == scheme);
        let is_ours = has_scheme("https") || has_scheme("http") && (!self.is_https() || is_local(host));
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        is_ours && authority.eq_ignore_ascii_case(host)
    }
}

impl fmt::Display for SiteOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for SiteOrigin {
    fn default() -> Self {
        Self::of("http://localhost:8000")
    }
}

/// Returns true if a `Host` names the machine itself, to which browsers send secrets without HTTPS.
#[must_use]
pub fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["localhost", "127.0.0.1", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for address in
            ["https://Tickets.example.org", "https://tickets.example.org/", "https://tickets.example.org/a?b"]
        {
            assert_eq!(SiteOrigin::of(address), SiteOrigin("https://tickets.example.org".to_owned()));
        }
        assert!(SiteOrigin::of("https://x").is_https() && !SiteOrigin::of("http://https://x").is_https());
    }

    #[test]
    fn pages_of_the_site_are_known_by_scheme_and_name() {
        let site = SiteOrigin::of("https://tickets.example.org");
        for (origin, host, is_ours) in [
            ("https://tickets.example.org", "tickets.example.org", true),
            ("https://tickets.example.org", "127.0.0.1:8000", true),
            ("https://other-name.example.org", "other-name.example.org", true),
            ("http://localhost:8000", "localhost:8000", true),
            ("http://tickets.example.org", "tickets.example.org", false),
            ("evil://tickets.example.org", "tickets.example.org", false),
            ("https://evil.example", "tickets.example.org", false),
            ("null", "tickets.example.org", false),
            ("", "", false),
        ] {
            assert_eq!(site.owns(origin, host), is_ours, "{origin} {host}");
        }
        assert!(SiteOrigin::of("http://tickets.lan").owns("http://tickets.lan", "x"));
        assert!(!SiteOrigin::default().owns("evil://localhost:8200", "localhost:8200"));
    }
}
