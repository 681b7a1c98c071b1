-- Screenings that get other prices, another time or another screen.

-- Position of the last change of layout and prices, 0 without one: a drawn map that is older has to be drawn again.
ALTER TABLE seat_maps ADD COLUMN terms_position bigint NOT NULL DEFAULT 0;

-- Until this moment the customer may cancel without charge, because the house changed the time or the screen. Null without such a change.
ALTER TABLE bookings ADD COLUMN free_until timestamptz;
-- Time and screen before each of these changes.
ALTER TABLE bookings ADD COLUMN reschedulings jsonb NOT NULL DEFAULT '[]';
