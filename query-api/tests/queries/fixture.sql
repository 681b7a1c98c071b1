-- A small chain of cinemas on 22 November 2026 at 10:00 UTC, as projections leave it at position 100.

UPDATE checkpoint SET position = 100;

-- These texts have nothing to fold but their letter case.
CREATE FUNCTION fold_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_title := lower(NEW.title);
    NEW.search_terms := string_to_array(NEW.search_title, ' ');
    NEW.search_people := lower(array_to_string(NEW.people, ' '));
    NEW.search_kind := lower(NEW.language || ' ' || array_to_string(NEW.genres, ' '));
    NEW.search_description := lower(replace(NEW.description, '.', ''));
    RETURN NEW;
END $$;
CREATE TRIGGER fold BEFORE INSERT OR UPDATE ON shows FOR EACH ROW EXECUTE FUNCTION fold_show();
CREATE FUNCTION fold_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.city_key := lower(NEW.city);
    NEW.search_name := lower(NEW.name);
    NEW.search_terms := string_to_array(NEW.search_name, ' ');
    NEW.search_address := lower(NEW.address);
    RETURN NEW;
END $$;
CREATE TRIGGER fold BEFORE INSERT OR UPDATE ON venues FOR EACH ROW EXECUTE FUNCTION fold_venue();
CREATE FUNCTION fold_screening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.city_key := lower(NEW.city);
    RETURN NEW;
END $$;
CREATE TRIGGER fold BEFORE INSERT OR UPDATE ON screenings FOR EACH ROW EXECUTE FUNCTION fold_screening();

INSERT INTO accounts (user_id, account_key, email, name, city, role, created_at) VALUES
    ('ac000000-0000-0000-0000-000000000001', 'a1', 'ada@example.com',  'Ada',  'Mumbai', 'customer', '2026-11-01T09:00:00Z'),
    ('ac000000-0000-0000-0000-000000000002', 'b2', 'bob@example.com',  'Bob',  NULL,     'customer', '2026-11-02T09:00:00Z'),
    ('ac000000-0000-0000-0000-000000000003', 'c3', 'carol@example.com', '100%', NULL,    'admin',    '2026-11-03T09:00:00Z');

INSERT INTO shows (show_id, title, description, duration_minutes, language, certificate, genres, people, poster_card, poster_full, status, created_at, position) VALUES
    ('50000000-0000-0000-0000-000000000001', 'Monsoon',   'Rain.',  120, 'Hindi',   'UA', '{Drama,Romance}', ARRAY['Zoya Rahman', 'Anil D''Souza'], 'shows/1-card.jpg', 'shows/1-full.jpg', 'active',    '2026-11-01T10:00:00Z', 1),
    ('50000000-0000-0000-0000-000000000002', 'Fog',       'Mist.',   90, 'English', NULL, '{Thriller}',      '{}', NULL, NULL, 'active',    '2026-11-01T10:00:00Z', 2),
    ('50000000-0000-0000-0000-000000000003', 'Cancelled', 'Gone.',   60, 'English', NULL, '{}',              '{}', NULL, NULL, 'cancelled', '2026-11-01T10:00:00Z', 3);

INSERT INTO venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position) VALUES
    ('7e000000-0000-0000-0000-000000000001', 'Rex',    '12 Lake Road',  'Mumbai', 'Asia/Kolkata',  '09:00', '02:00', 'active',   '2026-11-01T10:00:00Z', 4),
    ('7e000000-0000-0000-0000-000000000002', 'Globe',  '1 Thames Path', 'London', 'Europe/London', '10:00', '23:00', 'active',   '2026-11-01T10:00:00Z', 5),
    ('7e000000-0000-0000-0000-000000000003', 'Closed', '3 Dust Lane',   'Delhi',  'Asia/Kolkata',  '10:00', '23:00', 'inactive', '2026-11-01T10:00:00Z', 6);

