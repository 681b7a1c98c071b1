//! Serialised form of events in the log, and upgrades from old versions. Shapes are frozen once shipped: a change
//! is a new version with a step in [`WireEvent::upcast`].

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// An event that the log can store.
///
/// Its serde form is `{"type": …, "data": …}`; [`WireRef`] adds the version.
pub trait WireEvent:
    Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync + 'static
{
    /// The type on the wire, `snake_case`.
    fn wire_type(&self) -> &'static str;

    /// Returns the version in which events of this type are written.
    #[must_use]
    fn current_version(_event_type: &str) -> u16 {
        1
    }

    /// Upgrades the data of `version` into the data of `version + 1`.
    ///
    /// # Errors
    ///
    /// [`WireError::UnknownVersion`] if there is no such step.
    fn upcast(event_type: &str, version: u16, data: Value) -> Result<Value, WireError> {
        drop(data);
        Err(WireError::UnknownVersion { event_type: event_type.to_owned(), version })
    }
}

/// An event with its version, as written: `{"version", "type", "data"}`.
#[derive(Debug, Serialize)]
pub struct WireRef<'a, E> {
    version: u16,
    #[serde(flatten)]
    event: &'a E,
}

impl<'a, E: WireEvent> WireRef<'a, E> {
    /// Wraps `event` in its current version.
    #[must_use]
    pub fn new(event: &'a E) -> Self {
        Self { version: E::current_version(event.wire_type()), event }
    }
}

/// Decodes one event of any version.
///
/// # Errors
///
/// [`WireError`]: unknown type, unknown version, or data that does not fit.
pub fn decode<E: WireEvent>(raw: &RawValue) -> Result<E, WireError> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(rename = "type")]
        event_type: std::borrow::Cow<'a, str>,
        version: u16,
    }
    #[derive(Deserialize)]
    struct Body {
        data: Value,
    }

    let malformed = |source| WireError::Malformed { source };
    let head: Head<'_> = serde_json::from_str(raw.get()).map_err(malformed)?;
    let current = E::current_version(&head.event_type);
    if head.version == current {
        return serde_json::from_str(raw.get()).map_err(malformed);
    }
    if head.version > current {
        return Err(WireError::UnknownVersion {
            event_type: head.event_type.into_owned(),
            version: head.version,
        });
    }
    let Body { mut data } = serde_json::from_str(raw.get()).map_err(malformed)?;
    for version in head.version..current {
        data = E::upcast(&head.event_type, version, data)?;
    }
    // As text once more, because reading events from a `Value` as well would double the code that is generated for them.
    let upgraded = serde_json::json!({ "type": head.event_type, "data": data }).to_string();
    serde_json::from_str(&upgraded).map_err(malformed)
}

/// Upgrades an event whose new fields have defaults: nothing changes.
pub(crate) fn absent_fields(event_type: &str, version: u16, data: Value) -> Result<Value, WireError> {
    if version == 1 {
        return Ok(data);
    }
    Err(WireError::UnknownVersion { event_type: event_type.to_owned(), version })
}

/// Reason why bytes of the log are not a known event.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WireError {
    #[error("no aggregate is called {0:?}")]
    UnknownAggregate(String),
    #[error("event {event_type:?} has no version {version} here")]
    UnknownVersion { event_type: String, version: u16 },
    #[error("event does not have the shape of its type")]
    Malformed { source: serde_json::Error },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A worked example of a changed shape: version 1 kept one `name`, version 2 keeps `first` and `last`.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", content = "data", rename_all = "snake_case")]
    enum Event {
        Named { first: String, last: String },
    }

    impl WireEvent for Event {
        fn wire_type(&self) -> &'static str {
            "named"
        }

        fn current_version(_event_type: &str) -> u16 {
            2
        }

        fn upcast(event_type: &str, version: u16, data: Value) -> Result<Value, WireError> {
            match (event_type, version) {
                ("named", 1) => {
                    let name = data["name"].as_str().unwrap_or_default();
                    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
                    Ok(json!({ "first": first, "last": last }))
                }
                _ => Err(WireError::UnknownVersion { event_type: event_type.to_owned(), version }),
            }
        }
    }

    fn raw(value: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(value).unwrap()
    }

    fn ada() -> Event {
        Event::Named { first: "Ada".into(), last: "Lovelace".into() }
    }

    #[test]
    fn an_old_version_is_read_as_the_current_one() {
        let old = raw(&json!({ "type": "named", "version": 1, "data": { "name": "Ada Lovelace" } }));
        assert_eq!(decode::<Event>(&old).unwrap(), ada());
    }

    #[test]
    fn what_is_written_today_is_read_back_unchanged() {
        let written = serde_json::value::to_raw_value(&WireRef::new(&ada())).unwrap();
        assert_eq!(decode::<Event>(&written).unwrap(), ada());
    }

    #[test]
    fn a_version_from_the_future_stops_the_reader() {
        let future = raw(&json!({ "type": "named", "version": 3, "data": {} }));
        assert!(matches!(decode::<Event>(&future), Err(WireError::UnknownVersion { version: 3, .. })));
    }

    #[test]
    fn an_unknown_type_stops_the_reader() {
        let unknown = raw(&json!({ "type": "renamed", "version": 2, "data": {} }));
        assert!(matches!(decode::<Event>(&unknown), Err(WireError::Malformed { .. })));
    }
}
