//! JSON bodies: read whole, within a limit, with precise reports of errors.

use std::{error::Error, time::Duration};

use axum::{
    body::{Bytes, HttpBody, to_bytes},
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, HeaderValue, header},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};
use serde_path_to_error::{Path, Segment};

use crate::{
    Problem,
    requests::{time_limit::TimeLimit, words::in_plain_words},
};

/// Size limit of a body, in bytes. Half a commit (256 KiB), so that the events of one request fit into one commit.
pub const BODY_BYTES_MAX: usize = 128 * 1024;

/// Longest time for a body to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);

/// A JSON body as a `T`.
///
/// 415 for another content type, or one that is compressed or not in UTF-8; 413 above [`BODY_BYTES_MAX`], 400 `malformed` for invalid JSON, 422 with a pointer
/// for a value that is not a `T`. (An unknown field is an invalid value: `T` denies unknown fields.)
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        parse(&read(request).await?).map(Self)
    }
}

/// The bytes of a body, for verifying a signature over them. 413 above [`BODY_BYTES_MAX`].
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        read(request).await.map(Self)
    }
}

/// `Option<Body<T>>` is for optional bodies.
impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

/// Returns `true` for JSON in UTF-8 that is sent as it is: nothing is unpacked, so nothing small becomes large.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let mut parameters = parts.filter_map(|part| part.split_once('='));
    let is_utf8 = parameters.all(|(name, value)| {
        let value = value.trim_matches('"');
        !name.eq_ignore_ascii_case("charset")
            || ["utf-8", "utf8"].iter().any(|utf8| utf8.eq_ignore_ascii_case(value))
    });
    let is_plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    essence.eq_ignore_ascii_case("application/json")
        && is_utf8
        && headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain)
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    let limit = TimeLimit::await_body(&request, ARRIVAL_MAX);
    // The timer costs nothing if the body arrived together with the head, as small ones do.
    let arrived = tokio::time::timeout(ARRIVAL_MAX, to_bytes(request.into_body(), BODY_BYTES_MAX)).await;
    if let Some(limit) = limit {
        limit.arrived();
    }
    let Ok(read) = arrived else { return Err(Problem::body_too_slow()) };
    read.map_err(|error| {
        let too_large = error.source().is_some_and(<dyn Error>::is::<http_body_util::LengthLimitError>);
        if too_large {
            Problem::too_large(BODY_BYTES_MAX)
        } else {
            Problem::malformed("the body ended too early")
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would read an array as the fields in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid_value("", "must be an object"));
    }
    // Tracking the path slows parsing down, so it is done only after an error.
    serde_json::from_slice(bytes).or_else(|error| without_nulls(bytes).ok_or(error)).or_else(|_| {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let message = without_place(error.inner());
            match error.inner().classify() {
                Category::Data => Problem::invalid_value(pointer(error.path()), in_plain_words(&message)),
                Category::Syntax | Category::Eof | Category::Io => {
                    let at = error.inner();
                    Problem::malformed(format!("{message} (line {}, column {})", at.line(), at.column()))
                }
            }
        })?;
        json.end().map_err(|_| Problem::malformed("there is text after the end of the JSON value"))?;
        Ok(value)
    })
}

/// Reads the body again without the members that are null, because null means the same as leaving out an optional
/// field. `None` if there are none, or if the result is no `T` either.
fn without_nulls<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    remove_nulls(&mut value).then(|| serde_json::from_value(value).ok()).flatten()
}

