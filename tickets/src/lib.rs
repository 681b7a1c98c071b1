//! ticketshow-tickets.
