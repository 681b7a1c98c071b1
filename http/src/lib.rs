//! ticketshow-http.
