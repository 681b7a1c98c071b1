//! A stand-in for Dodo Payments on this machine: the same endpoints, errors, limits, webhooks and faults.
