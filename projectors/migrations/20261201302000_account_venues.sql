-- Venues that the role of an account is granted for; null is all of them.
ALTER TABLE accounts ADD COLUMN venues jsonb;