INSERT INTO screens (screen_id, venue_id, name, layout, capacity, created_at, position) VALUES
    ('5c000000-0000-0000-0000-000000000001', '7e000000-0000-0000-0000-000000000001', 'Screen 1',
     '{"rows": [{"label": "A", "category": "gold", "seats": 2, "aisles_after": [1], "accessible": [1]},
                {"label": "B", "category": "silver", "seats": 2, "aisles_after": [], "accessible": []}]}',
     4, '2026-11-01T10:00:00Z', 7),
    ('5c000000-0000-0000-0000-000000000002', '7e000000-0000-0000-0000-000000000002', 'Pit',
     '{"rows": [{"label": "A", "category": "gold", "seats": 1, "aisles_after": [], "accessible": []}]}',
     1, '2026-11-01T10:00:00Z', 8),
    ('5c000000-0000-0000-0000-000000000003', '7e000000-0000-0000-0000-000000000002', 'Attic',
     '{"rows": [{"label": "A", "category": "gold", "seats": 1, "aisles_after": [], "accessible": []}]}',
     1, '2026-11-01T10:00:00Z', 9);
UPDATE screens SET turnaround_minutes = 15 WHERE name = 'Screen 1';
UPDATE screens SET status = 'retired' WHERE name = 'Attic';

-- One that can be booked in Mumbai, one after midnight there, one in London, one that is over, one cancelled.
INSERT INTO screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
                        starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status,
                        position) VALUES
    ('5e000000-0000-0000-0000-000000000001', '50000000-0000-0000-0000-000000000001', 'Monsoon',
     '7e000000-0000-0000-0000-000000000001', 'Rex', '5c000000-0000-0000-0000-000000000001', 'Screen 1', 'Mumbai',
     'Asia/Kolkata', '2026-11-23T13:00:00Z', '2026-11-23T15:00:00Z', '2026-11-23', '2026-11-23T11:00:00Z',
     '{"gold": 25000, "silver": 10000}', 'INR', 4, 1, 'active', 50),
    ('5e000000-0000-0000-0000-000000000002', '50000000-0000-0000-0000-000000000001', 'Monsoon',
     '7e000000-0000-0000-0000-000000000001', 'Rex', '5c000000-0000-0000-0000-000000000001', 'Screen 1', 'Mumbai',
     'Asia/Kolkata', '2026-11-23T19:00:00Z', '2026-11-23T21:00:00Z', '2026-11-24', '2026-11-23T17:00:00Z',
     '{"gold": 25000, "silver": 10000}', 'INR', 4, 4, 'active', 51),
    ('5e000000-0000-0000-0000-000000000003', '50000000-0000-0000-0000-000000000001', 'Monsoon',
     '7e000000-0000-0000-0000-000000000002', 'Globe', '5c000000-0000-0000-0000-000000000002', 'Pit', 'London',
     'Europe/London', '2026-11-24T18:00:00Z', '2026-11-24T20:00:00Z', '2026-11-24', '2026-11-24T16:00:00Z',
     '{"gold": 1500}', 'INR', 1, 1, 'active', 52),
    ('5e000000-0000-0000-0000-000000000004', '50000000-0000-0000-0000-000000000002', 'Fog',
     '7e000000-0000-0000-0000-000000000002', 'Globe', '5c000000-0000-0000-0000-000000000002', 'Pit', 'London',
     'Europe/London', '2026-11-20T18:00:00Z', '2026-11-20T19:30:00Z', '2026-11-20', '2026-11-20T16:00:00Z',
     '{"gold": 1500}', 'INR', 1, 0, 'active', 53),
    ('5e000000-0000-0000-0000-000000000005', '50000000-0000-0000-0000-000000000003', 'Cancelled',
     '7e000000-0000-0000-0000-000000000002', 'Globe', '5c000000-0000-0000-0000-000000000002', 'Pit', 'London',
     'Europe/London', '2026-11-25T18:00:00Z', '2026-11-25T19:00:00Z', '2026-11-25', '2026-11-25T16:00:00Z',
     '{"gold": 1500}', 'INR', 1, 1, 'cancelled', 54);

