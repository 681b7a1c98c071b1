//! What both REST APIs speak: problem documents, bearer tokens, positions, repeats, quotas and what surrounds a request.
//! No I/O of its own, and nothing about shows or bookings.

mod address;
mod body;
mod caller;
mod edge;
mod etag;
mod form;
mod idempotency;
mod limits;
mod metrics;
mod place;
mod position;
mod posters;
mod problem;
mod request;
mod reset_tokens;
mod secret;
mod tokens;
mod upload;

pub mod schema;

pub use address::{ClientAddress, NotANetwork, TrustedProxies, neighbourhood};
pub use body::{BODY_BYTES_MAX, Body, RawBody};
pub use caller::{Administrator, Caller, Staff};
pub use edge::Edge;
pub use etag::{ETag, IfNoneMatch};
pub use idempotency::RequestIds;
pub use limits::{Limiter, Limiters, Limits, NotAQuota, Quota};
pub use metrics::Metrics;
pub use place::{Params, PathId};
pub use position::{MinPosition, StreamPosition};
pub use posters::PosterAddresses;
pub use problem::Problem;
pub use request::{Trace, complete};
pub use reset_tokens::{RESET_SECONDS, ResetToken, ResetTokens};
pub use secret::{Keys, Secret, SecretTooShort, normalise_email};
pub use tokens::{TOKEN_SECONDS, Tokens};
pub use upload::{UPLOAD_BYTES_MAX, Upload};
