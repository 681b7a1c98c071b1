//! The cookies that the routes of accounts set and read.

pub mod browser_cookie;
pub mod cookie;
pub mod device_cookie;
pub mod refresh_cookie;
