-- The screenings that have an armed timer and when it is due, so that all can be armed again when the saga starts.
CREATE TABLE sagas.hold_timers (
    screening uuid        PRIMARY KEY,
    due_at    timestamptz NOT NULL
);

-- One row: whether the table above knows of everything that the log holds. A new database beside an old log does not, as
-- the commits in between were acknowledged to somebody else.
CREATE TABLE sagas.hold_watch (
    complete boolean NOT NULL
);
INSERT INTO sagas.hold_watch (complete) VALUES (false);
