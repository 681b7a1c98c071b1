-- Titles of the shows of a city or a day, without their rows.

CREATE INDEX shows_keys ON shows (show_id) INCLUDE (title, status);
