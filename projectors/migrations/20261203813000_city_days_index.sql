-- The shows of a city on one day: three days of the city's screenings were read for it, row by row.
CREATE INDEX screenings_city_day ON screenings (city_key, local_date, starts_at) INCLUDE (show_id) WHERE status = 'active';
