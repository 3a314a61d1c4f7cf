-- What this database is and which of these files it has.

CREATE SCHEMA IF NOT EXISTS dossier_meta;

CREATE TABLE IF NOT EXISTS dossier_meta.migration (
    name       text         NOT NULL CONSTRAINT pk_migration PRIMARY KEY,
    sha256     text         NOT NULL,
    applied_at timestamptz  NOT NULL DEFAULT clock_timestamp()
);

-- What was in force here and was replaced: a file's text, or a view's table. An older program that still has it must not bring it back beside a newer one.
CREATE TABLE IF NOT EXISTS dossier_meta.left_behind (
    name   text NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT pk_left_behind PRIMARY KEY (name, sha256)
);

-- One row. A sample database takes recorded times from a simulated clock; no other does.
CREATE TABLE IF NOT EXISTS dossier_meta.database (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT pk_database PRIMARY KEY CONSTRAINT one_row CHECK (only_row),
    kind     text    NOT NULL CONSTRAINT known_kind CHECK (kind IN ('live', 'sample'))
);

-- The definition that each view's table was made from; when it changes, the view is made beside it and swapped in, and only who has this definition carries events into it.
CREATE TABLE IF NOT EXISTS dossier_meta.view (
    name       text NOT NULL CONSTRAINT pk_view PRIMARY KEY,
    definition text NOT NULL
);
