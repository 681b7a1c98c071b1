//! Tools for operators: cascades, mails, parked messages and rebuilds.

pub mod drop_parked;
pub mod preview_cascade;
pub mod rebuild_projection;
pub mod resend_mail;
pub mod retry_cascade;
pub mod retry_parked;
