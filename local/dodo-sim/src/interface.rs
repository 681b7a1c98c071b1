//! The provider as merchants, customers and operators see it over HTTP: API, pages, controls.

pub mod admin;
pub mod api;
pub mod middleware;
pub mod pages;
pub mod serve;
pub mod wire;
