//! Columns that hold log positions.

use std::fmt::Write;

use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};

use crate::columns::stored;

/// A value of a `bigint[]` column: positions in the order of the log, each once. Written as the text of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Positions(Vec<i64>);

impl Positions {
    /// Adds a position that is not before the others.
    pub fn add(&mut self, position: u64) {
        if self.0.last() != Some(&stored(position)) {
            self.0.push(stored(position));
        }
    }
}

impl From<u64> for Positions {
    fn from(position: u64) -> Self {
        Self(vec![stored(position)])
    }
}

impl Type<Postgres> for Positions {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(info: &PgTypeInfo) -> bool {
        <Vec<i64> as Type<Postgres>>::compatible(info)
    }
}

impl PgHasArrayType for Positions {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Positions {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let mut text = String::from("{");
        for (index, position) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(text, "{comma}{position}")?;
        }
        text.push('}');
        <String as Encode<Postgres>>::encode(text, buffer)
    }
}

impl Decode<'_, Postgres> for Positions {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <Vec<i64> as Decode<Postgres>>::decode(value).map(Self)
    }
}
