-- Moves of a booking to other seats: from which screening, which seats.
ALTER TABLE bookings ADD COLUMN moves jsonb NOT NULL DEFAULT '[]';

-- A door without a network refuses the old tickets.
CREATE INDEX bookings_moves ON bookings USING gin (moves jsonb_path_ops) WHERE moves <> '[]';
