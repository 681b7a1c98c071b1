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

mod admin;
mod api;
mod background;
mod book;
mod cards;
mod checking_out;
mod clock;
mod currencies;
mod customers;
mod disputing;
mod faults;
mod ids;
mod limiter;
mod middleware;
mod pages;
mod paying;
mod records;
mod refunding;
mod refusal;
mod serve;
mod settings;
mod simulator;
mod tax;
mod webhooks;
mod wire;
mod world;

pub use cards::{DECLINED_CARD, SUCCESS_CARD};
pub use faults::{Fault, Faults, Mangling, PaymentFault, RefundFault, RequestFault};
pub use records::{
    Attempt, AttemptOutcome, DisputeStatus, Movement, MovementKind, Notice, NoticeState, PaymentStatus,
    RefundStatus,
};
pub use refusal::Refusal;
pub use settings::{Behaviour, PRODUCT_ID, RateLimit, Settings};
pub use simulator::{OpenError, Simulator};
