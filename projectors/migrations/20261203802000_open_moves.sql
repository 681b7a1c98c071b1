-- A move whose difference is being paid by card.
ALTER TABLE bookings ADD COLUMN open_move jsonb;
