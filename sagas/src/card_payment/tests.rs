//! The three laws of a saga.
