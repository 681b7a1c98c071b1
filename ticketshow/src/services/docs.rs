//! One OpenAPI document for both APIs, and the page that shows it. All files of the page are in the binary.

use axum::Router;
use utoipa::openapi::{Info, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// Returns the routes `/api/v1/openapi.json` and `/api/v1/docs`.
pub fn router() -> Router {
    Router::from(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document()))
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
