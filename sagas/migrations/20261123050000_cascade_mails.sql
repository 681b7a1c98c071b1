-- Whose owners were told that the house cancelled: one row a cascade and booking, once the mail server took the mail.
CREATE TABLE sagas.cascade_mails (
    cascade_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    PRIMARY KEY (cascade_id, booking_id)
);
