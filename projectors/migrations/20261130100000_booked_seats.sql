-- Seats of bookings, for the search at the desk.
CREATE INDEX bookings_seats ON bookings USING gin (seats);
