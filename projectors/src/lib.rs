//! ticketshow-projectors.
