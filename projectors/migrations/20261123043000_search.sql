-- What search needs: people of shows, folded texts to compare with, and what of the catalogue changed when. The extensions
-- and the folding belong to no schema of read models, so that they outlive the swap of a rebuild.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- Lower case, without accents and punctuation, words one blank apart. Of scripts other than Latin, Greek and Cyrillic every
-- letter and sign stays.
CREATE OR REPLACE FUNCTION public.search_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, words)), '[''’]s\M', 's', 'g'),
        '[][\s!-/:-@\\^_`{-~’‘“”–—…·]+', ' ', 'g'))
$$;
CREATE OR REPLACE FUNCTION public.search_fold(words text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(public.search_fold(word), ' '), '') FROM unnest(words) AS word
$$;

-- Cast and direction, the best known first.
ALTER TABLE shows ADD COLUMN people text[] NOT NULL DEFAULT '{}';
ALTER TABLE shows
    ADD COLUMN search_title  text NOT NULL GENERATED ALWAYS AS (public.search_fold(title)) STORED,
    ADD COLUMN search_people text NOT NULL GENERATED ALWAYS AS (public.search_fold(people)) STORED,
    -- Language and genres.
    ADD COLUMN search_kind   text NOT NULL GENERATED ALWAYS AS
        (public.search_fold(language) || ' ' || public.search_fold(genres)) STORED,
    ADD COLUMN search_prose  tsvector NOT NULL GENERATED ALWAYS AS
        (to_tsvector('pg_catalog.simple'::regconfig, public.search_fold(description))) STORED;
CREATE INDEX shows_search_title ON shows USING gin (search_title public.gin_trgm_ops);
CREATE INDEX shows_search_people ON shows USING gin (search_people public.gin_trgm_ops);
CREATE INDEX shows_search_kind ON shows USING gin (search_kind public.gin_trgm_ops);
CREATE INDEX shows_search_prose ON shows USING gin (search_prose);

ALTER TABLE venues
    ADD COLUMN search_name    text NOT NULL GENERATED ALWAYS AS (public.search_fold(name)) STORED,
    ADD COLUMN search_address text NOT NULL GENERATED ALWAYS AS (public.search_fold(address)) STORED;
CREATE INDEX venues_search_name ON venues USING gin (search_name public.gin_trgm_ops);
CREATE INDEX venues_search_address ON venues USING gin (search_address public.gin_trgm_ops);

-- Which entries of the catalogue changed at which position, seats left out: what the search index follows.
CREATE TABLE catalogue_changes (
    -- show, venue
    kind     text   NOT NULL,
    id       uuid   NOT NULL,
    -- Of the last commit that changed what is said of it, or where a show plays.
    position bigint NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX catalogue_changes_position ON catalogue_changes (position);
