//! One OpenAPI document for both APIs, and the page that shows it. All files of the page are in the binary.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    response::Response,
};
use serde_json::{Value, json};
use ticketshow_http::permissions::Rule;
use utoipa::openapi::Info;
use utoipa_swagger_ui::SwaggerUi;

/// Content security policy of the page: it needs its own files and the API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns the routes `/api/v1/openapi.json` and `/api/v1/docs`.
pub fn router() -> Router {
    Router::from(SwaggerUi::new("/api/v1/docs").external_url_unchecked("/api/v1/openapi.json", document()))
        .layer(middleware::map_response(protect))
}

async fn protect(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn document() -> Value {
    let mut document = ticketshow_command_api::openapi().merge_from(ticketshow_query_api::openapi());
    document.info = Info::new("Ticket Show", env!("CARGO_PKG_VERSION"));
    let mut document = serde_json::to_value(document).expect("the types of the document are JSON");
    for (path, operations) in document["paths"].as_object_mut().into_iter().flatten() {
        let template = path.strip_prefix("/api/v1").unwrap_or(path);
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            complete(operation);
            if let Some(Rule { permission, acts_on }) = Rule::of(&method.to_uppercase(), template) {
                operation["x-permission"] = json!(permission);
                operation["x-acts-on"] = json!(acts_on);
            }
        }
    }
    document
}

/// Adds the responses and requirements of the shared extractors, which their types do not declare.
fn complete(operation: &mut Value) {
    for parameter in operation.pointer_mut("/parameters").and_then(Value::as_array_mut).into_iter().flatten()
    {
        match parameter["name"].as_str() {
            Some("Idempotency-Key") => parameter["schema"]["pattern"] = json!("^[!-~]{1,128}$"),
            Some("cursor") => parameter["schema"]["minLength"] = json!(1),
            Some(_) | None => {}
        }
    }
    if operation.get("requestBody").is_none() {
        return;
    }
    let problem = operation["responses"]["400"]["content"].clone();
    for (status, description) in OF_BODIES {
        let response = &mut operation["responses"][status];
        if response.is_null() {
            *response = json!({"description": description, "content": problem});
        }
    }
    // An optional body may be left out, but it is not `null`.
    if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json/schema")
        && let Some([of, null]) = body["oneOf"].as_array().map(Vec::as_slice)
        && null["type"] == "null"
    {
        let of = of.clone();
        *body = of;
    }
}

/// Errors of any call with a body.
const OF_BODIES: [(&str, &str); 3] = [
    ("408", "`body-too-slow`: the body took too long to arrive."),
    ("413", "`too-large`: the body is larger than the limit."),
    ("415", "`unsupported-media-type`: the body has another content type."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The web app's types are generated from the copy of the document in its folder.
    #[test]
    fn the_web_app_has_the_current_document() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/openapi.json");
        let document = document();
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(kept, format!("{document:#}\n")).unwrap();
        }
        let known: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(kept).unwrap()).unwrap();

        assert!(known == document, "web/openapi.json is outdated: run this test with UPDATE_OPENAPI=1");
    }

    #[test]
    fn every_route_for_staff_is_in_the_table_of_permissions_and_every_line_of_the_table_is_a_route() {
        let document = document();
        let mut known = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let forbidden = operation["responses"]["403"]["description"].as_str().unwrap_or_default();
                let is_for_staff = forbidden.contains("the role does not include");
                assert_eq!(operation["x-permission"].is_string(), is_for_staff, "{method} {path}");
                known += usize::from(is_for_staff);
            }
        }
        assert_eq!(known, ticketshow_http::permissions::ROUTES.len());
    }

    #[test]
    fn every_call_with_a_body_documents_the_errors_of_its_arrival() {
        let document = document();
        let paths = document["paths"].as_object().unwrap().values();
        let calls = paths.flat_map(|path| path.as_object().unwrap().values());
        let with_body: Vec<_> = calls.filter(|call| call.get("requestBody").is_some()).collect();
        assert!(with_body.len() > 20, "{}", with_body.len());
        for call in with_body {
            for (status, _) in OF_BODIES {
                assert!(
                    call["responses"][status]["content"].is_object(),
                    "{} has no {status}",
                    call["operationId"]
                );
            }
            assert!(!call["requestBody"].to_string().contains("null"), "{}", call["operationId"]);
        }
    }
}
