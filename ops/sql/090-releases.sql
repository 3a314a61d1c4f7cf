-- What releases need besides their events: the secrets that their codes are made with, and what each that is out tells of whom, which later ones are compared with.

CREATE SCHEMA IF NOT EXISTS dossier_release;
GRANT USAGE ON SCHEMA dossier_release TO dossier_app;

-- Whoever has it can tell which dossier a code of the release stands for.
CREATE TABLE IF NOT EXISTS dossier_release.secret (
    release varchar NOT NULL CONSTRAINT pk_release_secret PRIMARY KEY,
    secret  bytea   NOT NULL CONSTRAINT release_secret_bytes CHECK (length(secret) = 32)
);

CREATE TABLE IF NOT EXISTS dossier_release.member (
    dossier varchar NOT NULL,
    release varchar NOT NULL,
    class   bytea   NOT NULL,
    CONSTRAINT pk_release_member PRIMARY KEY (dossier, release)
);

-- The official figures as they went out; null where they were protected.
CREATE TABLE IF NOT EXISTS dossier_release.cell (
    release varchar NOT NULL,
    cell    text    NOT NULL,
    count   bigint  NULL,
    CONSTRAINT pk_release_cell PRIMARY KEY (release, cell)
);

GRANT INSERT, SELECT ON dossier_release.secret TO dossier_app;
GRANT INSERT, SELECT, DELETE ON dossier_release.member, dossier_release.cell TO dossier_app;
