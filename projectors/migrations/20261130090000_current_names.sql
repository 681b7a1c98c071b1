-- Names of shows, venues and screens as they are now, on everything scheduled; one city under all its spellings; lists
-- sorted as people sort; and the folding of `ticketshow-domain` for search. A later change of that folding needs another
-- migration, even an empty one: then the tables are rebuilt.

-- Letter case and accents come after letters, and numbers count as numbers. A server without ICU sorts by bytes.
DO $$
BEGIN
    CREATE COLLATION IF NOT EXISTS public.as_people_sort (provider = icu, locale = 'und-u-kn-true');
EXCEPTION WHEN feature_not_supported THEN
    CREATE COLLATION IF NOT EXISTS public.as_people_sort FROM "C";
END
$$;

-- Texts folded by the projection, as in the search index, instead of by `search_fold`.
ALTER TABLE shows
    ALTER COLUMN search_title  DROP EXPRESSION, ALTER COLUMN search_title  SET DEFAULT '',
    ALTER COLUMN search_people DROP EXPRESSION, ALTER COLUMN search_people SET DEFAULT '',
    ALTER COLUMN search_kind   DROP EXPRESSION, ALTER COLUMN search_kind   SET DEFAULT '',
    DROP COLUMN search_prose;
ALTER TABLE shows
    ADD COLUMN search_description text NOT NULL DEFAULT '',
    -- Every word by which the title is found, and how its words sound.
    ADD COLUMN search_terms  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN search_sounds text[] NOT NULL DEFAULT '{}';
ALTER TABLE shows ADD COLUMN search_prose tsvector NOT NULL GENERATED ALWAYS AS
    (array_to_tsvector(string_to_array(search_description, ' '))) STORED;
CREATE INDEX shows_search_prose ON shows USING gin (search_prose);
CREATE INDEX shows_search_terms ON shows USING gin (search_terms);
CREATE INDEX shows_search_sounds ON shows USING gin (search_sounds);
ALTER TABLE venues
    ALTER COLUMN search_name    DROP EXPRESSION, ALTER COLUMN search_name    SET DEFAULT '',
    ALTER COLUMN search_address DROP EXPRESSION, ALTER COLUMN search_address SET DEFAULT '',
    ADD COLUMN search_terms  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN search_sounds text[] NOT NULL DEFAULT '{}';
CREATE INDEX venues_search_terms ON venues USING gin (search_terms);
CREATE INDEX venues_search_sounds ON venues USING gin (search_sounds);

ALTER TABLE shows ALTER COLUMN title TYPE text COLLATE public.as_people_sort;
ALTER TABLE venues ALTER COLUMN name TYPE text COLLATE public.as_people_sort;
ALTER TABLE screens ALTER COLUMN name TYPE text COLLATE public.as_people_sort;

-- The names in `screenings` are the current ones; times, prices and seats are those of the promise.
ALTER TABLE screenings ALTER COLUMN show_title TYPE text COLLATE public.as_people_sort;
ALTER TABLE screenings ALTER COLUMN venue_name TYPE text COLLATE public.as_people_sort;
ALTER TABLE screenings ALTER COLUMN screen_name TYPE text COLLATE public.as_people_sort;

-- Equal for all names and spellings of a city.
ALTER TABLE venues ADD COLUMN city_key text NOT NULL DEFAULT '';
ALTER TABLE screenings ADD COLUMN city_key text NOT NULL DEFAULT '';
DROP INDEX venues_city;
CREATE INDEX venues_city ON venues (city_key, name, venue_id);
DROP INDEX screenings_city;
CREATE INDEX screenings_city ON screenings (city_key, starts_at, screening_id);
ALTER TABLE screenings DROP CONSTRAINT screenings_played;
ALTER TABLE screenings ADD CONSTRAINT screenings_played UNIQUE (show_id, city_key, status, starts_at, screening_id);

-- `city` in both is the key.
DROP INDEX city_shows_city;
CREATE INDEX city_shows_city ON city_shows (city, last_start);

-- Cities that have or had a venue.
CREATE TABLE cities (
    city_key text    PRIMARY KEY,
    -- As most of its venues spell it.
    name     text    COLLATE public.as_people_sort NOT NULL,
    -- Number of active venues.
    venues   integer NOT NULL
);
CREATE INDEX cities_name ON cities (name, city_key) WHERE venues > 0;
