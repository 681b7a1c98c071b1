//! ticketshow-query-api.
