-- Where each show can still be booked, and the indexes of the catalogue's lists. A screening is over without an event, so the
-- tables hold times to compare with the current one.

-- The last start of a show in a city: it can be booked there until then.
CREATE TABLE city_shows (
    show_id    uuid        NOT NULL,
    city       text        NOT NULL,
    last_start timestamptz NOT NULL,
    PRIMARY KEY (show_id, city)
);
CREATE INDEX city_shows_city ON city_shows (lower(city), last_start);

-- How many shows have their last start in a city on a day (UTC), so that those to come are counted by day and not by show.
CREATE TABLE city_days (
    city  text    NOT NULL,
    day   date    NOT NULL,
    shows integer NOT NULL,
    PRIMARY KEY (city, day)
);

-- A constraint, because the projection needs this index while a rebuild goes without those that only readers need.
ALTER TABLE screenings ADD CONSTRAINT screenings_played UNIQUE (show_id, city, status, starts_at, screening_id);
CREATE INDEX screenings_city ON screenings (lower(city), starts_at, screening_id);

CREATE OR REPLACE FUNCTION public.lower_each(words text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(lower(word)), '{}') FROM unnest(words) AS word
$$;
ALTER TABLE shows ADD COLUMN lower_genres text[] NOT NULL GENERATED ALWAYS AS (public.lower_each(genres)) STORED;
CREATE INDEX shows_genres ON shows USING gin (lower_genres);
CREATE INDEX shows_title ON shows (title, show_id);
CREATE INDEX shows_language ON shows (lower(language), title, show_id);
CREATE INDEX venues_name ON venues (name, venue_id);
CREATE INDEX venues_city ON venues (lower(city), name, venue_id);
