-- Notes of staff about bookings. The text of an erased customer is replaced.
CREATE TABLE booking_notes (
    note_id     uuid        PRIMARY KEY,
    booking_id  uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    text        text        NOT NULL,
    made_by     uuid        NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX booking_notes_booking ON booking_notes (booking_id);
CREATE INDEX booking_notes_customer ON booking_notes (customer_id, created_at DESC);
