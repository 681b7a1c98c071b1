-- Seats that were given back while the rest of a booking stayed.
ALTER TABLE bookings ADD COLUMN returns jsonb NOT NULL DEFAULT '[]';

ALTER TABLE payments
    -- The payment that this one is a part of: it refunds seats that were given back.
    ADD COLUMN part_of     uuid,
    -- Sum of its own parts, which are not refunded with it.
    ADD COLUMN split_minor bigint NOT NULL DEFAULT 0;
