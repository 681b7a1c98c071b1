-- Parts of e-mail addresses and names, for administrators.
CREATE INDEX accounts_email ON accounts USING gin (lower(email) public.gin_trgm_ops);
CREATE INDEX accounts_name ON accounts USING gin (lower(name) public.gin_trgm_ops);
CREATE INDEX accounts_created ON accounts (created_at DESC, user_id DESC);
