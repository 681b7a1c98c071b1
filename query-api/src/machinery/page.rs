//! Pagination. A cursor is the sort key of the last item of the previous page, opaque to the caller.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ticketshow_http::Problem;
use utoipa::{IntoParams, ToSchema};

/// Size and start of a page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Maximum number of items per page.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Limit(i64);

impl TryFrom<i64> for Limit {
    type Error = &'static str;

    fn try_from(limit: i64) -> Result<Self, Self::Error> {
        if (1..=100).contains(&limit) { Ok(Self(limit)) } else { Err("must be 1 to 100") }
    }
}

impl Paging {
    /// Maximum number of items per page.
    pub fn limit(&self) -> usize {
        self.limit_or(20)
    }

    /// Maximum number of items per page; `default` if the caller names none.
    pub fn limit_or(&self, default: usize) -> usize {
        self.limit.map_or(default, |Limit(limit)| usize::try_from(limit).unwrap_or(default))
    }

    /// Number of rows to select: one extra row shows that there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit.map_or(20, |Limit(limit)| limit) + 1
    }

    /// The sort key after which the page starts.
    ///
    /// # Errors
    ///
    /// 422 if the cursor was not issued by this list.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let key = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|json| serde_json::from_slice(&json).ok());
        key.map(Some).ok_or_else(|| Problem::invalid_value("/cursor", "is not a cursor of this list"))
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// Items in list order.
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Builds a page from [`Paging::rows`] rows; `key` returns the sort key of an item.
    pub fn new<K: Serialize>(mut items: Vec<T>, paging: &Paging, key: impl Fn(&T) -> K) -> Self {
        let more = items.len() > paging.limit();
        items.truncate(paging.limit());
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| cursor(&key(last)));
        Self { items, next_cursor }
    }

    /// A list with a single page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// Converts each item.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// Encodes a sort key as a cursor.
pub fn cursor(key: &impl Serialize) -> String {
    let json = serde_json::to_vec(key).expect("sort keys are tuples of texts and numbers");
    URL_SAFE_NO_PAD.encode(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(limit: i64, cursor: Option<String>) -> Paging {
        Paging { limit: Some(Limit(limit)), cursor }
    }

    #[test]
    fn a_cursor_continues_after_the_last_item() {
        let page = Page::new(vec!["a", "b", "c"], &paging(2, None), |item| (*item, 7));
        assert_eq!(page.items, ["a", "b"]);
        let next = paging(2, page.next_cursor);
        assert_eq!(next.after().unwrap(), Some(("b".to_owned(), 7)));
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        assert_eq!(Page::new(vec![1, 2], &paging(2, None), |item| *item).next_cursor, None);
        assert_eq!(Page::<u8>::whole(Vec::new()).next_cursor, None);
    }

    #[test]
    fn a_foreign_cursor_is_422() {
        for cursor in ["", "x", "%%%", "bnVsbA", &cursor(&("b", "c"))] {
            let problem = paging(2, Some(cursor.to_owned())).after::<(String, i64)>().unwrap_err();
            assert_eq!(problem.status().as_u16(), 422, "{cursor}");
        }
    }
}
