-- The public log: a leaf for every event in the order of the log, the tree over them, its checkpoints, and the secrets that open the leaves. Leaf and tree are appended to, never changed.

CREATE SCHEMA IF NOT EXISTS dossier_record;
GRANT USAGE ON SCHEMA dossier_record TO dossier_app;

-- One for each stream. Whoever has it can match all events of the stream to their leaves, later ones too.
CREATE TABLE IF NOT EXISTS dossier_record.secret (
    stream varchar NOT NULL CONSTRAINT pk_secret PRIMARY KEY,
    secret bytea   NOT NULL CONSTRAINT secret_bytes CHECK (length(secret) = 32)
);

-- Stream and version stand here besides, to name what is missing when an event is gone. Only the commitment is public.
CREATE TABLE IF NOT EXISTS dossier_record.leaf (
    index      bigint  NOT NULL CONSTRAINT pk_leaf PRIMARY KEY,
    position   bigint  NOT NULL CONSTRAINT leaf_position UNIQUE,
    stream     varchar NOT NULL,
    version    bigint  NOT NULL,
    commitment bytea   NOT NULL
);

-- The hash over 256^level leaves, from index * 256^level on; level 1 and above. Hashes of leaves follow from their commitments.
CREATE TABLE IF NOT EXISTS dossier_record.node (
    level int    NOT NULL,
    index bigint NOT NULL,
    hash  bytea  NOT NULL,
    CONSTRAINT pk_node PRIMARY KEY (level, index)
);

CREATE TABLE IF NOT EXISTS dossier_record.checkpoint (
    size      bigint      NOT NULL CONSTRAINT pk_checkpoint PRIMARY KEY,
    note      text        NOT NULL, -- signed, and cosigned by witnesses
    witnesses int         NOT NULL DEFAULT 0,
    at        timestamptz NOT NULL
);

GRANT INSERT, SELECT ON dossier_record.secret, dossier_record.leaf, dossier_record.node TO dossier_app;
GRANT INSERT, SELECT, DELETE, UPDATE (note, witnesses) ON dossier_record.checkpoint TO dossier_app;

DO $$
DECLARE
    appended text;
BEGIN
    FOREACH appended IN ARRAY ARRAY['leaf', 'node', 'secret'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER refuse_rewrite BEFORE UPDATE OR DELETE ON dossier_record.%I FOR EACH ROW EXECUTE FUNCTION dossier_meta.refuse_rewrite()', appended);
        EXECUTE format('CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON dossier_record.%I FOR EACH STATEMENT EXECUTE FUNCTION dossier_meta.refuse_rewrite()', appended);
    END LOOP;
END $$;
