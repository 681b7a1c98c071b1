//! The parts that all endpoints share: state, reading, pages, formats, problems.

pub mod accepted_language;
pub mod app;
pub mod authority;
pub mod csv;
pub mod event_history;
pub mod failures;
pub mod formatting;
pub mod page;
pub mod pdf;
pub mod permits;
pub mod reading;
pub mod responses;
pub mod search_text;
pub mod tables;
mod unsealed;
pub mod word;
