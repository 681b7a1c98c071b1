-- Places on the waiting lists of screenings. The seats that were offered to one are its booking.
CREATE TABLE waiting_places (
    place_id     uuid        PRIMARY KEY,
    screening_id uuid        NOT NULL,
    customer_id  uuid        NOT NULL,
    -- Order of the places of a screening.
    number       bigint      NOT NULL,
    seats        integer     NOT NULL,
    -- Any if there are none.
    categories   text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Null until seats were offered.
    booking_id   uuid,
    -- Null unless the customer has left the list.
    left_at      timestamptz,
    position     bigint      NOT NULL
);
CREATE INDEX waiting_places_customer ON waiting_places (customer_id, created_at DESC);
CREATE INDEX waiting_places_line ON waiting_places (screening_id, number) WHERE booking_id IS NULL AND left_at IS NULL;
