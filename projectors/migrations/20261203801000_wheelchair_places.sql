-- Places in line of those who wait for a wheelchair place.
ALTER TABLE waiting_places ADD COLUMN wheelchair boolean NOT NULL DEFAULT false;
