-- The application's role may append and read; nothing else on the log. Roles belong to the whole
-- cluster, so another database's migration may create it at the same moment.

DO $$
BEGIN
    CREATE ROLE dossier_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;

-- The owner's own programs act as this role. A superuser may anyway.
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'dossier_app', 'MEMBER') THEN
        EXECUTE format('GRANT dossier_app TO %I', current_user);
    END IF;
EXCEPTION WHEN unique_violation OR serialization_failure THEN
    NULL;
END $$;

GRANT USAGE ON SCHEMA dossier, dossier_meta TO dossier_app;
GRANT INSERT, SELECT ON dossier.mt_events TO dossier_app;
GRANT INSERT, SELECT, UPDATE (version, timestamp) ON dossier.mt_streams TO dossier_app;
GRANT USAGE ON SEQUENCE dossier.mt_events_sequence TO dossier_app;
GRANT INSERT, SELECT, UPDATE, DELETE ON dossier.mt_event_progression TO dossier_app;
GRANT SELECT ON ALL TABLES IN SCHEMA dossier_meta TO dossier_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA dossier_meta GRANT SELECT ON TABLES TO dossier_app;

-- Views can be thrown away and rebuilt by the application itself.
CREATE SCHEMA IF NOT EXISTS dossier_views;
GRANT USAGE, CREATE ON SCHEMA dossier_views TO dossier_app;

-- A session left in a transaction holds the sequence, and with it every follower at the next gap.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''30s''', current_database());
END $$;

-- What stopped a view; empty while all follow.
CREATE TABLE IF NOT EXISTS dossier_views.health (
    name     text        NOT NULL CONSTRAINT pk_health PRIMARY KEY,
    position bigint      NOT NULL,
    stream   text        NOT NULL,
    error    text        NOT NULL,
    since    timestamptz NOT NULL
);
GRANT INSERT, SELECT, UPDATE, DELETE ON dossier_views.health TO dossier_app;

-- How far a view has gone through all streams for a decision that touches every one; a row only while that is under way.
CREATE TABLE IF NOT EXISTS dossier_views.replanning (
    name     text   NOT NULL CONSTRAINT pk_replanning PRIMARY KEY,
    decision bigint NOT NULL, -- position of its event
    stream   text   NOT NULL  -- up to and with this one
);
GRANT INSERT, SELECT, UPDATE, DELETE ON dossier_views.replanning TO dossier_app;
