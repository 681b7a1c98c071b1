//! Forms with files (`multipart/form-data`, RFC 7578), parsed in memory. Supports what browsers and curl send: parts
//! with `Content-Disposition: form-data; name="…"`.

use std::ops::Range;

use axum::body::Bytes;

/// The delimiter between the parts of a form.
pub struct Form {
    /// `--` and the boundary.
    delimiter: Vec<u8>,
}

/// A body that is not such a form.
#[derive(Debug, thiserror::Error)]
#[error("the form is not valid multipart/form-data")]
pub struct NotAForm;

impl Form {
    /// The form that a content type announces; `None` for any other type.
    pub fn of(content_type: &str) -> Option<Self> {
        let mut parameters = content_type.split(';').map(str::trim);
        let is_form = parameters.next()?.eq_ignore_ascii_case("multipart/form-data");
        let boundary = parameters.find_map(|parameter| value_of(parameter, "boundary"));
        boundary
            .filter(|boundary| is_form && !boundary.is_empty())
            .map(|boundary| Self { delimiter: format!("--{boundary}").into_bytes() })
    }

    /// The content of the first field of that name.
    pub fn field(&self, body: &Bytes, name: &str) -> Result<Option<Bytes>, NotAForm> {
        let mut at = find(body, 0, &self.delimiter).ok_or(NotAForm)?.end;
        let mut ending = b"\r\n".to_vec();
        ending.extend_from_slice(&self.delimiter);
        while !body[at..].starts_with(b"--") {
            let head = find(body, at, b"\r\n\r\n").ok_or(NotAForm)?;
            let content = find(body, head.end, &ending).ok_or(NotAForm)?;
            if is_named(&body[at..head.start], name) {
                return Ok(Some(body.slice(head.end..content.start)));
            }
            at = content.end;
        }
        Ok(None)
    }
}

/// Returns `true` if the headers of a part give its field this name.
fn is_named(headers: &[u8], name: &str) -> bool {
    let headers = String::from_utf8_lossy(headers);
    headers.split("\r\n").any(|header| {
        let Some((header, value)) = header.split_once(':') else { return false };
        header.trim().eq_ignore_ascii_case("content-disposition")
            && value.split(';').any(|parameter| value_of(parameter.trim(), "name") == Some(name))
    })
}

/// The value of a parameter `name=value` or `name="value"`, if that is its name.
fn value_of<'a>(parameter: &'a str, name: &str) -> Option<&'a str> {
    let (known, value) = parameter.split_once('=')?;
    known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
}

fn find(body: &[u8], from: usize, needle: &[u8]) -> Option<Range<usize>> {
    let at = memchr::memmem::find(&body[from..], needle)? + from;
    Some(at..at + needle.len())
}
