-- Language in which the person of an account is written to; null is none chosen.
ALTER TABLE accounts ADD COLUMN language text;
