//! The HTTP conventions that both REST APIs share: problem documents, bearer tokens, stream positions, idempotency
//! keys, quotas, and the layer around every request. No I/O and no business rules. The few business words here are
//! those of the shared contract: roles, addresses of posters, tokens to reset a password, and the [`schema`] of types
//! both APIs document.

#![deny(missing_docs)]

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
mod time_limit;
mod tokens;
mod upload;

pub mod error;
pub mod schema;
pub mod sync;

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
