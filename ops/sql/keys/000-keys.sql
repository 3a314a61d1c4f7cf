-- The key store: a database of its own. What stands here makes applicants readable; what the events hold does not.

CREATE SCHEMA IF NOT EXISTS dossier_keys;

-- One row. The keys below are wrapped by the master key of this fingerprint, which stands in a file and never here.
CREATE TABLE IF NOT EXISTS dossier_keys.store (
    only_row    boolean NOT NULL DEFAULT true CONSTRAINT pk_store PRIMARY KEY CONSTRAINT one_row CHECK (only_row),
    kind        text    NOT NULL CONSTRAINT known_kind CHECK (kind IN ('live', 'sample')),
    fingerprint bytea   NOT NULL,
    index_key   bytea   NOT NULL,
    erasures    bigint  NOT NULL DEFAULT 0 -- counts up, so that every process learns to forget
);

-- An erased applicant leaves a row without key and without words: the id is not given again.
CREATE TABLE IF NOT EXISTS dossier_keys.applicant (
    id         uuid        NOT NULL CONSTRAINT pk_applicant PRIMARY KEY,
    wrapped    bytea       NULL,
    identity   bytea       NULL CONSTRAINT one_applicant_an_identity UNIQUE,
    words      bigint[]    NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at  timestamptz NULL,
    CONSTRAINT erased_whole CHECK (CASE WHEN erased_at IS NULL THEN wrapped IS NOT NULL ELSE wrapped IS NULL AND identity IS NULL AND words = '{}' END)
);
CREATE INDEX IF NOT EXISTS applicant_words ON dossier_keys.applicant USING gin (words);
