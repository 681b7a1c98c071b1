//! Words and lists of words in columns.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};

/// A value that is one word of text, the same in the table as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<T>(pub T);

impl<T: Serialize> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(quoted.trim_matches('"'))
    }
}

impl<T> Type<Postgres> for Word<T> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(info: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(info)
    }
}

impl<T> PgHasArrayType for Word<T> {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl<T: Serialize> Encode<'_, Postgres> for Word<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<Postgres>>::encode(self.to_string(), buffer)
    }
}

impl<T: DeserializeOwned> Decode<'_, Postgres> for Word<T> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let word = <&str as Decode<Postgres>>::decode(value)?;
        let word = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word);
        Ok(Self(T::deserialize(word)?))
    }
}

/// Between the items of a list on its way into a `text[]` column: arrays of arrays cannot be unnested row by row. No text
/// of an event contains it (control characters are refused).
const SEPARATOR: &str = "\u{1f}";

/// A list as `string_to_array(…, E'\x1f')` takes it.
pub(crate) fn join<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for item in items {
        if !list.is_empty() {
            list.push_str(SEPARATOR);
        }
        list.push_str(item);
    }
    list
}

/// The items of a list made by [`join`].
pub(crate) fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(SEPARATOR).filter(|item| !item.is_empty())
}
