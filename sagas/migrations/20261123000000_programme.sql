-- What the cascade saga knows of the catalogue, written in the order of the log: one row tells how far.
CREATE TABLE sagas.programme (
    position bigint NOT NULL
);
INSERT INTO sagas.programme (position) VALUES (0);

-- Every screening that was ever scheduled, and at which position of the log.
CREATE TABLE sagas.programme_screenings (
    screening uuid        PRIMARY KEY,
    screen    uuid        NOT NULL,
    show      uuid        NOT NULL,
    venue     uuid        NOT NULL,
    starts_at timestamptz NOT NULL,
    position  bigint      NOT NULL
);
CREATE INDEX programme_screenings_show ON sagas.programme_screenings (show);
CREATE INDEX programme_screenings_venue ON sagas.programme_screenings (venue);

-- Shows that were cancelled; venues that were closed, or opened again (then without a cascade).
CREATE TABLE sagas.programme_closures (
    house      uuid        NOT NULL,
    position   bigint      NOT NULL,
    cascade    uuid,
    reason     text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (house, position)
);
