//! The web app: static files of one folder, for every path outside the API.

mod page_paths;

use std::{
    ffi::OsStr,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use ticketshow_http::{Problem, SiteOrigin};

use crate::services::previews::Previews;

/// Paths that do not belong to the web app.
const RESERVED: [&str; 4] = ["/api/", "/healthz", "/readyz", "/metrics"];
/// Longest name of a file, `.gz` included, that file systems know.
const NAME_BYTES_MAX: usize = 255 - ".gz".len();
/// Longest path within the folder: file systems know 4,096 bytes, of which the folder takes some.
const PATH_BYTES_MAX: usize = 1_024;
/// Folder of files whose names contain a hash of their content, so they never change.
const HASHED: &str = "assets";
/// One year, the longest time that RFC 9111 suggests.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Cached, but revalidated each time.
const ASK_AGAIN: &str = "no-cache";

/// The script that other sites load to show the next screenings. Its name never changes.
const WIDGET: &str = "widget.js";
/// One hour, and another day while a browser asks for the next version.
const FOR_AN_HOUR: &str = "public, max-age=3600, stale-while-revalidate=86400";
/// Says that other sites may load a file, those that isolate themselves too.
const FOR_OTHER_SITES: (HeaderName, &str) =
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");

/// Headers that protect a page. `deploy/Caddyfile` has the same.
const PROTECTION: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // The camera reads tickets at the door.
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// The web app in a folder.
#[derive(Debug)]
struct WebApp {
    folder: PathBuf,
    policy: HeaderValue,
    previews: Previews,
}

/// Returns the content security policy: scripts, styles and fonts from this origin, images also from the store of the posters.
/// `deploy/Caddyfile` has the same policy.
fn policy(posters: Option<&SiteOrigin>) -> HeaderValue {
    let posters = posters.map_or_else(String::new, |origin| format!(" {origin}"));
    let policy = format!(
        "default-src 'self'; img-src 'self' data: blob:{posters}; style-src 'self' 'unsafe-inline'; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    );
    HeaderValue::try_from(policy)
        .unwrap_or(HeaderValue::from_static("default-src 'self'; frame-ancestors 'none'"))
}

/// Returns the handler of all paths outside the API: files and pages of the web app in `folder`, else 404.
pub fn pages(
    folder: &Path,
    posters: Option<&SiteOrigin>,
    previews: Previews,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + use<> {
    let app = Arc::new(WebApp { folder: folder.to_owned(), policy: policy(posters), previews });
    move |request| {
        let app = Arc::clone(&app);
        Box::pin(async move {
            let page = page(&app, request.method(), request.uri().path(), request.headers()).await;
            page.unwrap_or_else(|| Problem::not_found().into_response())
        })
    }
}

/// Returns a file or page of the web app, or `None` if the path has none.
async fn page(app: &WebApp, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads || RESERVED.iter().any(|reserved| path.starts_with(reserved)) {
        return None;
    }
    let name = PathBuf::from(path.trim_start_matches('/'));
    // Plain names only, so that no path leads out of the folder, is too long for the system, or names a file that the
    // build keeps to itself.
    let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    let is_plain =
        |part| matches!(part, Component::Normal(name) if name.len() <= NAME_BYTES_MAX && !is_hidden(name));
    if !name.components().all(is_plain) || path.len() > PATH_BYTES_MAX {
        return None;
    }
    if path == "/sitemap.xml" {
        return Some(app.written(path, app.previews.sitemap().await));
    }
    if path == "/robots.txt" {
        let robots = read(&app.folder.join("robots.txt")).await?;
        return Some(app.written(path, app.previews.with_sitemap(&String::from_utf8_lossy(&robots))));
    }
    if name.extension().is_some() {
        return file(app, &name, headers).await;
    }
    // Every page of the app is the same file, which a link preview or a search engine gets whatever it accepts.
    let is_page = page_paths::is_page(path);
    if !is_page && !accepts(headers, header::ACCEPT, "text/html") {
        return None;
    }
    let index = Path::new("index.html");
    let page = if is_page && path.starts_with("/shows/") {
        match read(&app.folder.join(index)).await.map(String::from_utf8) {
            Some(Ok(html)) => Some(app.written("index.html", app.previews.describe(path, html).await)),
            Some(Err(_)) | None => None,
        }
    } else {
        file(app, index, headers).await
    };
    let mut page = page.unwrap_or_else(|| Html(NOT_BUILT).into_response());
    if !is_page {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    Some(page)
}

fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(wanted))
}

/// Returns a file of the folder, compressed if the client accepts gzip, or `None` if there is none.
async fn file(app: &WebApp, name: &Path, request: &HeaderMap) -> Option<Response> {
    let plain = app.folder.join(name);
    let mut packed = plain.clone().into_os_string();
    packed.push(".gz");
    let unpacks = accepts(request, header::ACCEPT_ENCODING, "gzip");
    let (bytes, is_packed) = match if unpacks { read(Path::new(&packed)).await } else { None } {
        Some(bytes) => (bytes, true),
        None => (read(&plain).await?, false),
    };
    let mut response = app.answer(name, bytes);
    if is_packed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

impl WebApp {
    /// Answers with a text that is written for this request.
    fn written(&self, name: &str, text: String) -> Response {
        self.answer(Path::new(name), text.into_bytes())
    }

    /// Answers with the content of the file `name`.
    fn answer(&self, name: &Path, content: Vec<u8>) -> Response {
        let is_widget = name == Path::new(WIDGET);
        let unhashed = if is_widget { FOR_AN_HOUR } else { ASK_AGAIN };
        let kept = if name.starts_with(HASHED) { FOREVER } else { unhashed };
        let mut response = (StatusCode::OK, Body::from(content)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        for (name, value) in PROTECTION {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if is_widget {
            let (name, value) = FOR_OTHER_SITES;
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

async fn read(path: &Path) -> Option<Vec<u8>> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            // Without the path, which is a stranger's text.
            tracing::warn!(%error, "cannot read a file of the web app");
            None
        }
    }
}

/// Returns the content type for a file of the web app's build.
fn content_type(name: &Path) -> &'static str {
    match name.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("xml") => "application/xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Page in place of an app that was not built.
const NOT_BUILT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Ticket Show</title>\
    <h1>The web app is not built</h1>\
    <p>The API works: <a href=/api/v1/docs>API documentation</a>. `make up` builds the app (with Node), and TICKETSHOW_WEB \
    sets the folder of the build.</p></html>";

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, sync::Mutex};

    use axum::{Router, routing::get};
    use http_body_util::BodyExt;
    use ticketshow_http::sync::lock;
    use tower::ServiceExt;

    use super::*;

    struct App(Router, PathBuf);

    impl App {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("ticketshow-web-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("assets")).unwrap();
            for (file, content) in [
                ("index.html", "the app"),
                ("widget.js", "widget"),
                ("assets/a-1.js", "script"),
                ("assets/a-1.js.gz", "packed"),
            ] {
                fs::write(folder.join(file), content).unwrap();
            }
            let api = Router::new().route("/api/v1/shows", get(async || "shows"));
            let posters = SiteOrigin::of("https://s3.example.org");
            let previews = Previews::new(api.clone(), "https://tickets.example.org");
            Self(api.fallback(pages(&folder, Some(&posters), previews)), folder)
        }

        async fn get(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> (Response<()>, String) {
            let mut request = Request::get(path);
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            let response = self.0.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
        }
    }

    impl Drop for App {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.1);
        }
    }

    type Response<T> = axum::http::Response<T>;
    const BROWSER: [(header::HeaderName, &str); 1] = [(header::ACCEPT, "text/html,*/*;q=0.8")];

    #[tokio::test]
    async fn every_page_is_the_app_and_is_revalidated_each_time() {
        let app = App::new("pages");
        for path in ["/", "/shows/1", "/payments/return?payment=1"] {
            let (response, body) = app.get(path, &BROWSER).await;
            assert_eq!((response.status(), body.as_str()), (StatusCode::OK, "the app"), "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], ASK_AGAIN);
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("img-src 'self' data: blob: https://s3.example.org; "), "{policy}");
            for (name, value) in PROTECTION {
                assert_eq!(response.headers()[name], value);
            }
        }
    }

    #[tokio::test]
    async fn a_shared_link_is_a_page_for_every_client_and_an_unknown_one_is_not_found() {
        let app = App::new("shared");
        for path in ["/shows/1", "/venues/1/", "/admin/venues/7/screens/new", "/sitemap.xml"] {
            for accept in ["*/*", "application/json"] {
                let (response, _) = app.get(path, &[(header::ACCEPT, accept)]).await;
                assert_eq!(response.status(), StatusCode::OK, "{path}");
            }
            assert_eq!(app.get(path, &[]).await.0.status(), StatusCode::OK, "{path}");
        }
        for path in ["/nowhere", "/shows/1/2", "/shows//", "/admin/nowhere"] {
            let (response, body) = app.get(path, &BROWSER).await;
            assert_eq!((response.status(), body.as_str()), (StatusCode::NOT_FOUND, "the app"), "{path}");
        }
    }

    #[test]
    fn the_gateway_sends_the_same_headers() {
        let gateway = include_str!("../../../deploy/Caddyfile");
        let policy = policy(Some(&SiteOrigin::of("posters")));
        let policy = policy.to_str().unwrap().replace(" posters", " {$S3_PUBLIC_ENDPOINT:'self'}");
        assert!(gateway.contains(&format!("Content-Security-Policy \"{policy}\"")), "{policy}");
        for (name, value) in PROTECTION {
            let line =
                gateway.lines().find(|line| line.trim().to_ascii_lowercase().starts_with(name.as_str()));
            let line = line.expect("a line in the Caddyfile").replace('"', "");
            assert_eq!(line.trim().split_once(' ').map(|(_, value)| value), Some(value));
        }
    }

    #[tokio::test]
    async fn hashed_files_are_cached_for_a_year() {
        let app = App::new("files");
        let (response, body) = app.get("/assets/a-1.js", &[]).await;
        assert_eq!(body, "script");
        assert_eq!(response.headers()[header::CACHE_CONTROL], FOREVER);

        let (response, body) = app.get("/assets/a-1.js", &[(header::ACCEPT_ENCODING, "br, gzip")]).await;
        assert_eq!(body, "packed");
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }

    #[tokio::test]
    async fn other_sites_may_load_the_widget_and_nothing_else() {
        let app = App::new("widget");
        let (name, value) = FOR_OTHER_SITES;
        let (response, body) = app.get("/widget.js", &[(header::ORIGIN, "https://house.example")]).await;
        assert_eq!(body, "widget");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()[header::CACHE_CONTROL], FOR_AN_HOUR);
        assert_eq!(response.headers()[&name], value);
        for path in ["/", "/assets/a-1.js"] {
            let (response, _) = app.get(path, &BROWSER).await;
            assert_eq!(response.headers().get(&name), None, "{path}");
        }
        let gateway = include_str!("../../../deploy/Caddyfile");
        let words = "@widget path /widget.js\n\t\theader @widget {";
        let (_, lines) = gateway.split_once(words).expect("lines of the widget in the Caddyfile");
        let (lines, _) = lines.split_once('}').unwrap();
        assert!(lines.contains(&format!("Cache-Control \"{FOR_AN_HOUR}\"")), "{lines}");
        assert!(lines.contains(&format!("Cross-Origin-Resource-Policy {value}")), "{lines}");
    }

    #[tokio::test]
    async fn api_paths_reach_the_api() {
        let app = App::new("api");
        assert_eq!(app.get("/api/v1/shows", &BROWSER).await.1, "shows");
        for (path, headers) in
            [("/api/v1/nowhere", &BROWSER[..]), ("/nowhere", &[]), ("/assets/gone.js", &BROWSER)]
        {
            let (response, body) = app.get(path, headers).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(body.contains("/problems/not-found"), "{body}");
        }
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_folder() {
        let app = App::new("out");
        fs::write(app.1.with_extension("secret"), "secret").unwrap();
        let outside = app.1.with_extension("secret");
        let name = outside.file_name().unwrap().to_str().unwrap();
        for path in [
            format!("/../{name}"),
            format!("/assets/../../{name}"),
            format!("/%2e%2e/{name}"),
            format!("//{name}"),
        ] {
            assert_eq!(app.get(&path, &BROWSER).await.0.status(), StatusCode::NOT_FOUND, "{path}");
        }
        fs::remove_file(outside).unwrap();
    }

    #[tokio::test]
    async fn what_the_build_leaves_for_itself_is_not_served() {
        let app = App::new("hidden");
        fs::create_dir(app.1.join(".vite")).unwrap();
        fs::write(app.1.join(".vite/manifest.json"), "{}").unwrap();
        fs::write(app.1.join(".env.json"), "{}").unwrap();
        for path in ["/.vite/manifest.json", "/.env.json"] {
            assert_eq!(app.get(path, &BROWSER).await.0.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_not_found_and_no_path_is_logged() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&log);
        let subscriber = tracing_subscriber::fmt().with_writer(move || Log(Arc::clone(&writer))).finish();
        tracing::subscriber::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let app = App::new("long");
                fs::create_dir(app.1.join("folder.js")).unwrap();
                for length in [252, 253, 255, 256, 60_000] {
                    let path = format!("/{}.js", "a".repeat(length - 3));
                    assert_eq!(app.get(&path, &BROWSER).await.0.status(), StatusCode::NOT_FOUND, "{length}");
                }
                let deep = "/a".repeat(30_000) + ".js";
                assert_eq!(app.get(&deep, &BROWSER).await.0.status(), StatusCode::NOT_FOUND);
                assert_eq!(lock(&log).len(), 0, "nothing to report");

                assert_eq!(app.get("/folder.js", &BROWSER).await.0.status(), StatusCode::NOT_FOUND);
            });
        });
        let log = String::from_utf8(lock(&log).clone()).unwrap();
        assert!(log.contains("cannot read") && !log.contains("folder"), "{log}");
    }

    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            lock(&self.0).extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_missing_build_is_reported_on_the_page() {
        let nowhere = PathBuf::from("/nowhere/at/all");
        let previews = Previews::new(Router::new(), "");
        let app = App(Router::new().fallback(pages(&nowhere, None, previews)), nowhere);
        let (response, body) = app.get("/", &BROWSER).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(body.contains("not built"), "{body}");
    }
}
