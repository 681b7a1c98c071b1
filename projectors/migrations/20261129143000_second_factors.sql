-- Accounts whose sign-in needs a second factor.
ALTER TABLE accounts ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
