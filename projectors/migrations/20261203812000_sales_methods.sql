-- The difference of a move, and what is returned of it, count for their own way of payment.
COMMENT ON COLUMN sales_lines.method IS 'Way of payment of the amount, which may be that of a difference';
