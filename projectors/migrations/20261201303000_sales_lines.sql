-- What the seats of a booking cost by category: an array of {category, seats, minor}. Null until it is opened.
ALTER TABLE bookings ADD COLUMN lines jsonb;
-- Sales and refunds per day and hour at the venue, by show, venue and way of payment, at two levels: whole bookings, and the seats of
-- one category. The empty category and ticket type stand for whole bookings.
CREATE TABLE sales_lines (
    day               date     NOT NULL,
    hour              smallint NOT NULL,
    show_id           uuid     NOT NULL,
    venue_id          uuid     NOT NULL,
    category          text     NOT NULL,
    ticket_type       text     NOT NULL,
    -- Way of payment of the booking.
    method            text     NOT NULL,
    currency          text     NOT NULL,
    bookings          bigint   NOT NULL,
    seats             bigint   NOT NULL,
    sold_minor        bigint   NOT NULL,
    bookings_refunded bigint   NOT NULL,
    seats_refunded    bigint   NOT NULL,
    refunded_minor    bigint   NOT NULL,
    PRIMARY KEY (day, hour, show_id, venue_id, category, ticket_type, method, currency)
) WITH (fillfactor = 70);
CREATE INDEX sales_lines_venue ON sales_lines (venue_id, day);
