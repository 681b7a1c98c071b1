-- Sessions of tills at the counter. The expected cash is the float with what was taken, less what was returned.
CREATE TABLE tills (
    till_id        uuid        PRIMARY KEY,
    seller_id      uuid        NOT NULL,
    float_minor    bigint      NOT NULL,
    currency       text        NOT NULL,
    taken_minor    bigint      NOT NULL,
    returned_minor bigint      NOT NULL,
    -- Null while the session is open.
    counted_minor  bigint,
    opened_at      timestamptz NOT NULL,
    closed_at      timestamptz,
    position       bigint      NOT NULL
);
CREATE INDEX tills_opened ON tills (opened_at DESC, till_id DESC);
CREATE INDEX tills_seller ON tills (seller_id, opened_at DESC, till_id DESC);

-- Bookings sold at the counter, and their refunds there.
CREATE TABLE counter_sales (
    booking_id    uuid        PRIMARY KEY,
    screening_id  uuid        NOT NULL,
    seller_id     uuid        NOT NULL,
    -- The session that was open, if one was.
    till_id       uuid,
    method        text        NOT NULL,
    amount_minor  bigint      NOT NULL,
    currency      text        NOT NULL,
    reason        text,
    sold_at       timestamptz NOT NULL,
    -- Null until the money was handed back at the counter.
    refund_method text,
    refunded_by   uuid,
    refund_till   uuid,
    refunded_at   timestamptz,
    position      bigint      NOT NULL
);
CREATE INDEX counter_sales_till ON counter_sales (till_id) WHERE till_id IS NOT NULL;
CREATE INDEX counter_sales_refund_till ON counter_sales (refund_till) WHERE refund_till IS NOT NULL;

-- Persons who bought at the counter, as far as they said who they are. An account of the same person has the same id.
CREATE TABLE buyers (
    user_id  uuid   PRIMARY KEY,
    name     text,
    email    text,
    phone    text,
    position bigint NOT NULL
);
