-- Disputes: the customer's bank demands the money of a payment back.
-- open, won (the money stays with the house), lost (the bank took it); null if there is none.
ALTER TABLE payments ADD COLUMN dispute_status text;
