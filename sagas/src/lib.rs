//! ticketshow-sagas.
