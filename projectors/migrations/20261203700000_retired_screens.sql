-- Screens that are out of use, and time for cleaning after each screening.

ALTER TABLE screens ADD COLUMN turnaround_minutes integer NOT NULL DEFAULT 0;
-- active or retired
ALTER TABLE screens ADD COLUMN status text NOT NULL DEFAULT 'active';
