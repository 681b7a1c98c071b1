-- Screenings that customers do not see yet.
CREATE TABLE drafts (
    screening_id uuid        PRIMARY KEY,
    screen_id    uuid        NOT NULL,
    venue_id     uuid        NOT NULL,
    show_id      uuid        NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    -- Null if staff publish it.
    publish_at   timestamptz,
    prices       jsonb       NOT NULL,
    currency     text        NOT NULL,
    terms        jsonb       NOT NULL,
    -- draft, published or discarded
    status       text        NOT NULL,
    position     bigint      NOT NULL
);
CREATE INDEX drafts_venue ON drafts (venue_id, starts_at, screening_id) WHERE status = 'draft';
