//! A simulator of Dodo Payments: the same endpoints, errors, limits, hosted page and webhooks, and faults on request.
//!
//! It depends on no other crate of the workspace, so its clients use it exactly like the provider. Its behaviour follows the
//! provider's documentation, its published clients and the Standard Webhooks specification. Where they are silent, a comment
//! explains the choice.
//!
//! Terms: a **session** is one visit to the hosted page, a **payment** one attempt to take money there, a **refund** one
//! attempt to return it, a **notice** one webhook with all its deliveries, a **movement** a transfer of money.
//!
//! The API requires the API key. `/admin/…` has controls for tests and operators: faults, behaviour, clock and ledger. It
//! requires no key, so serve it on loopback only.

mod background;
mod interface;
mod limiter;
mod refusal;
mod rules;
mod simulator;
mod state;
mod webhooks;

pub use refusal::Refusal;
pub use rules::cards::{DECLINED_CARD, SUCCESS_CARD};
pub use simulator::{OpenError, Simulator};
pub use state::{
    faults::{Fault, Faults, Mangling, PaymentFault, RefundFault, RequestFault},
    records::{
        Attempt, AttemptOutcome, DisputeStatus, Movement, MovementKind, Notice, NoticeState, PaymentStatus,
        RefundStatus,
    },
    settings::{Behaviour, PRODUCT_ID, RateLimit, Settings},
};
