//! Text columns that hold one word of a domain type.

use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeOwned,
        value::{Error, StrDeserializer},
    },
};
use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};

/// A value stored as one word, spelled as in JSON. The projectors write it with their type of the same name, which reads
/// and writes but has no form in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Word<T>(pub T);

impl<T> Type<Postgres> for Word<T> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(info: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(info)
    }
}

impl<T: DeserializeOwned> Decode<'_, Postgres> for Word<T> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let word = <&str as Decode<Postgres>>::decode(value)?;
        Ok(Self(T::deserialize(StrDeserializer::<Error>::new(word))?))
    }
}
