-- Bookings by status. Of confirmed ones there are so many that the newest bookings contain enough of them.
CREATE INDEX bookings_status ON bookings (status, created_at DESC, booking_id) WHERE status <> 'confirmed';

-- Sales of all time, as a third span beside day and month: a report without a period reads one row per line.
INSERT INTO sales (span, day, show_id, venue_id, currency, bookings, seats, sold_minor, bookings_refunded, seats_refunded,
                   refunded_minor)
SELECT 'ever', '0001-01-01', show_id, venue_id, currency, sum(bookings), sum(seats), sum(sold_minor), sum(bookings_refunded),
       sum(seats_refunded), sum(refunded_minor)
FROM sales WHERE span = 'month' GROUP BY show_id, venue_id, currency;
CREATE INDEX sales_ever ON sales (span) WHERE span = 'ever';
