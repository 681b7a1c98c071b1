-- What the payment provider says that it took and gave back, as it told us itself: the other side of the reconciliation.
-- Only movements that succeeded. The read models are never built from it.
CREATE TABLE sagas.provider_movements (
    -- The provider's id of the payment (capture) or of the refund.
    provider_id         text        PRIMARY KEY,
    kind                text        NOT NULL CHECK (kind IN ('capture', 'refund')),
    provider_payment_id text        NOT NULL,
    -- Ours; none if the provider does not know it.
    payment_id          uuid,
    -- None where the provider does not say.
    amount_minor        bigint,
    currency            text,
    occurred_at         timestamptz NOT NULL
);
CREATE INDEX ON sagas.provider_movements (payment_id);
