-- When each ticket of a booking was used, by seat: for guest lists.
ALTER TABLE bookings ADD COLUMN check_ins jsonb NOT NULL DEFAULT '{}';
