-- Credits to wallets by administrators.
CREATE TABLE credits (
    customer_id  uuid        NOT NULL,
    credit_id    uuid        NOT NULL,
    amount_minor bigint      NOT NULL,
    currency     text        NOT NULL,
    reason       text,
    -- pending, given
    status       text        NOT NULL,
    -- Who proposed it, or gave it without a proposal. Null for one that a saga or an import made.
    made_by      uuid,
    created_at   timestamptz NOT NULL,
    -- Who gave or approved it; null as long as it is pending.
    given_by     uuid,
    PRIMARY KEY (customer_id, credit_id)
);
CREATE INDEX credits_pending ON credits (created_at DESC, credit_id) WHERE status = 'pending';
-- What an administrator gave alone in a day.
CREATE INDEX credits_given ON credits (given_by, created_at) WHERE given_by = made_by;
CREATE INDEX credits_created ON credits (created_at DESC, credit_id);
