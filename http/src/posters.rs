//! Public addresses of posters. Events and tables only hold object names, so the store can move without rewriting the
//! log.

use std::sync::Arc;

use crate::SiteOrigin;

/// Converts object names into addresses.
#[derive(Debug, Clone, Default)]
pub struct PosterAddresses(Option<Arc<str>>);

impl PosterAddresses {
    /// Objects of `bucket` at `endpoint`, an origin such as `https://s3.example.org` that browsers can reach.
    #[must_use]
    pub fn below(endpoint: &str, bucket: &str) -> Self {
        Self(Some(format!("{}/{bucket}/", endpoint.trim_end_matches('/')).into()))
    }

    /// The origin from which browsers load posters, if there is a store.
    #[must_use]
    pub fn origin(&self) -> Option<SiteOrigin> {
        self.0.as_deref().map(SiteOrigin::of)
    }

    /// The address of an object. `None` without a name, and in an installation without a store, which cannot show
    /// posters set before.
    #[must_use]
    pub fn of(&self, name: Option<&str>) -> Option<String> {
        Some(format!("{}{}", self.0.as_deref()?, name?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_an_address_if_there_is_a_store() {
        let addresses = PosterAddresses::below("http://localhost:9000/", "posters");
        let address = addresses.of(Some("shows/1-card.jpg"));
        assert_eq!(address.as_deref(), Some("http://localhost:9000/posters/shows/1-card.jpg"));
        assert_eq!(
            addresses.origin().map(|origin| origin.to_string()).as_deref(),
            Some("http://localhost:9000")
        );
        assert_eq!(addresses.of(None), None);
        assert_eq!(PosterAddresses::default().of(Some("shows/1-card.jpg")), None);
    }
}
