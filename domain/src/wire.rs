//! Serialised form of events in the log, and upgrades from old versions. Shapes are frozen once shipped: a change
//! is a new version with a step in [`WireEvent::upcast`].

use std::{borrow::Cow, fmt::Debug};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor},
    forward_to_deserialize_any,
    ser::Error as _,
};
use serde_json::{Value, value::RawValue};

/// An event that the log can store.
///
/// It is an enum with serde's own form, `{"<type>": <data>}`, whose names are the types on the wire. [`WireRef`] writes, and
/// [`decode`] reads, the form of the log. serde's `tag` and `content` would give that form as well, but generate the code that reads an
/// event twice more, for content that comes before its tag.
pub trait WireEvent:
    Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync + 'static
{
    /// All types on the wire that this version knows.
    const TYPES: &'static [&'static str];

    /// The type on the wire, `snake_case`.
    fn wire_type(&self) -> &'static str;

    /// Reads the data of an event of the current version.
    ///
    /// `aggregate!` writes this and [`WireEvent::to_tagged`] into each aggregate's module, or every crate that reads
    /// the log would compile all code that reads and writes its events again.
    ///
    /// # Errors
    ///
    /// Unknown type, or data that does not fit.
    fn of_tagged(tagged: Tagged<'_>) -> serde_json::Result<Self>;

    /// Writes the event as `{"<type>": <data>}`.
    ///
    /// # Errors
    ///
    /// None is known.
    fn to_tagged(&self) -> serde_json::Result<String>;

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
#[derive(Debug)]
pub struct WireRef<'a, E> {
    version: u16,
    event: &'a E,
}

impl<'a, E: WireEvent> WireRef<'a, E> {
    /// Wraps `event` in its current version.
    #[must_use]
    pub fn new(event: &'a E) -> Self {
        Self { version: E::current_version(event.wire_type()), event }
    }
}

impl<E: WireEvent> Serialize for WireRef<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            version: u16,
            r#type: &'a str,
            data: &'a RawValue,
        }

        let tagged = self.event.to_tagged().map_err(S::Error::custom)?;
        let r#type = self.event.wire_type();
        let data = tagged
            .strip_prefix("{\"")
            .and_then(|rest| rest.strip_prefix(r#type)?.strip_prefix("\":")?.strip_suffix('}'))
            .ok_or_else(|| S::Error::custom(format_args!("{type} is not the name of {tagged}")))?;
        let data = serde_json::from_str(data).map_err(S::Error::custom)?;
        Written { version: self.version, r#type, data }.serialize(serializer)
    }
}

/// Decodes one event of any version.
///
/// # Errors
///
/// [`WireError`]: unknown type, unknown version, or data that does not fit.
pub fn decode<E: WireEvent>(raw: &RawValue) -> Result<E, WireError> {
    #[derive(Deserialize)]
    struct Message<'a> {
        #[serde(borrow, rename = "type")]
        event_type: Cow<'a, str>,
        version: u16,
        #[serde(borrow)]
        data: &'a RawValue,
    }

    let malformed = |source| WireError::Malformed { source };
    let Message { event_type, version, data } = serde_json::from_str(raw.get()).map_err(malformed)?;
    let current = E::current_version(&event_type);
    if version > current {
        return Err(WireError::UnknownVersion { event_type: event_type.into_owned(), version });
    }
    let read = |data: &RawValue| {
        let read = E::of_tagged(Tagged { event_type: &event_type, data: data.get() });
        read.map_err(|source| {
            if E::TYPES.contains(&event_type.as_ref()) {
                WireError::Malformed { source }
            } else {
                WireError::UnknownType { event_type: event_type.clone().into_owned() }
            }
        })
    };
    if version == current {
        return read(data);
    }
    let mut data: Value = serde_json::from_str(data.get()).map_err(malformed)?;
    for version in version..current {
        data = E::upcast(&event_type, version, data)?;
    }
    // As text once more: reading from a `Value` as well would double the code that is generated for events.
    read(&serde_json::value::to_raw_value(&data).map_err(malformed)?)
}

/// An event as an enum for serde: its variant is known, its content is JSON.
#[derive(Debug, Clone, Copy)]
pub struct Tagged<'de> {
    event_type: &'de str,
    data: &'de str,
}

impl<'de> Deserializer<'de> for Tagged<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = serde_json::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Self::Error> {
        Ok((seed.deserialize(self.event_type.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        serde_json::from_str(self.data)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error> {
        seed.deserialize(&mut serde_json::Deserializer::from_str(self.data))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        serde_json::Deserializer::from_str(self.data).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        serde_json::Deserializer::from_str(self.data).deserialize_map(visitor)
    }
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
    #[error("event {event_type:?} is unknown here: a newer version wrote it")]
    UnknownType { event_type: String },
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
    #[serde(rename_all = "snake_case")]
    enum Event {
        Named { first: String, last: String },
    }

    impl WireEvent for Event {
        const TYPES: &'static [&'static str] = &["named"];

        fn wire_type(&self) -> &'static str {
            "named"
        }

        fn of_tagged(tagged: Tagged<'_>) -> serde_json::Result<Self> {
            Self::deserialize(tagged)
        }

        fn to_tagged(&self) -> serde_json::Result<String> {
            serde_json::to_string(self)
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
        let stopped = decode::<Event>(&unknown);
        assert!(
            matches!(&stopped, Err(WireError::UnknownType { event_type }) if event_type == "renamed"),
            "{stopped:?}"
        );
        let garbled = raw(&json!({ "type": "named", "version": 2, "data": {} }));
        assert!(matches!(decode::<Event>(&garbled), Err(WireError::Malformed { .. })));
    }
}
