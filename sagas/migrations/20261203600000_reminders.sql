-- The timers of screenings remind their guests, too: those with paid seats need one, although none of their holds can lapse. All screenings of
-- the log get one at the next start, which finds out what is due.
UPDATE sagas.hold_watch SET complete = false;
