-- The first read models. Every table can be dropped and rebuilt from the log; each has one writer, the projection in the
-- file of its name. They live in the schema on the search path, so that a rebuild can fill another schema beside it and
-- swap the two by renaming.

-- How far the tables of this schema have read the log: one row, `read-models`. `hash` is the SHA-256 of that commit's
-- payload: the mark that the log guard compares. Both are zero until there is a commit.
CREATE TABLE checkpoint (
    name     text   PRIMARY KEY,
    position bigint NOT NULL,
    hash     bytea  NOT NULL,
    -- Why the projection stands still; null while it runs.
    halted   text,
    -- Set when a rebuilt schema takes the place of this one, so that a writer who waited for this row notices.
    replaced boolean NOT NULL DEFAULT false
);
INSERT INTO checkpoint (name, position, hash) VALUES ('read-models', 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE accounts (
    user_id     uuid        PRIMARY KEY,
    account_key text        NOT NULL UNIQUE,
    email       text        NOT NULL,
    name        text        NOT NULL,
    city        text,
    role        text        NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE shows (
    show_id          uuid        PRIMARY KEY,
    title            text        NOT NULL,
    description      text        NOT NULL,
    duration_minutes integer     NOT NULL,
    language         text        NOT NULL,
    certificate      text,
    genres           text[]      NOT NULL,
    poster_card      text,
    poster_full      text,
    -- active, cancelled
    status           text        NOT NULL,
    created_at       timestamptz NOT NULL,
    position         bigint      NOT NULL
);

CREATE TABLE venues (
    venue_id   uuid        PRIMARY KEY,
    name       text        NOT NULL,
    address    text        NOT NULL,
    city       text        NOT NULL,
    timezone   text        NOT NULL,
    opens_at   text        NOT NULL,
    closes_at  text        NOT NULL,
    -- active, inactive
    status     text        NOT NULL,
    created_at timestamptz NOT NULL,
    position   bigint      NOT NULL
);

CREATE TABLE screens (
    screen_id  uuid        PRIMARY KEY,
    venue_id   uuid        NOT NULL,
    name       text        NOT NULL,
    layout     jsonb       NOT NULL,
    capacity   integer     NOT NULL,
    created_at timestamptz NOT NULL,
    position   bigint      NOT NULL
);
CREATE INDEX screens_venue ON screens (venue_id);

-- Names are those of the promise: what the customer was told when the screening was scheduled.
CREATE TABLE screenings (
    screening_id    uuid        PRIMARY KEY,
    show_id         uuid        NOT NULL,
    show_title      text        NOT NULL,
    venue_id        uuid        NOT NULL,
    venue_name      text        NOT NULL,
    screen_id       uuid        NOT NULL,
    screen_name     text        NOT NULL,
    city            text        NOT NULL,
    timezone        text        NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    -- The calendar day at the venue.
    local_date      date        NOT NULL,
    cancel_until    timestamptz NOT NULL,
    -- Minor units by category.
    prices          jsonb       NOT NULL,
    currency        text        NOT NULL,
    capacity        integer     NOT NULL,
    available_seats integer     NOT NULL,
    -- active, cancelled
    status          text        NOT NULL,
    -- Of the last commit that changed this row, seats included.
    position        bigint      NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX screenings_show ON screenings (show_id, starts_at);
CREATE INDEX screenings_venue ON screenings (venue_id, starts_at);
CREATE INDEX screenings_date ON screenings (local_date, starts_at);
CREATE INDEX screenings_start ON screenings (starts_at, screening_id);

-- The layout once; the states a byte a seat (0 free, 1 held, 2 sold) in chunks of 1,024 seats, so that a reservation in a
-- stadium does not rewrite all of it.
CREATE TABLE seat_maps (
    screening_id uuid   PRIMARY KEY,
    layout       jsonb  NOT NULL,
    prices       jsonb  NOT NULL,
    currency     text   NOT NULL,
    position     bigint NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE seat_map_chunks (
    screening_id uuid    NOT NULL,
    chunk        integer NOT NULL,
    states       bytea   NOT NULL,
    PRIMARY KEY (screening_id, chunk)
) WITH (fillfactor = 70);

CREATE TABLE bookings (
    booking_id     uuid        PRIMARY KEY,
    screening_id   uuid        NOT NULL,
    customer_id    uuid        NOT NULL,
    -- held, paying, confirmed, expired, cancelled, refunded: what the two columns after it come to.
    status         text        NOT NULL,
    -- What the booking's own stream says; null until the first payment is asked for.
    booking_status text,
    -- What the screening's stream says of its seats: held, sold, lapsed, given_up, cancelled.
    claim          text        NOT NULL,
    seats          text[]      NOT NULL,
    amount_minor   bigint      NOT NULL,
    currency       text        NOT NULL,
    held_until     timestamptz NOT NULL,
    -- The attempt that confirmed it, and when; null before.
    payment_id     uuid,
    confirmed_at   timestamptz,
    -- Codes in the order of `seats`; empty until confirmed.
    ticket_codes   text[]      NOT NULL DEFAULT '{}',
    -- Tickets that were used.
    checked_in     integer     NOT NULL DEFAULT 0,
    -- customer, house
    cancelled_by   text,
    cancel_reason  text,
    created_at     timestamptz NOT NULL,
    position       bigint      NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX bookings_customer ON bookings (customer_id, created_at DESC, booking_id);
CREATE INDEX bookings_screening ON bookings (screening_id);
CREATE INDEX bookings_created ON bookings (created_at DESC, booking_id);

-- One row an attempt to pay a booking or to fill a wallet, with its refund: there is at most one, and it is whole.
CREATE TABLE payments (
    payment_id          uuid        PRIMARY KEY,
    -- Null for a top-up, and for money that the provider took a second time for the payment `stray_of`.
    booking_id          uuid,
    stray_of            uuid,
    customer_id         uuid        NOT NULL,
    -- wallet, card
    method              text        NOT NULL,
    -- pending, captured, failed, expired, refunding, refunded, review
    status              text        NOT NULL,
    -- In a word of ours, or in those of the provider.
    failure_reason      text,
    amount_minor        bigint      NOT NULL,
    currency            text        NOT NULL,
    -- The provider's page, and until when it can be paid at.
    checkout_url        text,
    checkout_until      timestamptz,
    -- What was taken, from the wallet or by the provider; by the provider it may be something else than was asked for.
    captured_minor      bigint,
    captured_currency   text,
    captured_at         timestamptz,
    provider_payment    text,
    -- requested, attempted, submitted, failed, review, completed; null while nothing is to go back.
    refund_status       text,
    -- wallet, card
    refund_target       text,
    -- cancelled_by_customer, cancelled_by_house, paid_twice, seats_gone, cancelled, decided
    refund_reason       text,
    -- Why the refund failed or is in review, in the provider's words or those of the saga.
    refund_failure      text,
    provider_refund     text,
    refund_requested_at timestamptz,
    refunded_at         timestamptz,
    created_at          timestamptz NOT NULL,
    position            bigint      NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX payments_booking ON payments (booking_id);
CREATE INDEX payments_customer ON payments (customer_id, created_at DESC, payment_id);
CREATE INDEX payments_created ON payments (created_at DESC, payment_id);
CREATE INDEX payments_strays ON payments (stray_of) WHERE stray_of IS NOT NULL;
CREATE INDEX payments_refunds ON payments (refund_requested_at DESC, payment_id) WHERE refund_requested_at IS NOT NULL;

CREATE TABLE wallets (
    customer_id   uuid   PRIMARY KEY,
    balance_minor bigint NOT NULL,
    currency      text   NOT NULL,
    position      bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE wallet_entries (
    customer_id         uuid        NOT NULL,
    version             bigint      NOT NULL,
    reference           text        NOT NULL,
    -- top_up, payment, refund, credit
    kind                text        NOT NULL,
    -- Payments are negative.
    amount_minor        bigint      NOT NULL,
    balance_after_minor bigint      NOT NULL,
    currency            text        NOT NULL,
    booking_id          uuid,
    reason              text,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (customer_id, version)
);
