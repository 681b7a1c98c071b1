//! Answers as CSV (RFC 4180).

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// True if the caller accepts CSV.
pub fn is_accepted(headers: &HeaderMap) -> bool {
    accepts(headers, "text/csv")
}

/// Form of an answer that is available as JSON, CSV and PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv,
    Pdf,
}

impl Form {
    /// The form that the caller accepts; JSON unless another one is named.
    pub fn accepted(headers: &HeaderMap) -> Self {
        if is_accepted(headers) {
            Self::Csv
        } else if accepts(headers, "application/pdf") {
            Self::Pdf
        } else {
            Self::Json
        }
    }
}

/// True if `Accept` names a media type.
fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
        named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Mark of UTF-8, without which Excel reads the bytes in the code page of its machine.
pub const UTF8_MARK: char = '\u{feff}';

/// A CSV response.
pub fn answer(lines: String) -> Response {
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], lines).into_response()
}

/// Notes that the response depends on `Accept`.
pub fn vary(answer: &mut Response) {
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
}

/// Encodes a name as a field. An apostrophe keeps spreadsheets from reading it as a formula (OWASP, "CSV Injection").
pub fn text(name: Option<&str>) -> String {
    const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let name = name.unwrap_or_default();
    // Spreadsheets ignore invisible characters, and read full-width signs like plain ones.
    let visible = name
        .trim_start_matches(|c: char| !c.is_alphanumeric() && !c.is_ascii_graphic() && !FORMULA.contains(&c));
    let formula = visible.starts_with(FORMULA);
    let name = format!("{}{name}", if formula { "'" } else { "" });
    if name.contains([',', '"', '\r', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_if_needed() {
        assert_eq!(text(None), "");
        assert_eq!(text(Some("Monsoon")), "Monsoon");
        assert_eq!(text(Some("Rain, or \"Fog\"")), "\"Rain, or \"\"Fog\"\"\"");
        for formula in ["=1+1", "\u{ff1d}1+1", "\u{ff0b}1", "\u{200b}=1+1", "\u{a0}@a", "\t-1"] {
            assert_eq!(text(Some(formula)), format!("'{formula}"), "{formula:?}");
        }
        assert_eq!(text(Some("\u{200b}Rain")), "\u{200b}Rain");
    }

    #[test]
    fn csv_has_to_be_accepted_explicitly() {
        let accepted = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, header::HeaderValue::from_static(accept));
            is_accepted(&headers)
        };
        assert!(accepted("text/csv") && accepted("text/html, text/csv;q=0.9"));
        assert!(!accepted("application/json") && !accepted("*/*") && !accepted("text/csv;q=0"));
        assert!(!is_accepted(&HeaderMap::new()));
    }
}
