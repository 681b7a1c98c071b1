//! Accounts, sign-in and sessions.

pub mod choose_reminders;
pub mod cookies;
pub mod erase_account;
pub mod mail_quota;
pub mod passwords;
pub mod register_account;
pub mod second_factor;
pub mod sessions;
pub mod staff;
pub mod throttle;
pub mod update_profile;
pub mod verify_address;
