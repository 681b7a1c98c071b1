//! The OpenAPI document is complete and correct.

use std::collections::BTreeSet;

use serde_json::Value;

use ticketshow_query_api::openapi;

use crate::fixture::TestApi;

/// Collects every value of a key, at any depth.
fn all<'a>(key: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key));
            members.values().for_each(|member| all(key, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| all(key, item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_reference_resolves_and_every_path_answers() {
    let api = TestApi::open().await;
    let document = serde_json::to_value(openapi()).unwrap();
    let mut references = Vec::new();
    all("$ref", &document, &mut references);
    assert!(references.len() > 40);
    for reference in references {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let paths: BTreeSet<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 67);
    for path in paths {
        let responses = &document["paths"][path]["get"]["responses"];
        assert!(responses["200"].is_object() || responses["303"].is_object(), "{path}");
        let mut call = path.trim_start_matches("/api/v1").replace(['{', '}'], "x");
        if call.starts_with("/search") {
            call.push_str("?q=x");
        }
        let status = api.get(&call).await.status;
        assert!(matches!(status, 200 | 401 | 404), "{path}: {status}");
    }
}
