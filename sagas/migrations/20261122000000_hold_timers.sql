-- The screenings that have an armed timer and when it is due, so that all can be armed again when the saga starts.
CREATE TABLE sagas.hold_timers (
    screening uuid        PRIMARY KEY,
    due_at    timestamptz NOT NULL
);
