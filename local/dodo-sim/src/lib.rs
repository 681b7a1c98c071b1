//! A stand-in for Dodo Payments on this machine: the same endpoints, errors, limits, hosted page, webhooks and faults.
//!
//! It holds no rule of ours and knows no crate of ours, so that whatever talks to it talks to it as to the provider. What it
//! does is what the provider's documentation, its published clients and the Standard Webhooks specification say; where they
//! are silent the choice is told at the place where it was made.
//!
//! Words: a **session** is one visit to the hosted page, a **payment** one attempt to take money there, a **refund** one
//! attempt to give it back, a **notice** one webhook with all its deliveries, a **movement** money that has changed hands.
//!
//! What the merchant's server uses needs the API key. `/admin/…` is the hand of the test or the operator behind the scenes:
//! faults, conduct, clock, the ledger. It asks for no key, so serve it on loopback only.

mod admin;
mod api;
mod book;
mod cards;
mod checking_out;
mod clock;
mod currencies;
mod disputing;
mod door;
mod errands;
mod faults;
mod ids;
mod limiter;
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
pub use settings::{Conduct, PRODUCT_ID, RateLimit, Settings};
pub use simulator::{OpenError, Simulator};
