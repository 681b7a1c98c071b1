//! File uploads: raw, or as the field `file` of a form. Larger than JSON bodies, so handlers authorise the caller
//! first.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::header,
};
use http_body_util::BodyExt;

use crate::{
    Problem,
    requests::{form::Form, time_limit::TimeLimit},
};

/// Largest file, in bytes: 5 MiB. Source: the REST surface.
pub const UPLOAD_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Room for the rest of a form around the file, in bytes.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of an oversized body that are read and discarded, because a browser that is still sending ignores the
/// answer.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest time for a file to arrive.
const ARRIVAL_MAX: Duration = Duration::from_mins(2);
/// Name of the form field.
const FIELD: &str = "file";

/// A file: the whole body of any content type, or the field `file` of a `multipart/form-data`.
///
/// 413 above [`UPLOAD_BYTES_MAX`], 400 `malformed` for an invalid form, 422 for a form without the field.
#[derive(Debug)]
pub struct Upload(pub Bytes);

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let form = content_type.and_then(Form::of);
        let limit = TimeLimit::await_body(&request, ARRIVAL_MAX);
        let body = tokio::time::timeout(ARRIVAL_MAX, read(request.into_body())).await;
        if let Some(limit) = limit {
            limit.arrived();
        }
        let body = body.map_err(|_| Problem::body_too_slow())??;
        let file = match form {
            Some(form) => {
                let found =
                    form.field(&body, FIELD).map_err(|error| Problem::malformed(error.to_string()))?;
                found.ok_or_else(|| Problem::invalid_value(format!("/{FIELD}"), "is missing"))?
            }
            None => body,
        };
        if file.len() > UPLOAD_BYTES_MAX {
            return Err(Problem::too_large(UPLOAD_BYTES_MAX));
        }
        Ok(Self(file))
    }
}

async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let mut read = Vec::new();
    let mut arrived = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::malformed("the body ended too early"))?;
        let Ok(data) = frame.into_data() else { continue };
        arrived += data.len();
        if arrived <= UPLOAD_BYTES_MAX + FORM_BYTES_MAX {
            read.extend_from_slice(&data);
        } else if arrived > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if arrived > UPLOAD_BYTES_MAX + FORM_BYTES_MAX {
        return Err(Problem::too_large(UPLOAD_BYTES_MAX));
    }
    Ok(read.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn send(content_type: &str, body: impl Into<Body>) -> Result<Bytes, u16> {
        let request = Request::put("/").header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap();
        let upload = <Upload as FromRequest<()>>::from_request(request, &()).await;
        upload.map(|Upload(file)| file).map_err(|problem| problem.status().as_u16())
    }

    fn form(name: &str, file: &str) -> String {
        format!(
            "--limit\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--limit\r\nContent-Disposition: \
             form-data; name=\"{name}\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n{file}\r\n--limit--\r\n"
        )
    }

    #[tokio::test]
    async fn a_file_is_the_body_or_a_form_field() {
        for kind in ["image/png", "application/octet-stream", "multipart/mixed", ""] {
            assert_eq!(send(kind, "bytes").await.as_deref(), Ok(&b"bytes"[..]), "{kind}");
        }
        let kind = "multipart/form-data; boundary=limit";
        assert_eq!(send(kind, form("file", "bytes")).await.as_deref(), Ok(&b"bytes"[..]));
        assert_eq!(send(kind, form("picture", "bytes")).await, Err(422));
        assert_eq!(send(kind, "no form").await, Err(400));
        assert_eq!(
            send(kind, "--limit\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf").await,
            Err(400)
        );
    }

    #[tokio::test]
    async fn a_file_may_be_as_large_as_the_limit() {
        let file = |length: usize| "x".repeat(length);
        assert!(send("image/png", file(UPLOAD_BYTES_MAX)).await.is_ok());
        assert_eq!(send("image/png", file(UPLOAD_BYTES_MAX + 1)).await, Err(413));
        let kind = "multipart/form-data; boundary=limit";
        assert!(send(kind, form("file", &file(UPLOAD_BYTES_MAX))).await.is_ok());
        assert_eq!(send(kind, form("file", &file(UPLOAD_BYTES_MAX + 1))).await, Err(413));
        assert_eq!(send("image/png", file(UPLOAD_BYTES_MAX * 3)).await, Err(413));
    }
}
