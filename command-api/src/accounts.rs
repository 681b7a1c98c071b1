//! Accounts, sign-in and sessions.

pub mod administrator;
pub mod change_password;
pub mod confirm_session;
pub mod device_cookie;
pub mod end_session;
pub mod end_sessions;
pub mod forgotten_password;
pub mod grant_role;
pub mod log_in;
pub mod log_in_with_code;
pub mod log_out;
pub mod mail_quota;
pub mod new_password;
pub mod open_account;
pub mod password_rules;
pub mod passwords;
pub mod refresh_cookie;
pub mod refresh_session;
pub mod register_account;
pub mod request_code;
pub mod reset_password;
pub mod set_account_state;
pub mod throttle;
pub mod update_profile;
pub mod verify_address;
