//! Errors of deserializers in the words of the API: without names of types, in terms of JSON.

/// Rewrites the message of a deserializer. Messages of our own types stay as they are.
pub fn in_plain_words(message: &str) -> String {
    if let Some(name) = quoted_after(message, "missing field ") {
        return format!("lacks the field {name}");
    }
    if let Some(name) = quoted_after(message, "duplicate field ") {
        return format!("has the field {name} twice");
    }
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    if found.starts_with("unknown field ") {
        let known = expected.trim_start_matches("one of ");
        return if known.is_empty() {
            "is not a known field".to_owned()
        } else {
            format!("is not a known field; known are {known}")
        };
    }
    if found.starts_with("unknown variant ") {
        return format!("must be {expected}");
    }
    if ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|start| found.starts_with(start)) {
        return format!("must be {}", value(expected));
    }
    match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "must be a whole number".to_owned()
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            "is out of range".to_owned()
        }
        "provided string was not `true` or `false`" => "must be true or false".to_owned(),
        _ if message.starts_with("UUID parsing failed") || message.contains("UUID") => ID.to_owned(),
        _ if is_of_a_library(message) => DATE.to_owned(),
        _ => message.to_owned(),
    }
}

const ID: &str = "must be an id: 32 hexadecimal digits, as in 0190a0b0-1234-7000-8000-000000000001";
const DATE: &str = "must be a date or a time, such as 2026-11-27 or 2026-11-27T19:30:00+05:30";

/// The name in backticks that follows `start`.
fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let name = message.strip_prefix(start)?;
    let end = name.get(1..)?.find('`')? + 2;
    name.get(..end)
}

/// Description of the type that a deserializer expected.
fn value(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" | "u128" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" | "i128" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "a borrowed string" | "str" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" | "null" => "null",
        _ if expected.contains("UUID") => ID.trim_start_matches("must be "),
        _ if ["date", "time", "zoned", "civil"].iter().any(|word| expected.contains(word)) => {
            DATE.trim_start_matches("must be ")
        }
        _ if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") => {
            "an object"
        }
        _ if expected.starts_with("tuple")
            || expected.starts_with("an array")
            || expected.starts_with("a tuple") =>
        {
            "a list"
        }
        _ if expected.starts_with("enum ") || expected.starts_with("string or map") => "a text",
        _ if expected.starts_with("a ") || expected.starts_with("an ") => expected,
        _ => "another value",
    }
}

/// Returns true for messages of the parser of dates and times.
fn is_of_a_library(message: &str) -> bool {
    let starts =
        ["failed to ", "parsed ", "parsing ", "expected ", "datetime ", "parameter ", "an empty string"];
    starts.iter().any(|start| message.starts_with(start)) || message.contains("civil datetime")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::{Timestamp, civil::Date};
    use serde::{Deserialize, de::DeserializeOwned};
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct ChangedShow {
        seats: u16,
        role: Option<Role>,
        at: Option<Timestamp>,
        day: Option<Date>,
        id: Option<Uuid>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Role {
        Staff,
        Admin,
    }

    fn message<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        let error = serde_json::from_str::<T>(json).unwrap_err().to_string();
        in_plain_words(error.split(" at line ").next().unwrap_or_default())
    }

    #[test]
    fn no_message_names_a_type_of_the_code() {
        let words =
            ["struct", "u16", "ChangedShow", "Role", "enum", "civil", "serde", "parsing failed", "expected"];
        for (json, plain) in [
            ("7", "must be an object"),
            ("{}", "lacks the field `seats`"),
            (r#"{"seats": -1}"#, "must be a whole number from 0 to 65535"),
            (r#"{"seats": 70000}"#, "must be a whole number from 0 to 65535"),
            (r#"{"seats": "5"}"#, "must be a whole number from 0 to 65535"),
            (r#"{"seats": 1.5}"#, "must be a whole number from 0 to 65535"),
            (r#"{"seats": 1, "seats": 2}"#, "has the field `seats` twice"),
            (r#"{"x": 1}"#, "is not a known field; known are `seats`, `role`, `at`, `day`, `id`"),
            (r#"{"seats": 1, "role": "king"}"#, "must be `staff` or `admin`"),
            (r#"{"seats": 1, "at": "2026-13-01T00:00:00Z"}"#, DATE),
            (r#"{"seats": 1, "at": "tomorrow"}"#, DATE),
            (r#"{"seats": 1, "at": ""}"#, DATE),
            (r#"{"seats": 1, "at": "2026-11-27T19:30:00"}"#, DATE),
            (r#"{"seats": 1, "at": "-009999-01-01T00:00:00+23:59"}"#, DATE),
            (r#"{"seats": 1, "at": 7}"#, DATE),
            (r#"{"seats": 1, "day": "2026-02-30"}"#, DATE),
            (r#"{"seats": 1, "id": "7"}"#, ID),
            (r#"{"seats": 1, "id": 7}"#, ID),
        ] {
            let message = message::<ChangedShow>(json);
            assert_eq!(message, plain, "{json}");
            assert!(!words.iter().any(|word| message.contains(word)), "{json}: {message}");
        }
        assert_eq!(message::<Vec<String>>("{}"), "must be a list");
        assert_eq!(message::<BTreeMap<String, bool>>(r#"{"a": 1}"#), "must be true or false");
        assert_eq!(message::<Vec<String>>("[1]"), "must be a text");
        assert_eq!(message::<f64>(r#""x""#), "must be a number");
    }

    #[test]
    fn messages_of_parameters_and_of_our_own_types_are_plain() {
        for (message, plain) in [
            ("invalid digit found in string", "must be a whole number"),
            ("number too large to fit in target type", "is out of range"),
            ("provided string was not `true` or `false`", "must be true or false"),
            ("must be 1 to 100", "must be 1 to 100"),
            ("\"9:30\" is not a time of day like 09:30", "\"9:30\" is not a time of day like 09:30"),
        ] {
            assert_eq!(in_plain_words(message), plain);
        }
    }
}
