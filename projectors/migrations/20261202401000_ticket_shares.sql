-- Links that show one ticket of a booking. Their tokens are not stored.
CREATE TABLE ticket_shares (
    share_id   uuid        PRIMARY KEY,
    booking_id uuid        NOT NULL,
    seat       text        NOT NULL,
    created_at timestamptz NOT NULL,
    -- Null until the customer ends it.
    ended_at   timestamptz,
    position   bigint      NOT NULL
);
CREATE INDEX ticket_shares_booking ON ticket_shares (booking_id);
