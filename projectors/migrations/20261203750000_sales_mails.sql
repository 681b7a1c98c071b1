-- Those who want sales by mail each morning.
ALTER TABLE accounts ADD COLUMN sales_mail boolean NOT NULL DEFAULT false;
CREATE INDEX accounts_sales_mail ON accounts (user_id) WHERE sales_mail;
