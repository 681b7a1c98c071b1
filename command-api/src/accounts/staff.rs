//! Administration of other people's accounts.

pub mod administrator;
pub mod end_sessions;
pub mod grant_role;
pub mod open_account;
pub mod set_account_state;