/// Returns `true` if there were any.
fn remove_nulls(value: &mut Value) -> bool {
    let mut found = false;
    match value {
        Value::Object(members) => {
            let before = members.len();
            members.retain(|_, member| !member.is_null());
            found = members.len() < before;
            for (_, member) in members {
                found |= remove_nulls(member);
            }
        }
        Value::Array(items) => {
            for item in items {
                found |= remove_nulls(item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).map_or(message.clone(), ToOwned::to_owned)
}

/// RFC 6901 pointer to the error; for a missing field, to the object that lacks it.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use axum::{body::Body as HttpBody, http::StatusCode, response::IntoResponse};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        seats: Vec<u16>,
        #[serde(default)]
        preview: bool,
        way: Option<Way>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        Cash,
        None,
    }

    async fn send(content_type: &str, body: impl Into<HttpBody>) -> Result<Order, (StatusCode, Value)> {
        let request =
            Request::post("/").header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap();
        match <Body<_> as FromRequest<()>>::from_request(request, &()).await {
            Ok(Body(order)) => Ok(order),
            Err(problem) => {
                let status = problem.status();
                let bytes = to_bytes(problem.into_response().into_body(), usize::MAX).await.unwrap();
                Err((status, serde_json::from_slice(&bytes).unwrap()))
            }
        }
    }

    async fn refused(body: &str) -> (u16, Value) {
        let (status, problem) = send("application/json", body.to_owned()).await.unwrap_err();
        (status.as_u16(), problem)
    }

    #[tokio::test]
    async fn a_valid_body_is_read() {
        let order = send("application/json; charset=utf-8", r#"{"seats": [1, 2]}"#).await.unwrap();
        assert_eq!(order.seats, [1, 2]);
    }

    #[tokio::test]
    async fn null_is_the_same_as_a_field_that_is_left_out() {
        for body in [r#"{"seats": [1], "preview": null}"#, r#"{"seats": [1], "way": null}"#] {
            let order = send("application/json", body).await.unwrap();
            assert_eq!((order.preview, order.way), (false, None), "{body}");
        }
        let order = send("application/json", r#"{"seats": [1], "way": "none"}"#).await.unwrap();
        assert_eq!(order.way, Some(Way::None));
        let (status, problem) = refused(r#"{"seats": null, "way": "cash"}"#).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &Value::from("/seats")));
        let (status, problem) = refused(r#"{"seats": ["x"], "way": null}"#).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &Value::from("/seats/0")));
    }

    #[tokio::test]
    async fn another_content_type_is_415() {
        let (status, problem) = send("text/plain", "{}").await.unwrap_err();
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (415, &Value::from("/problems/unsupported-media-type"))
        );
    }

    #[test]
    fn a_body_in_another_charset_or_compressed_is_no_json() {
        let read = |content_type: &'static str, coding: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            headers.extend(coding.map(|coding| (header::CONTENT_ENCODING, HeaderValue::from_static(coding))));
            is_json(&headers)
        };
        for plain in
            ["application/json", "Application/JSON; Charset=\"UTF-8\"", "application/json;charset=utf8"]
        {
            assert!(read(plain, None) && read(plain, Some("identity")), "{plain}");
            assert!(!read(plain, Some("gzip")) && !read(plain, Some("br")), "{plain}");
        }
        assert!(!read("application/json; charset=utf-16", None) && !read("text/json", None));
        assert!(!is_json(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit() {
        let padded = |len: usize| format!("{}{}", r#"{"seats": []}"#, " ".repeat(len - 13));
        assert!(send("application/json", padded(BODY_BYTES_MAX)).await.is_ok());
        assert_eq!(refused(&padded(BODY_BYTES_MAX + 1)).await.0, 413);
    }

    #[tokio::test]
    async fn invalid_json_is_400() {
        for body in ["", "{", "{\"seats\": [1,]}", "{\"seats\": []} x", "\u{0}", "{\"seats\""] {
            let (status, problem) = refused(body).await;
            assert_eq!((status, &problem["type"]), (400, &Value::from("/problems/malformed")), "{body}");
        }
        let not_utf8 = send("application/json", vec![b'"', 0xff, b'"']).await.unwrap_err();
        assert!(matches!(not_utf8.0.as_u16(), 400 | 422), "{not_utf8:?}");
    }

    #[tokio::test]
    async fn a_wrong_value_is_422_with_a_pointer() {
        for (body, pointer) in [
            (r#"{"seats": [1, "x"]}"#, "/seats/1"),
            (r#"{"seats": 5}"#, "/seats"),
            (r#"{"seats": [], "co/lor": 1}"#, "/co~1lor"),
            ("{}", ""),
            ("7", ""),
            ("[[1]]", ""),
        ] {
            let (status, problem) = refused(body).await;
            assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &Value::from(pointer)), "{body}");
            let message = problem["errors"][0]["message"].as_str().unwrap();
            assert!(!message.is_empty() && !message.contains("line"), "{message}");
        }
    }
}
