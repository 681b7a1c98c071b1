-- Price of the seats of a sale at the counter that were given back while the others stayed.
ALTER TABLE counter_sales ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0;

-- Seats of such sales whose price was handed back in cash.
CREATE TABLE counter_returns (
    return_id    uuid        PRIMARY KEY,
    booking_id   uuid        NOT NULL,
    till_id      uuid        NOT NULL,
    returned_by  uuid        NOT NULL,
    amount_minor bigint      NOT NULL,
    currency     text        NOT NULL,
    returned_at  timestamptz NOT NULL,
    position     bigint      NOT NULL
);
CREATE INDEX counter_returns_till ON counter_returns (till_id);
