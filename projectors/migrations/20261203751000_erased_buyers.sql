-- Bookings at the counter whose buyer without an account was erased. Before, it could only be guessed from what was left.
ALTER TABLE bookings ADD COLUMN buyer_erased boolean NOT NULL DEFAULT false;
UPDATE bookings b SET buyer_erased = true
WHERE b.customer_id = b.booking_id
  AND (EXISTS (SELECT FROM buyers w WHERE w.user_id = b.booking_id AND 'erased' IN (w.name, w.email, w.phone))
       OR EXISTS (SELECT FROM booking_notes n WHERE n.booking_id = b.booking_id AND n.text = 'erased'));