INSERT INTO city_shows (show_id, city, last_start)
SELECT show_id, city_key, max(starts_at) FROM screenings WHERE status = 'active' GROUP BY show_id, city_key;
INSERT INTO cities (city_key, name, venues)
SELECT city_key, min(city), count(*) FILTER (WHERE status = 'active') FROM venues GROUP BY city_key;
INSERT INTO city_days (city, day, shows)
SELECT city, (last_start AT TIME ZONE 'UTC')::date, count(*) FROM city_shows GROUP BY 1, 2;

INSERT INTO seat_maps (screening_id, layout, prices, currency, position)
SELECT p.screening_id, s.layout, p.prices, p.currency, p.position
FROM screenings p JOIN screens s USING (screen_id);
INSERT INTO seat_map_chunks (screening_id, chunk, states)
SELECT screening_id, 0, decode(repeat('00', capacity), 'hex') FROM screenings;
-- A-1 is held by Ada, A-2 sold to Ada, B-1 sold to Bob.
UPDATE seat_map_chunks SET states = '\x01020200' WHERE screening_id = '5e000000-0000-0000-0000-000000000001';

-- Ada holds A-1, paid A-2 from her wallet, and cancelled another paid one. Bob paid B-1 by card; another card payment of
-- his came when his hold had lapsed, and goes back.
INSERT INTO bookings (booking_id, screening_id, customer_id, status, booking_status, claim, seats, amount_minor, currency,
                      held_until, payment_id, confirmed_at, ticket_codes, checked_in, cancelled_by, cancel_reason,
                      created_at, position) VALUES
    ('b0000000-0000-0000-0000-000000000001', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     'held', NULL, 'held', '{A-1}', 25000, 'INR', '2026-11-22T10:05:00Z', NULL, NULL, '{}', 0, NULL, NULL,
     '2026-11-22T09:57:00Z', 90),
    ('b0000000-0000-0000-0000-000000000002', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     'confirmed', 'confirmed', 'sold', '{A-2}', 25000, 'INR', '2026-11-21T10:08:00Z',
     'fa000000-0000-0000-0000-000000000001', '2026-11-21T10:00:01Z', '{code-of-a-2}', 0, NULL, NULL,
     '2026-11-21T10:00:00Z', 80),
    ('b0000000-0000-0000-0000-000000000003', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000002',
     'confirmed', 'confirmed', 'sold', '{B-1}', 10000, 'INR', '2026-11-21T11:08:00Z',
     'fa000000-0000-0000-0000-000000000002', '2026-11-21T19:00:01Z', '{code-of-b-1}', 0, NULL, NULL,
     '2026-11-21T11:00:00Z', 81),
    ('b0000000-0000-0000-0000-000000000004', '5e000000-0000-0000-0000-000000000004', 'ac000000-0000-0000-0000-000000000001',
     'refunded', 'refunded', 'cancelled', '{A-1}', 1500, 'INR', '2026-11-19T10:08:00Z',
     'fa000000-0000-0000-0000-000000000003', '2026-11-19T10:00:01Z', '{code-of-old}', 0, 'customer', NULL,
     '2026-11-19T10:00:00Z', 70),
    ('b0000000-0000-0000-0000-000000000005', '5e000000-0000-0000-0000-000000000004', 'ac000000-0000-0000-0000-000000000002',
     'expired', 'expired', 'given_up', '{A-1}', 1500, 'INR', '2026-11-19T09:08:00Z', NULL, NULL, '{}', 0, NULL, NULL,
     '2026-11-19T09:00:00Z', 69);

