-- Invoices and credit notes, in the order in which they were numbered.
CREATE TABLE invoices (
    -- Of the event in the register.
    version      bigint PRIMARY KEY,
    number       text   NOT NULL UNIQUE,
    kind         text   NOT NULL,
    -- Day of the payment or refund at the venue.
    day          date   NOT NULL,
    issued_at    timestamptz NOT NULL,
    booking_id   uuid   NOT NULL,
    customer_id  uuid   NOT NULL,
    screening_id uuid   NOT NULL,
    show_title   text   NOT NULL,
    venue_name   text   NOT NULL,
    amount_minor bigint NOT NULL,
    fees_minor   bigint NOT NULL,
    currency     text   NOT NULL,
    lines        jsonb  NOT NULL,
    tax          jsonb  NOT NULL,
    position     bigint NOT NULL
);
CREATE INDEX invoices_booking ON invoices (booking_id);
CREATE INDEX invoices_day ON invoices (day);

-- Parties that issued the documents with higher versions, up to the next party.
CREATE TABLE invoice_sellers (
    version      bigint PRIMARY KEY,
    name         text NOT NULL,
    address      text NOT NULL,
    tax_number   text NOT NULL,
    service_code text NOT NULL
);
