-- What follows from cancelling a show, closing a venue or calling off a screening, and how far it has come.
CREATE TABLE cascades (
    cascade_id         uuid        PRIMARY KEY,
    -- show, venue, screening; and its id.
    kind               text        NOT NULL,
    subject_id         uuid        NOT NULL,
    reason             text,
    started_at         timestamptz NOT NULL,
    -- Whether all screenings that there were are off their calendars.
    spread             boolean     NOT NULL,
    screenings         integer     NOT NULL,
    -- Those of which nobody has a seat any more.
    screenings_cleared integer     NOT NULL,
    -- Bookings that had seats when their screening was cancelled.
    total              integer     NOT NULL,
    -- Those that the house cancelled: some end by themselves before.
    cancelled          integer     NOT NULL,
    refunds_due        integer     NOT NULL,
    refunded           integer     NOT NULL,
    -- Of its last event.
    changed_at         timestamptz NOT NULL,
    finished_at        timestamptz GENERATED ALWAYS AS (
        CASE WHEN spread AND screenings_cleared = screenings AND refunded = refunds_due THEN changed_at END
    ) STORED,
    position           bigint      NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX cascades_started ON cascades (started_at DESC, cascade_id);
