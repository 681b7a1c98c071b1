//! Values of more than one aggregate. Each checks itself; the root of the crate re-exports them.

pub mod ids;
pub mod language;
pub mod money;
pub mod personal;
pub mod reference;
pub mod seats;
pub mod text;
