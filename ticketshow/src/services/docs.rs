//! One OpenAPI document for both APIs, and the page that shows it. All files of the page are in the binary.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    response::Response,
};
use utoipa::openapi::{Info, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// Content security policy of the page: it needs its own files and the API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns the routes `/api/v1/openapi.json` and `/api/v1/docs`.
pub fn router() -> Router {
    Router::from(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document()))
        .layer(middleware::map_response(protect))
}

async fn protect(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn document() -> OpenApi {
    let mut document = ticketshow_command_api::openapi().merge_from(ticketshow_query_api::openapi());
    document.info = Info::new("Ticket Show", env!("CARGO_PKG_VERSION"));
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The web app's types are generated from the copy of the document in its folder.
    #[test]
    fn the_web_app_has_the_current_document() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/openapi.json");
        let document = serde_json::to_value(document()).unwrap();
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(kept, format!("{document:#}\n")).unwrap();
        }
        let known: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(kept).unwrap()).unwrap();

        assert!(known == document, "web/openapi.json is outdated: run this test with UPDATE_OPENAPI=1");
    }
}
