//! The second factor of an account, from its offer to its use.

pub mod begin_second_factor;
pub mod remove_second_factor;
pub mod second_step;
pub mod set_second_factor;
