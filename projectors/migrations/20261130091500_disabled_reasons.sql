-- Why an administrator has closed an account.
ALTER TABLE accounts ADD COLUMN disabled_reason text;
