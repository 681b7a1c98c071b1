-- The application owns its database and is no superuser. Databases of older versions belong to the superuser.
DO $$
DECLARE
    item record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ticketshow_app') THEN
        CREATE ROLE ticketshow_app LOGIN;
    END IF;
    -- Kept by the superuser, because the application may not create roles.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ticketshow_reader') THEN
        CREATE ROLE ticketshow_reader NOLOGIN;
    END IF;
    ALTER DATABASE ticketshow OWNER TO ticketshow_app;
    FOR item IN
        SELECT nspname FROM pg_namespace
        WHERE nspowner = 'ticketshow'::regrole AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO ticketshow_app', item.nspname);
    END LOOP;
    FOR item IN
        SELECT relation.oid::regclass AS name
        FROM pg_class AS relation
        JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
        WHERE relation.relowner = 'ticketshow'::regrole
          AND relation.relkind IN ('r', 'p', 'v', 'm')
          AND schema.nspname NOT LIKE 'pg\_%' AND schema.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = relation.oid AND deptype = 'e')
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO ticketshow_app', item.name);
    END LOOP;
    FOR item IN
        SELECT routine.oid::regprocedure AS name
        FROM pg_proc AS routine
        JOIN pg_namespace AS schema ON schema.oid = routine.pronamespace
        WHERE routine.proowner = 'ticketshow'::regrole
          AND schema.nspname NOT LIKE 'pg\_%' AND schema.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = routine.oid AND deptype = 'e')
    LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO ticketshow_app', item.name);
    END LOOP;
END $$;
