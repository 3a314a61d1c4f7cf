-- Messages to people outside: what is to be sent, was sent, and could not be. Made by a follower of the log, whose place moves in the transaction that makes them.
-- A message names where its content stands; an applicant's name, address or phone is never in here.

CREATE SCHEMA IF NOT EXISTS dossier_outbox;
GRANT USAGE ON SCHEMA dossier_outbox TO dossier_app;

CREATE TABLE IF NOT EXISTS dossier_outbox.message (
    id           uuid         NOT NULL CONSTRAINT pk_message PRIMARY KEY, -- of event, channel and recipient: the same for ever
    kind         text         NOT NULL CONSTRAINT known_kind CHECK (kind IN ('alert', 'digest', 'notice', 'publication', 'portal', 'backlog')),
    channel      text         NULL, -- of a notice: null until it is chosen
    recipient    text         NOT NULL, -- a member of staff; of a notice, the dossier; of the portal's, the code it has there
    receiver     text         NOT NULL, -- the server that it goes to: one that is slow or dead holds up only its own
    urgent       boolean      NOT NULL, -- passes quiet hours
    stream       text         NULL,
    version      bigint       NULL,
    facts        jsonb        NOT NULL,
    state        text         NOT NULL DEFAULT 'waiting' CONSTRAINT known_state CHECK (state IN ('waiting', 'printing', 'sent', 'void', 'dead')),
    made_at      timestamptz  NOT NULL,
    due_at       timestamptz  NOT NULL,
    leased_until timestamptz  NULL,
    batch        uuid         NULL, -- what went out together goes out together again, under this id
    attempts     int          NOT NULL DEFAULT 0,
    sending      int          NOT NULL DEFAULT 1, -- counts what was sent again on purpose
    error        text         NULL, -- of the last attempt, or why nothing was sent
    ended_at     timestamptz  NULL
);

-- A table that was made before knows fewer kinds.
ALTER TABLE dossier_outbox.message DROP CONSTRAINT known_kind,
    ADD CONSTRAINT known_kind CHECK (kind IN ('alert', 'digest', 'notice', 'publication', 'portal', 'backlog'));

CREATE INDEX IF NOT EXISTS message_waiting ON dossier_outbox.message (receiver, due_at, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS message_together ON dossier_outbox.message (channel, recipient) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS message_batch ON dossier_outbox.message (batch) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS message_of_stream ON dossier_outbox.message (stream);
CREATE INDEX IF NOT EXISTS message_before ON dossier_outbox.message (stream, version) WHERE kind = 'portal' AND state IN ('waiting', 'dead');
CREATE INDEX IF NOT EXISTS message_by_state ON dossier_outbox.message (state, made_at, id);

-- Receivers that failed of late. While one is given up, nothing is tried there but one message at a time.
CREATE TABLE IF NOT EXISTS dossier_outbox.receiver (
    name     text        NOT NULL CONSTRAINT pk_receiver PRIMARY KEY,
    failures int         NOT NULL,
    next_at  timestamptz NOT NULL
);

-- How far the portal's list of what owner systems told was read.
CREATE TABLE IF NOT EXISTS dossier_outbox.heard (
    name   text NOT NULL CONSTRAINT pk_heard PRIMARY KEY,
    cursor text NOT NULL
);

-- Which channels were served beyond a position of the log, up to the next row's: what messages an alert owed. Before the first, none.
CREATE TABLE IF NOT EXISTS dossier_outbox.served (
    after   bigint  NOT NULL CONSTRAINT pk_served PRIMARY KEY,
    mail    boolean NOT NULL,
    webhook boolean NOT NULL
);

GRANT INSERT, SELECT, UPDATE, DELETE ON dossier_outbox.message, dossier_outbox.receiver TO dossier_app;
GRANT INSERT, SELECT, UPDATE ON dossier_outbox.served, dossier_outbox.heard TO dossier_app;

-- Nothing that happened before there was an outbox is told now.
INSERT INTO dossier.mt_event_progression (name, last_seq_id)
SELECT 'dossier:outbox', coalesce(max(seq_id), 0) FROM dossier.mt_events
ON CONFLICT (name) DO NOTHING;
