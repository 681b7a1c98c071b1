-- Who admitted each guest, and on which device, by seat; and admissions by doors without a network whose tickets were used before,
-- or void.
ALTER TABLE bookings ADD COLUMN admissions jsonb NOT NULL DEFAULT '{}';
ALTER TABLE bookings ADD COLUMN conflicts jsonb NOT NULL DEFAULT '[]';
