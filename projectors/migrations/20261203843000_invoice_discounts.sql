-- The promotion that the discounts in `lines` come from; null without one.
ALTER TABLE invoices ADD COLUMN promotion_id uuid;
