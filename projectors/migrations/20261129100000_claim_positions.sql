-- The commits of a screening that concern a booking, so that a booking's page reads these and not the whole screening.

ALTER TABLE bookings ADD COLUMN claim_positions bigint[] NOT NULL DEFAULT '{}';
-- The commit that cancelled the screening; null while it is active.
ALTER TABLE screenings ADD COLUMN cancelled_position bigint;
