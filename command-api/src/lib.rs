//! The write side of the REST API. A handler reads a request, sends commands to aggregates and answers with the
//! outcome. The rules are in the domain, and no decision depends on a read model.
//!
//! [`router()`] lists every endpoint. Each endpoint is one file, named after its verb, in the folder of its noun; code that
//! handlers share is in `machinery`. To add an endpoint, write the file, add its line to the router, and accept the new
//! OpenAPI snapshot.

mod accounts;
mod bookings;
mod box_office;
mod catalogue;
mod machinery;
mod money;
mod operations;
mod promotions;
mod router;
mod screenings;

pub use accounts::passwords::hashing::PasswordCost;
pub use accounts::staff::administrator::{EnsureError, ensure_administrator};
pub use catalogue::poster_store::{PosterStore, StoreError, StoreSettings};
pub use machinery::app::{App, Parts};
pub use machinery::authority::StaffSessions;
pub use money::receive_notice::{NotANoticeKey, NoticeKey};
pub use router::{openapi, router};
