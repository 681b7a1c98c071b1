//! Sessions, from signing in to signing out.

pub mod confirm_session;
pub mod end_session;
pub mod log_in;
pub mod log_in_with_code;
pub mod log_out;
pub mod refresh_session;
pub mod request_code;
