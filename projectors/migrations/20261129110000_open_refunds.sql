-- Refunds under way: reconciliation sums them, and lists the old ones.
CREATE INDEX payments_refunding ON payments (refund_requested_at, payment_id) WHERE refund_status <> 'completed';
