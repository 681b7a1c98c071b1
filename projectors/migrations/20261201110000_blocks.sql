-- House seats: kept back from sale until they are released.
CREATE TABLE blocks (
    block_id     uuid        PRIMARY KEY,
    screening_id uuid        NOT NULL,
    -- Those that are still kept back.
    seats        text[]      NOT NULL,
    reason       text        NOT NULL,
    release_at   timestamptz,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Null while any of its seats is blocked.
    released_at  timestamptz,
    position     bigint      NOT NULL
);
CREATE INDEX blocks_screening ON blocks (screening_id) WHERE released_at IS NULL;
