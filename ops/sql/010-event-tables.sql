-- The event log, in the layout that Marten 9 asks for (string streams, quick append with server
-- timestamps, all metadata, unique event ids), so that either edition opens the other's database.
-- No column or index of ours may be added here: a schema tool that does not know it would drop it.

CREATE SCHEMA IF NOT EXISTS dossier;

CREATE TABLE IF NOT EXISTS dossier.mt_streams (
    id          varchar      NOT NULL CONSTRAINT pkey_mt_streams_id PRIMARY KEY,
    type        varchar      NULL,
    version     bigint       NULL,
    timestamp   timestamptz  NOT NULL DEFAULT (now()),
    created     timestamptz  NOT NULL DEFAULT (now()),
    tenant_id   varchar      NULL DEFAULT '*DEFAULT*',
    is_archived bool         NULL DEFAULT FALSE
);

CREATE SEQUENCE IF NOT EXISTS dossier.mt_events_sequence;

CREATE TABLE IF NOT EXISTS dossier.mt_events (
    seq_id         bigint        NOT NULL CONSTRAINT pkey_mt_events_seq_id PRIMARY KEY,
    id             uuid          NOT NULL,
    stream_id      varchar       NULL CONSTRAINT fkey_mt_events_stream_id REFERENCES dossier.mt_streams (id) ON DELETE CASCADE,
    version        bigint        NOT NULL,
    data           jsonb         NOT NULL,
    bdata          bytea         NULL,
    type           varchar(500)  NOT NULL,
    timestamp      timestamptz   NOT NULL DEFAULT '(now())', -- a constant; every writer gives a value
    tenant_id      varchar       NULL DEFAULT '*DEFAULT*',
    mt_dotnet_type varchar       NULL,
    correlation_id varchar       NULL,
    causation_id   varchar       NULL,
    headers        jsonb         NULL,
    is_archived    bool          NULL DEFAULT FALSE
);

CREATE UNIQUE INDEX IF NOT EXISTS pk_mt_events_stream_and_version ON dossier.mt_events (stream_id, version);
CREATE UNIQUE INDEX IF NOT EXISTS idx_mt_events_event_id ON dossier.mt_events (id);

ALTER SEQUENCE dossier.mt_events_sequence OWNED BY dossier.mt_events.seq_id;

CREATE TABLE IF NOT EXISTS dossier.mt_event_progression (
    name         varchar      NOT NULL CONSTRAINT pk_mt_event_progression PRIMARY KEY,
    last_seq_id  bigint       NULL,
    last_updated timestamptz  NULL DEFAULT (transaction_timestamp())
);
