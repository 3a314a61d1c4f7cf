-- The timetable's own tables. The scheduler makes them as the application's role, in a schema that is theirs alone: nothing of the log can be touched through it.
CREATE SCHEMA IF NOT EXISTS dossier_jobs;
GRANT USAGE, CREATE ON SCHEMA dossier_jobs TO dossier_app;
