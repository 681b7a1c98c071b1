//! ticketshow-command-api.
