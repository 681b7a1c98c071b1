//! ticketshow-tests.
