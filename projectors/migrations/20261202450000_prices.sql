-- Ticket types, fee, tax and cancellation of a screening.
ALTER TABLE screenings ADD COLUMN terms jsonb NOT NULL DEFAULT '{}';
-- Prices by category and ticket type, where there are several.
ALTER TABLE seat_maps ADD COLUMN type_prices jsonb NOT NULL DEFAULT '{}';
-- Prices of the seats of a booking, those that were given back included: an array of {seat, category, price_minor, ticket_type,
-- discount_minor}. Null for a booking of an older version. It replaces the column lines, which is written no more.
ALTER TABLE bookings ADD COLUMN priced_seats jsonb;
-- Fee and tax of the booking; null as above.
ALTER TABLE bookings ADD COLUMN charges jsonb;
