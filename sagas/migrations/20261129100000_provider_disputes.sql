-- What the payment provider reports about disputes: the customer's bank demands the money of a payment back. One row per
-- dispute, with its last status.
CREATE TABLE sagas.provider_disputes (
    dispute_id          text        PRIMARY KEY,
    provider_payment_id text        NOT NULL,
    -- Ours; null if the log does not know it.
    payment_id          uuid,
    -- open, won (the money stays with the house), lost (the bank took it)
    status              text        NOT NULL,
    -- Null if the provider does not name it.
    amount_minor        bigint,
    currency            text,
    opened_at           timestamptz NOT NULL,
    -- Time at which this status was recorded.
    changed_at          timestamptz NOT NULL
);
-- Those that reconciliation lists: open ones, and lost ones of the last weeks.
CREATE INDEX provider_disputes_listed ON sagas.provider_disputes (changed_at) WHERE status <> 'won';