-- Ada's top-up waits for her at the provider's page.
INSERT INTO payments (payment_id, booking_id, customer_id, method, status, failure_reason, amount_minor, currency,
                      checkout_url, checkout_until, captured_minor, captured_currency, captured_at, provider_payment,
                      refund_status, refund_target, refund_reason, provider_refund, refund_requested_at, refunded_at,
                      created_at, position) VALUES
    ('fa000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000002', 'ac000000-0000-0000-0000-000000000001',
     'wallet', 'captured', NULL, 25000, 'INR', NULL, NULL, 25000, 'INR', '2026-11-21T10:00:00Z', NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-21T10:00:00Z', 80),
    ('fa000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000003', 'ac000000-0000-0000-0000-000000000002',
     'card', 'captured', NULL, 10000, 'INR', 'https://pay.example/2', '2026-11-21T11:18:00Z', 10000, 'INR',
     '2026-11-21T19:00:00Z', 'pay_2', NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-21T11:00:00Z', 81),
    ('fa000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000004', 'ac000000-0000-0000-0000-000000000001',
     'wallet', 'refunded', NULL, 1500, 'INR', NULL, NULL, 1500, 'INR', '2026-11-19T10:00:00Z', NULL,
     'completed', 'wallet', 'cancelled_by_customer', NULL, '2026-11-19T10:59:00Z', '2026-11-19T11:00:00Z',
     '2026-11-19T10:00:00Z', 70),
    ('fa000000-0000-0000-0000-000000000004', NULL, 'ac000000-0000-0000-0000-000000000001',
     'card', 'pending', NULL, 50000, 'INR', 'https://pay.example/4', '2026-11-22T10:20:00Z', NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-22T09:50:00Z', 89),
    ('fa000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000005', 'ac000000-0000-0000-0000-000000000002',
     'card', 'refunding', 'seats_gone', 1500, 'INR', 'https://pay.example/5', '2026-11-19T09:18:00Z', 1500, 'INR',
     '2026-11-19T09:30:00Z', 'pay_5', 'submitted', 'card', 'seats_gone', 'ref_5', '2026-11-19T09:30:01Z', NULL,
     '2026-11-19T09:01:00Z', 71);

INSERT INTO wallets (customer_id, balance_minor, currency, position) VALUES
    ('ac000000-0000-0000-0000-000000000001', 75000, 'INR', 80);
INSERT INTO wallet_entries (customer_id, version, reference, kind, amount_minor, balance_after_minor, currency, booking_id,
                            reason, created_at) VALUES
    ('ac000000-0000-0000-0000-000000000001', 1, 'credit:1', 'credit', 100000, 100000, 'INR', NULL, 'welcome',
     '2026-11-18T10:00:00Z'),
    ('ac000000-0000-0000-0000-000000000001', 2, 'payment:fa000000-0000-0000-0000-000000000003', 'payment', -1500, 98500, 'INR',
     'b0000000-0000-0000-0000-000000000004', NULL, '2026-11-19T10:00:00Z'),
    ('ac000000-0000-0000-0000-000000000001', 3, 'refund:fa000000-0000-0000-0000-000000000003', 'refund', 1500, 100000, 'INR',
     'b0000000-0000-0000-0000-000000000004', NULL, '2026-11-19T11:00:00Z'),
    ('ac000000-0000-0000-0000-000000000001', 4, 'payment:fa000000-0000-0000-0000-000000000001', 'payment', -25000, 75000, 'INR',
     'b0000000-0000-0000-0000-000000000002', NULL, '2026-11-21T10:00:00Z');

UPDATE wallets SET ledger_minor = 75000;
UPDATE payments SET confirmed_minor = 25000, debited_minor = 25000 WHERE payment_id = 'fa000000-0000-0000-0000-000000000001';
UPDATE payments SET confirmed_minor = 10000 WHERE payment_id = 'fa000000-0000-0000-0000-000000000002';
UPDATE payments SET confirmed_minor = 1500, debited_minor = 1500, credited_minor = 1500
WHERE payment_id = 'fa000000-0000-0000-0000-000000000003';
INSERT INTO money_sums (total, part, currency, count, amount_minor) VALUES
    ('captured', 'card', 'INR', 2, 11500), ('captured', 'wallet', 'INR', 2, 26500), ('refunded', 'wallet', 'INR', 1, 1500),
    ('refunded', 'card', 'INR', 0, 0),
    ('wallet_movements', 'credit', 'INR', 1, 100000), ('wallet_movements', 'payment', 'INR', 2, -26500),
    ('wallet_movements', 'refund', 'INR', 1, 1500), ('wallet_balance', 'wallets', 'INR', 1, 75000);

-- Ada's old booking was sold and refunded on the 19th; her other one was sold on the 21st, and Bob's on the 22nd in Mumbai.
INSERT INTO sales (span, day, show_id, venue_id, currency, bookings, seats, sold_minor, bookings_refunded, seats_refunded,
                   refunded_minor)
SELECT span, CASE span WHEN 'ever' THEN '0001-01-01' ELSE date_trunc(span, lines.day)::date END, COALESCE(show_id, '00000000-0000-0000-0000-000000000000'),
       COALESCE(venue_id, '00000000-0000-0000-0000-000000000000'), 'INR', count(*), count(*), sum(sold),
       count(*) FILTER (WHERE refunded > 0), count(*) FILTER (WHERE refunded > 0), sum(refunded)
FROM (VALUES ('2026-11-19'::date, '5e000000-0000-0000-0000-000000000004'::uuid, 1500, 1500),
             ('2026-11-21', '5e000000-0000-0000-0000-000000000001', 25000, 0),
             ('2026-11-22', '5e000000-0000-0000-0000-000000000001', 10000, 0)) AS lines (day, screening_id, sold, refunded)
JOIN screenings USING (screening_id)
CROSS JOIN (VALUES ('day'), ('month'), ('ever')) AS spans (span)
GROUP BY GROUPING SETS ((1, 2), (1, 2, show_id), (1, 2, venue_id), (1, 2, show_id, venue_id));

-- Ada shares her ticket: by two links, of which she ended one. A third was for a seat that she has given back since.
INSERT INTO ticket_shares (share_id, booking_id, seat, created_at, ended_at, position) VALUES
    ('5a000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000002', 'A-2', '2026-11-22T08:00:00Z', NULL, 91),
    ('5a000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000002', 'A-2', '2026-11-22T08:01:00Z',
     '2026-11-22T08:02:00Z', 93),
    ('5a000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000002', 'A-3', '2026-11-22T08:03:00Z', NULL, 94);

-- Bob, then Ada wait for the first screening. She has left another place, was offered the seat that she holds and one that she has
-- bought since, and waited for a screening that was cancelled.
INSERT INTO waiting_places (place_id, screening_id, customer_id, number, seats, categories, created_at, booking_id, left_at, position) VALUES
    ('9a000000-0000-0000-0000-000000000001', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000002',
     0, 2, '{}', '2026-11-22T08:00:00Z', NULL, NULL, 95),
    ('9a000000-0000-0000-0000-000000000002', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     2, 1, '{gold}', '2026-11-22T08:10:00Z', NULL, NULL, 96),
    ('9a000000-0000-0000-0000-000000000003', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     1, 1, '{}', '2026-11-22T08:05:00Z', NULL, '2026-11-22T08:06:00Z', 97),
    ('9a000000-0000-0000-0000-000000000004', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     3, 1, '{}', '2026-11-22T08:20:00Z', 'b0000000-0000-0000-0000-000000000001', NULL, 98),
    ('9a000000-0000-0000-0000-000000000005', '5e000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
     4, 1, '{}', '2026-11-22T08:30:00Z', 'b0000000-0000-0000-0000-000000000002', NULL, 99),
    ('9a000000-0000-0000-0000-000000000006', '5e000000-0000-0000-0000-000000000005', 'ac000000-0000-0000-0000-000000000001',
     0, 1, '{}', '2026-11-22T08:40:00Z', NULL, NULL, 100);
