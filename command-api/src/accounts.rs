//! Accounts, sign-in and sessions.

pub mod administrator;
pub mod change_password;
pub mod end_session;
pub mod forgotten_password;
pub mod grant_role;
pub mod log_in;
pub mod log_out;
pub mod passwords;
pub mod refresh_cookie;
pub mod refresh_session;
pub mod register_account;
pub mod reset_password;
pub mod update_profile;
