//! The web app: static files of one folder, for every path outside the API.

use std::{
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
};

/// Paths that do not belong to the web app.
const RESERVED: [&str; 4] = ["/api/", "/healthz", "/readyz", "/metrics"];
/// Folder of files whose names contain a hash of their content, so they never change.
const HASHED: &str = "assets";
/// One year, the longest time that RFC 9111 suggests.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Cached, but revalidated each time.
const ASK_AGAIN: &str = "no-cache";

/// Content security policy: scripts, styles and fonts from this origin; images from anywhere, because browsers load posters
/// from the object store. `deploy/Caddyfile` has the same policy.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob: http: https:; style-src 'self' 'unsafe-inline'; \
                      object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Adds the web app of `folder` to the API.
pub fn around(api: Router, folder: &Path) -> Router {
    let folder = folder.to_owned();
    api.layer(middleware::from_fn(move |request: Request, next: Next| {
        let folder = folder.clone();
        async move {
            match answer(&folder, request.method(), request.uri().path(), request.headers()).await {
                Some(page) => page,
                None => next.run(request).await,
            }
        }
    }))
}

/// Returns a file or page of the web app, or `None` if the API must answer.
async fn answer(folder: &Path, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads || RESERVED.iter().any(|reserved| path.starts_with(reserved)) {
        return None;
    }
    let name = PathBuf::from(path.trim_start_matches('/'));
    // Plain names only, so that no path leads out of the folder.
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    if name.extension().is_some() {
        return file(folder, &name, headers).await;
    }
    // Every page of the app is the same file. Clients that do not ask for HTML get the API's 404.
    if path != "/" && !accepts(headers, header::ACCEPT, "text/html") {
        return None;
    }
    let page = file(folder, Path::new("index.html"), headers).await;
    Some(page.unwrap_or_else(|| Html(NOT_BUILT).into_response()))
}

fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(wanted))
}

/// Returns a file of the folder, compressed if the client accepts gzip, or `None` if there is none.
async fn file(folder: &Path, name: &Path, request: &HeaderMap) -> Option<Response> {
    let plain = folder.join(name);
    let mut packed = plain.clone().into_os_string();
    packed.push(".gz");
    let unpacks = accepts(request, header::ACCEPT_ENCODING, "gzip");
    let (bytes, is_packed) = match if unpacks { read(Path::new(&packed)).await } else { None } {
        Some(bytes) => (bytes, true),
        None => (read(&plain).await?, false),
    };
    let kept = if name.starts_with(HASHED) { FOREVER } else { ASK_AGAIN };
    let mut response = (StatusCode::OK, Body::from(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

async fn read(path: &Path) -> Option<Vec<u8>> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "cannot read a file of the web app");
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
        Some("png") => "image/png",
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
    use std::fs;

    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    struct App(Router, PathBuf);

    impl App {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("ticketshow-web-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("assets")).unwrap();
            for (file, content) in
                [("index.html", "the app"), ("assets/a-1.js", "script"), ("assets/a-1.js.gz", "packed")]
            {
                fs::write(folder.join(file), content).unwrap();
            }
            let api = Router::new().route("/api/v1/shows", get(async || "shows"));
            let api = api.fallback(async || (StatusCode::NOT_FOUND, "a problem"));
            Self(around(api, &folder), folder)
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
            assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
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
    async fn api_paths_reach_the_api() {
        let app = App::new("api");
        assert_eq!(app.get("/api/v1/shows", &BROWSER).await.1, "shows");
        for (path, headers) in
            [("/api/v1/nowhere", &BROWSER[..]), ("/nowhere", &[]), ("/assets/gone.js", &BROWSER)]
        {
            let (response, body) = app.get(path, headers).await;
            assert_eq!((response.status(), body.as_str()), (StatusCode::NOT_FOUND, "a problem"), "{path}");
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
    async fn a_missing_build_is_reported_on_the_page() {
        let app = Router::new().fallback(async || StatusCode::NOT_FOUND);
        let app = App(around(app, Path::new("/nowhere/at/all")), PathBuf::from("/nowhere/at/all"));
        let (response, body) = app.get("/", &BROWSER).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(body.contains("not built"), "{body}");
    }
}
