//! Passwords: their rules, their hashes, and their change.

pub mod change_password;
pub mod forgotten_password;
pub mod hashing;
pub mod new_password;
pub mod password_rules;
pub mod reset_password;
