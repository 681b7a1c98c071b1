//! The OpenAPI document of both APIs as one, and the page that shows it. Nothing of the page comes from elsewhere.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use utoipa::openapi::{Info, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// `/api/v1/openapi.json`, `/api/v1/docs`, and `/`, which leads there.
pub fn router(queries: OpenApi, commands: OpenApi) -> Router {
    let document = merge(queries, commands);
    let page = Router::from(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document));
    page.route("/", get(async || Redirect::temporary("/api/v1/docs")))
}

fn merge(queries: OpenApi, commands: OpenApi) -> OpenApi {
    let mut document = commands.merge_from(queries);
    document.info = Info::new("Ticket Show", env!("CARGO_PKG_VERSION"));
    document
}
