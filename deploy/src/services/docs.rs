//! The OpenAPI document of both APIs as one, and the page that shows it. Nothing of the page comes from elsewhere.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use utoipa::openapi::{Info, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// `/api/v1/openapi.json`, `/api/v1/docs`, and `/`, which leads there.
pub fn router() -> Router {
    let page = Router::from(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document()));
    page.route("/", get(async || Redirect::temporary("/api/v1/docs")))
}

fn document() -> OpenApi {
    let mut document = ticketshow_command_api::openapi().merge_from(ticketshow_query_api::openapi());
    document.info = Info::new("Ticket Show", env!("CARGO_PKG_VERSION"));
    document
}
