//! Filters and pages of lists.

use std::str::FromStr;

use axum::{
    Json,
    extract::{FromRequestParts, RawQuery},
    http::request::Parts,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// Default and maximum number of items per page.
const SIZE: usize = 10;
const SIZE_MAX: usize = 100;

/// Query of a list.
#[derive(Debug)]
pub struct Listing {
    pairs: Vec<(String, String)>,
    created_from: Option<Timestamp>,
    created_to: Option<Timestamp>,
    page_size: usize,
    /// From 0.
    page_number: usize,
}

impl Listing {
    fn parse(query: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let page_size = value(&pairs, "page_size")?.unwrap_or(SIZE);
        if !(1..=SIZE_MAX).contains(&page_size) {
            return Err(Refusal::parameters(format!("page_size must be between 1 and {SIZE_MAX}")));
        }
        Ok(Self {
            created_from: value(&pairs, "created_at_gte")?,
            created_to: value(&pairs, "created_at_lte")?,
            page_number: value(&pairs, "page_number")?.unwrap_or(0),
            page_size,
            pairs,
        })
    }

    /// Returns true if the query has no filter of that name, or one that equals `actual`.
    pub fn wants(&self, name: &str, actual: &str) -> bool {
        let mut asked = self.pairs.iter().filter(|(other, value)| other == name && !value.is_empty());
        asked.all(|(_, value)| value == actual)
    }

    /// Returns true if the query includes that creation time.
    pub fn covers(&self, created_at: Timestamp) -> bool {
        self.created_from.is_none_or(|from| from <= created_at)
            && self.created_to.is_none_or(|to| created_at <= to)
    }

    /// Returns the page of `found`, newest first.
    pub fn page<T>(
        &self,
        mut found: Vec<T>,
        created_at: impl Fn(&T) -> Timestamp,
        show: impl Fn(T) -> Value,
    ) -> Json<Value> {
        found.sort_by_key(|item| std::cmp::Reverse(created_at(item)));
        let skipped = self.page_number.saturating_mul(self.page_size);
        let items: Vec<Value> = found.into_iter().skip(skipped).take(self.page_size).map(show).collect();
        Json(json!({"items": items}))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Ok(RawQuery(query)) = RawQuery::from_request_parts(parts, state).await;
        Self::parse(query.as_deref().unwrap_or_default())
    }
}

fn value<T: FromStr>(pairs: &[(String, String)], name: &str) -> Result<Option<T>, Refusal> {
    let given = pairs.iter().rev().find(|(other, _)| other == name).filter(|(_, value)| !value.is_empty());
    let parsed = given.map(|(_, value)| value.parse());
    parsed.transpose().map_err(|_| Refusal::parameters(format!("{name} is not what it should be")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_zero() {
        let listing = Listing::parse("page_size=2&page_number=1").unwrap();
        let times: Vec<Timestamp> = (0..5).map(|second| Timestamp::from_second(second).unwrap()).collect();

        let Json(page) = listing.page(times, |time| *time, |time| json!(time.as_second()));

        assert_eq!(page, json!({"items": [2, 1]}));
    }

    #[test]
    fn an_empty_or_oversized_page_is_refused() {
        for query in ["page_size=0", "page_size=101", "page_number=-1", "created_at_gte=yesterday"] {
            assert_eq!(Listing::parse(query).unwrap_err().code, "INVALID_REQUEST_PARAMETERS", "{query}");
        }
    }
}
