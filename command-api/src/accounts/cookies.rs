//! The cookies that the account routes read and set.

pub mod browser_cookie;
pub mod cookie;
pub mod device_cookie;
pub mod refresh_cookie;
