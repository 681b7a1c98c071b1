//! The projections against a real nats-server and a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

mod box_office;
mod changing;
mod city_shows;
mod erasing;
mod fixture;
mod following;
mod money;
mod names;
mod orders;
mod rebuilding;
mod sales_by_type;
