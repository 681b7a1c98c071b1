-- The role ticketshow_reader may read the tables of a schema: for the logins of services that only read. A user who may not
-- create roles leaves that to the administrator of the database.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ticketshow_reader') THEN
        CREATE ROLE ticketshow_reader NOLOGIN;
    END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
    NULL;
END $$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ticketshow_reader') THEN
        GRANT USAGE ON SCHEMA {schema} TO ticketshow_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ticketshow_reader;
    END IF;
END $$;
