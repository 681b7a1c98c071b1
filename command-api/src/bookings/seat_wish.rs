//! A seat in a request: its name, or its name and ticket type.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use ticketshow_domain::{
    SeatName,
    pricing::{TicketType, WantedSeat},
};
use utoipa::ToSchema;

/// A seat: its name, or its name and the type of its ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SeatWish {
    /// Of type `standard`, or of the only type that the seat has.
    Name(String),
    /// With a ticket type.
    Typed(TypedSeat),
}

/// A seat and the type of its ticket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedSeat {
    #[schema(value_type = String, example = "A-1")]
    seat: SeatName,
    /// `standard` or the only type of the seat, if it is left out.
    #[schema(value_type = Option<String>, example = "adult")]
    ticket_type: Option<TicketType>,
    /// `true` if this place is for a wheelchair user or a companion. Until some time before the start, a house may keep
    /// such places for those who ask for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    wheelchair: bool,
}

impl From<SeatWish> for WantedSeat {
    fn from(wish: SeatWish) -> Self {
        match wish {
            SeatWish::Name(seat) => SeatName(seat).into(),
            SeatWish::Typed(TypedSeat { seat, ticket_type, wheelchair }) => {
                Self { seat, ticket_type, wheelchair }
            }
        }
    }
}

impl<'de> Deserialize<'de> for SeatWish {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wish;

        impl<'de> Visitor<'de> for Wish {
            type Value = SeatWish;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, or an object with seat, ticket_type and wheelchair")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<SeatWish, E> {
                Ok(SeatWish::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SeatWish, A::Error> {
                TypedSeat::deserialize(MapAccessDeserializer::new(map)).map(SeatWish::Typed)
            }
        }

        deserializer.deserialize_any(Wish)
    }
}
