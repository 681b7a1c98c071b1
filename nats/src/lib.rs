//! ticketshow-nats.
