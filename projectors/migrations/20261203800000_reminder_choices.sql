-- Addresses that chose about reminders; without a row they are on.
CREATE TABLE reminder_choices (
    account_key text    PRIMARY KEY,
    wanted      boolean NOT NULL
);
