-- Events are appended, never changed. Only the owner, and only with the maintenance setting on, gets past this.

CREATE OR REPLACE FUNCTION dossier_meta.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('dossier.maintenance', true) = 'on'
       AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% on %.% is refused: the event log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'DS001';
END $$;

CREATE OR REPLACE TRIGGER refuse_rewrite BEFORE UPDATE OR DELETE ON dossier.mt_events
    FOR EACH ROW EXECUTE FUNCTION dossier_meta.refuse_rewrite();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON dossier.mt_events
    FOR EACH STATEMENT EXECUTE FUNCTION dossier_meta.refuse_rewrite();

-- Deleting a stream would take its events along (the foreign key cascades).
CREATE OR REPLACE TRIGGER refuse_rewrite BEFORE DELETE ON dossier.mt_streams
    FOR EACH ROW EXECUTE FUNCTION dossier_meta.refuse_rewrite();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON dossier.mt_streams
    FOR EACH STATEMENT EXECUTE FUNCTION dossier_meta.refuse_rewrite();
