//! The caller's own account and sessions, and all accounts for administrators.

pub mod any_accounts;
pub mod export;
pub mod me;
pub mod person;
pub mod reminders;
