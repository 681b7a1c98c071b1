-- Codes and offers that lower prices.
CREATE TABLE promotions (
    promotion_id uuid        NOT NULL PRIMARY KEY,
    -- Null for an offer that lowers prices by itself.
    code         text,
    terms        jsonb       NOT NULL,
    -- Bookings that were about to be paid with it, less those that ended.
    uses         integer     NOT NULL,
    created_at   timestamptz NOT NULL,
    position     bigint      NOT NULL
);
CREATE INDEX promotions_automatic ON promotions (promotion_id) WHERE code IS NULL;
CREATE INDEX promotions_created ON promotions (created_at DESC, promotion_id);
-- {promotion, code} of the discount of a booking.
ALTER TABLE bookings ADD COLUMN promotion jsonb;
