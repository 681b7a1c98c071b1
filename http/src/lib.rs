//! The HTTP conventions that both REST APIs share: problem documents, bearer tokens, stream positions, idempotency
//! keys, quotas, and the layer around every request. No I/O and no business rules. The few business words here are
//! those of the shared contract: roles, addresses of posters, tokens to reset a password, and the [`schema`] of types
//! both APIs document.

#![deny(missing_docs)]

mod audit;
mod edge;
mod identity;
mod limits;
mod metrics;
mod places;
mod posters;
mod requests;
mod responses;

pub mod error;
pub mod permissions;
pub mod prices;
pub mod promotions;
pub mod schema;
pub mod sync;

pub use audit::{Audit, KnownCaller, note_no_change};
pub use edge::{Edge, ReadDemands};
pub use identity::{
    address::{ClientAddress, NotANetwork, TrustedProxies, neighbourhood},
    caller::Caller,
    ended_sessions::{ENDED_KEPT, EndedSessions},
    mailed_proofs::MailedProofs,
    reminder_tokens::ReminderTokens,
    reset_tokens::{RESET_SECONDS, ResetToken, ResetTokens},
    second_factors::SecondFactors,
    secret::{Keys, Secret, SecretTooShort, normalise_email, older_email},
    share_tokens::ShareTokens,
    site_origin::{SiteOrigin, is_local},
    token_key::{NotATokenKey, TokenKey, TokenPublicKey},
    tokens::{TOKEN_SECONDS, Tokens},
};
pub use limits::{AddressLimiter, Limiter, Limiters, Limits, NotAQuota, Quota};
pub use metrics::Metrics;
pub use places::{Place, PlacesPerAddress};
pub use posters::PosterAddresses;
pub use requests::{
    body::{BODY_BYTES_MAX, Body, RawBody},
    idempotency::RequestIds,
    language::accepted_language,
    place::{Params, PathId},
    request::{Trace, complete, complete_with},
    upload::{UPLOAD_BYTES_MAX, Upload},
};
pub use responses::{
    etag::{ETag, IfNoneMatch},
    position::{MinPosition, StreamPosition},
    problem::Problem,
};
