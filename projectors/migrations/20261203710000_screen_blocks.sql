-- Seats that a screen keeps back in all its screenings.
CREATE TABLE screen_blocks (
    block_id    uuid        PRIMARY KEY,
    screen_id   uuid        NOT NULL,
    seats       text[]      NOT NULL,
    reason      text        NOT NULL,
    created_by  uuid        NOT NULL,
    created_at  timestamptz NOT NULL,
    -- Null while the seats are kept back.
    released_at timestamptz,
    position    bigint      NOT NULL
);
CREATE INDEX screen_blocks_screen ON screen_blocks (screen_id, created_at, block_id) WHERE released_at IS NULL;
-- The block of the screen that a block of a screening follows; null if it follows none.
ALTER TABLE blocks ADD COLUMN screen_block_id uuid;
-- Seats that others have, which are kept back once they are free.
ALTER TABLE blocks ADD COLUMN awaited text[] NOT NULL DEFAULT '{}';
CREATE INDEX blocks_of_screens ON blocks (screen_block_id) WHERE screen_block_id IS NOT NULL AND released_at IS NULL;
-- Seats that the screening of a draft keeps back from its beginning.
ALTER TABLE drafts ADD COLUMN blocks jsonb NOT NULL DEFAULT '[]';
