-- Accounts whose person was erased: the word `erased` stands in place of their texts, and no account key leads to them.
ALTER TABLE accounts ADD COLUMN erased boolean NOT NULL DEFAULT false;
