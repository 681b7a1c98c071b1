-- Mails are looked up by the whole address, newest buyers first; staff search by parts of address and name. One search asks for all of
-- address, name and telephone number, so each needs its index.
CREATE INDEX buyers_email ON buyers (email, position DESC) WHERE email IS NOT NULL;
CREATE INDEX buyers_email_parts ON buyers USING gin (lower(email) public.gin_trgm_ops);
CREATE INDEX buyers_name_parts ON buyers USING gin (lower(name) public.gin_trgm_ops);
