-- Sums and differences of money, kept as the log is read: readers never add up all payments and bookings.

ALTER TABLE payments
    -- Price of the booking that it confirmed; null if it confirmed none.
    ADD COLUMN confirmed_minor bigint,
    -- Movements in the wallet that name this payment: for a booking, as a top-up, as a refund.
    ADD COLUMN debited_minor   bigint NOT NULL DEFAULT 0,
    ADD COLUMN topped_up_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN credited_minor  bigint NOT NULL DEFAULT 0,
    -- debit_differs, top_up_differs, refund_differs, capture_unused, confirmed_unpaid: what does not match, and since when;
    -- null if all is well.
    ADD COLUMN difference      text,
    ADD COLUMN differs_since   timestamptz;
CREATE INDEX payments_differing ON payments (differs_since, payment_id) WHERE difference IS NOT NULL;
CREATE INDEX payments_review ON payments (created_at DESC, payment_id) WHERE status = 'review';
-- Captures and refunds that the provider has to report.
CREATE INDEX payments_captured ON payments (captured_at) WHERE provider_payment IS NOT NULL;
CREATE INDEX payments_returned ON payments (refunded_at) WHERE refund_target = 'card';

ALTER TABLE wallets
    -- Sum of its entries.
    ADD COLUMN ledger_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN differs      boolean NOT NULL GENERATED ALWAYS AS (balance_minor <> ledger_minor) STORED;
CREATE INDEX wallets_differing ON wallets (customer_id) WHERE differs;

CREATE TABLE money_sums (
    -- captured (by method), refunded (by destination), wallet_movements (by kind), wallet_balance (wallets)
    total        text   NOT NULL,
    part         text   NOT NULL,
    currency     text   NOT NULL,
    -- Number of payments, movements or wallets.
    count        bigint NOT NULL,
    amount_minor numeric NOT NULL,
    PRIMARY KEY (total, part, currency)
) WITH (fillfactor = 50);

-- Sales and refunds per calendar day and month at the venue, at four levels: of all, of a show, of a venue, and of a show at
-- a venue. The nil UUID stands for all shows or venues.
CREATE TABLE sales (
    -- day, month
    span              text   NOT NULL,
    -- The first day of the span.
    day               date   NOT NULL,
    show_id           uuid   NOT NULL,
    venue_id          uuid   NOT NULL,
    currency          text   NOT NULL,
    bookings          bigint NOT NULL,
    seats             bigint NOT NULL,
    sold_minor        bigint NOT NULL,
    bookings_refunded bigint NOT NULL,
    seats_refunded    bigint NOT NULL,
    refunded_minor    bigint NOT NULL,
    PRIMARY KEY (show_id, venue_id, span, day, currency)
) WITH (fillfactor = 70);
-- The spans of every show, of every venue, and of both.
CREATE INDEX sales_shows ON sales (span, day) WHERE venue_id = '00000000-0000-0000-0000-000000000000';
CREATE INDEX sales_venues ON sales (span, day) WHERE show_id = '00000000-0000-0000-0000-000000000000';
CREATE INDEX sales_spans ON sales (span, day);
