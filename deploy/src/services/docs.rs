//! The OpenAPI document of both APIs as one, and the page that shows it. Nothing of the page comes from elsewhere.

use axum::Router;
use utoipa::openapi::{Info, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// `/api/v1/openapi.json` and `/api/v1/docs`.
pub fn router() -> Router {
    Router::from(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document()))
}

fn document() -> OpenApi {
    let mut document = ticketshow_command_api::openapi().merge_from(ticketshow_query_api::openapi());
    document.info = Info::new("Ticket Show", env!("CARGO_PKG_VERSION"));
    document
}
