//! Columns for sums that may exceed the largest amount of money.

use std::ops::AddAssign;

use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};

/// A value of a `numeric` column, in minor units: the amounts of a whole installation do not always fit into 64 bits. Travels
/// as text in both directions, so it is selected as `column::text`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Total(pub i128);

impl AddAssign for Total {
    fn add_assign(&mut self, Self(other): Self) {
        // No log holds the 2⁶⁴ amounts that it would take.
        self.0 = self.0.saturating_add(other);
    }
}

impl From<i64> for Total {
    fn from(amount_minor: i64) -> Self {
        Self(amount_minor.into())
    }
}

impl Type<Postgres> for Total {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Total {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Total {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<Postgres>>::encode(self.0.to_string(), buffer)
    }
}

impl Decode<'_, Postgres> for Total {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<&str as Decode<Postgres>>::decode(value)?.parse()?))
    }
}
