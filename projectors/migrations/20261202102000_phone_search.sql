-- Digits of telephone numbers, however they were written, for the search of staff.
CREATE INDEX buyers_phone ON buyers USING gin (regexp_replace(phone, '[^0-9]', '', 'g') public.gin_trgm_ops);
