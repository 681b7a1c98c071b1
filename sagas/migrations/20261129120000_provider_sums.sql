-- Whether the log holds the same movement: reconciliation looks only at those that do not match. A capture of a payment that
-- the log knows always did; a refund is compared with the read models, if they are there.
ALTER TABLE sagas.provider_movements ADD COLUMN matched boolean NOT NULL DEFAULT true;
ALTER TABLE sagas.provider_movements ALTER COLUMN matched SET DEFAULT false;
UPDATE sagas.provider_movements SET matched = false WHERE kind = 'refund' OR payment_id IS NULL;
DO $$
BEGIN
    IF to_regclass('read.payments') IS NOT NULL THEN
        UPDATE sagas.provider_movements m SET matched = true
        FROM read.payments t
        WHERE m.kind = 'refund' AND m.payment_id = t.payment_id AND t.provider_refund = m.provider_id
          AND t.refund_status = 'completed' AND t.refund_target = 'card'
          AND (m.amount_minor IS NULL OR (m.amount_minor, m.currency) = (t.captured_minor, t.captured_currency));
    END IF;
END $$;
CREATE INDEX provider_movements_unmatched ON sagas.provider_movements (occurred_at) WHERE NOT matched;
CREATE INDEX provider_movements_payment ON sagas.provider_movements (provider_payment_id) WHERE kind = 'refund';

-- Sums of the movements that name an amount.
CREATE TABLE sagas.provider_sums (
    kind         text   NOT NULL,
    currency     text   NOT NULL,
    count        bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (kind, currency)
);
INSERT INTO sagas.provider_sums
SELECT kind, currency, count(*), sum(amount_minor)::bigint FROM sagas.provider_movements
WHERE amount_minor IS NOT NULL AND currency IS NOT NULL GROUP BY kind, currency;
