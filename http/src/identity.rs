//! Callers and their proofs: addresses, roles, tokens, and the secret behind them.

pub mod address;
pub mod caller;
pub mod ended_sessions;
pub mod mailed_proofs;
pub mod reminder_tokens;
pub mod reset_tokens;
pub mod second_factors;
pub mod secret;
pub mod share_tokens;
pub mod site_origin;
pub mod token_key;
pub mod tokens;
