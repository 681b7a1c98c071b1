//! Contents for link previews and search engines: the title and picture of a show in the head of its page, the site
//! map, and its address in robots.txt.

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use serde_json::Value;
use tokio::sync::Mutex;
use tower::ServiceExt;
use uuid::Uuid;

/// Longest answer of the API that is read: a page of 100 shows.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pages of shows on the site map, 100 shows each. Search engines read 50,000 addresses at most.
const PAGES_MAX: usize = 50;
/// Age at which the site map is written again. It is read rarely and takes up to [`PAGES_MAX`] queries.
const AGE_MAX: Duration = Duration::from_mins(10);
/// Longest description in a preview, in characters: previews show about two lines.
const DESCRIPTION_CHARS: usize = 200;

/// Beginning of the site map (<https://www.sitemaps.org/protocol.html>).
const SITEMAP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";

/// Lines of `web/index.html` that a show's page replaces.
const TITLE: &str = "<title>Ticket Show</title>";
const OG_TITLE: &str = r#"<meta property="og:title" content="Ticket Show" />"#;
const OG_TYPE: &str = r#"<meta property="og:type" content="website" />"#;
const OG_DESCRIPTION: &str = r#"<meta property="og:description" content="Films and plays near you: choose your seats on a live map, pay, and go." />"#;

/// Calls the public API as an anonymous client, without a network.
#[derive(Debug)]
pub struct Previews {
    api: Router,
    /// Without a slash at its end.
    origin: String,
    sitemap: Mutex<Option<(Instant, String)>>,
}

impl Previews {
    /// Previews of the shows in `api`, for the site at `origin`.
    pub fn new(api: Router, origin: &str) -> Self {
        Self { api, origin: origin.trim_end_matches('/').to_owned(), sitemap: Mutex::new(None) }
    }

    /// Puts the title, the description and the picture of the show at `path` into a page; returns other pages as they are.
    pub async fn describe(&self, path: &str, html: String) -> String {
        let id = path.strip_prefix("/shows/").and_then(|id| id.parse::<Uuid>().ok());
        let Some(id) = id else { return html };
        let Some(show) = self.read(&format!("/api/v1/shows/{id}")).await else { return html };
        let text = |field: &str| show[field].as_str().map(escape);
        let Some(title) = text("title") else { return html };
        let description = show["description"].as_str().unwrap_or_default();
        let description = escape(&description.chars().take(DESCRIPTION_CHARS).collect::<String>());
        let picture = text("poster_full_url").map_or_else(String::new, |url| meta("og:image", &url));
        let kind =
            meta("og:type", "website") + &meta("og:url", &format!("{}/shows/{id}", self.origin)) + &picture;
        html.replacen(TITLE, &format!("<title>{title} · Ticket Show</title>"), 1)
            .replacen(OG_TITLE, &meta("og:title", &title), 1)
            .replacen(OG_DESCRIPTION, &meta("og:description", &description), 1)
            .replacen(OG_TYPE, &kind, 1)
    }

    /// Returns the list of all public pages.
    pub async fn sitemap(&self) -> String {
        let mut kept = self.sitemap.lock().await;
        if let Some((_, sitemap)) = kept.as_ref().filter(|(at, _)| at.elapsed() < AGE_MAX) {
            return sitemap.clone();
        }
        let mut paths: Vec<String> = ["/", "/shows", "/venues"].map(str::to_owned).into();
        for (list, field, page) in [("shows", "show_id", "/shows/"), ("venues", "venue_id", "/venues/")] {
            let mut cursor = String::new();
            for _ in 0..PAGES_MAX {
                let path = format!("/api/v1/{list}?status=active&limit=100{cursor}");
                let Some(found) = self.read(&path).await else { break };
                let items = found["items"].as_array().into_iter().flatten();
                paths.extend(items.filter_map(|item| Some(format!("{page}{}", item[field].as_str()?))));
                let Some(next) = found["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
        }
        let origin = escape(&self.origin);
        let entries: String =
            paths.iter().flat_map(|path| ["<url><loc>", &origin, path, "</loc></url>\n"]).collect();
        let sitemap = format!("{SITEMAP}{entries}</urlset>\n");
        *kept = Some((Instant::now(), sitemap.clone()));
        sitemap
    }

    /// Adds the address of the site map to the rules for robots.
    pub fn with_sitemap(&self, robots: &str) -> String {
        format!("{}\nSitemap: {}/sitemap.xml\n", robots.trim_end(), self.origin)
    }

    async fn read(&self, path: &str) -> Option<Value> {
        let request = Request::get(path).body(Body::empty()).ok()?;
        let Ok(answer) = self.api.clone().oneshot(request).await;
        if !answer.status().is_success() {
            return None;
        }
        serde_json::from_slice(&to_bytes(answer.into_body(), BYTES_MAX).await.ok()?).ok()
    }
}

fn meta(property: &str, content: &str) -> String {
    format!("<meta property=\"{property}\" content=\"{content}\" />")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use axum::{Json, extract::Path, routing::get};
    use serde_json::json;

    use super::*;

    const ID: &str = "0190aaaa-0000-7000-8000-000000000001";

    fn previews() -> Previews {
        let show = async |Path(_): Path<String>| {
            Json(
                json!({"title": "Rain & <Fog>", "description": "d".repeat(300), "poster_full_url": "https://s3/x.jpg"}),
            )
        };
        let list = async || Json(json!({"items": [{"show_id": ID, "venue_id": ID}], "next_cursor": null}));
        let api = Router::new()
            .route("/api/v1/shows/{id}", get(show))
            .route("/api/v1/shows", get(list))
            .route("/api/v1/venues", get(list));
        Previews::new(api, "https://tickets.example.org/")
    }

    #[tokio::test]
    async fn a_page_of_a_show_is_described_by_it() {
        let page = include_str!("../../../web/index.html").to_owned();
        let shown = previews().describe(&format!("/shows/{ID}"), page.clone()).await;
        for line in [
            "<title>Rain &amp; &lt;Fog&gt; · Ticket Show</title>".to_owned(),
            meta("og:title", "Rain &amp; &lt;Fog&gt;"),
            meta("og:description", &"d".repeat(200)),
            meta("og:image", "https://s3/x.jpg"),
            meta("og:url", &format!("https://tickets.example.org/shows/{ID}")),
        ] {
            assert!(shown.contains(&line), "{line} is missing: {shown}");
        }
        assert_eq!(previews().describe("/shows/7", page.clone()).await, page);
        assert_eq!(previews().describe("/venues", page.clone()).await, page);
    }

    #[tokio::test]
    async fn the_site_map_lists_every_public_page() {
        let sitemap = previews().sitemap().await;
        for path in ["/", "/shows", "/venues", &format!("/shows/{ID}"), &format!("/venues/{ID}")] {
            let entry = format!("<url><loc>https://tickets.example.org{path}</loc></url>");
            assert!(sitemap.contains(&entry), "{path}: {sitemap}");
        }
        assert!(previews().with_sitemap("User-agent: *\n").ends_with("/sitemap.xml\n"));
    }
}
