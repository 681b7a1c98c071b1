//! Text columns: single words, and lists of words.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};

/// A value stored as one word, spelled as on the wire.
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

/// A value of a `text[]` column. It is written as one text that `string_to_array` splits, because Postgres cannot unnest
/// arrays of arrays row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct List(String);

impl List {
    /// Separates the items. Texts of events cannot contain it: control characters are refused.
    const SEPARATOR: &str = "\u{1f}";

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(Self::SEPARATOR).filter(|item| !item.is_empty())
    }
}

impl<T: AsRef<str>> FromIterator<T> for List {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = String::new();
        for item in items {
            if !list.is_empty() {
                list.push_str(Self::SEPARATOR);
            }
            list.push_str(item.as_ref());
        }
        Self(list)
    }
}

impl Type<Postgres> for List {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(info: &PgTypeInfo) -> bool {
        <Vec<String> as Type<Postgres>>::compatible(info)
    }
}

impl PgHasArrayType for List {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for List {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <&str as Encode<Postgres>>::encode(self.0.as_str(), buffer)
    }
}

impl Decode<'_, Postgres> for List {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(<Vec<String> as Decode<Postgres>>::decode(value)?.into_iter().collect())
    }
}
