-- Accounts that an administrator has closed.
ALTER TABLE accounts ADD COLUMN disabled boolean NOT NULL DEFAULT false;
