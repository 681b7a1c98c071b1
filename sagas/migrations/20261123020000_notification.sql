-- Mails need to know whose account a user has: events name users, accounts are kept under another key.
CREATE TABLE sagas.recipients (
    user_id     uuid PRIMARY KEY,
    account_key text NOT NULL
);

-- One row: up to which position of the log the table above is complete.
CREATE TABLE sagas.recipients_read (
    position bigint NOT NULL
);
INSERT INTO sagas.recipients_read (position) VALUES (0);

-- One row, once mails were first wanted: nobody is told of anything older.
CREATE TABLE sagas.notification (
    since timestamptz NOT NULL
);
CREATE UNIQUE INDEX notification_one_row ON sagas.notification ((true));
