"""SQL of the log's table: partitions by month, indexes, and the triggers that keep it append-only."""

from __future__ import annotations

TABLE = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int < 150000 THEN
        RAISE EXCEPTION 'Auditsite needs PostgreSQL 15 or newer; this is %', current_setting('server_version');
    END IF;
END $$;

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: the audit log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TABLE audit_auditentry (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    event text NOT NULL,
    area text NOT NULL,
    category text NOT NULL,
    action text NOT NULL,
    workspace_id uuid,
    workspace_name text NOT NULL,
    done_by text NOT NULL,
    actor_type text NOT NULL,
    actor_id text NOT NULL,
    actor_email text NOT NULL,
    actor_name text NOT NULL,
    parameters jsonb NOT NULL,
    details text NOT NULL,
    target jsonb,
    outcome text NOT NULL,
    ip inet,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    producer text NOT NULL,
    external_id text,
    body bytea NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32),
    search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, translate(
        action || ' ' || details || ' ' || done_by || ' ' || actor_name || ' ' || workspace_name || ' ' || parameters::text,
        '!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~', '                                '))) STORED,
    PRIMARY KEY (tenant_id, occurred_at, sequence)
) PARTITION BY RANGE (occurred_at);

CREATE INDEX audit_auditentry_id ON audit_auditentry (id);
CREATE INDEX audit_auditentry_sequence ON audit_auditentry (tenant_id, sequence);
CREATE INDEX audit_auditentry_event ON audit_auditentry (tenant_id, event, occurred_at, sequence);
CREATE INDEX audit_auditentry_done_by ON audit_auditentry (tenant_id, done_by, occurred_at, sequence);
CREATE INDEX audit_auditentry_workspace ON audit_auditentry (tenant_id, workspace_id, occurred_at, sequence);
CREATE INDEX audit_auditentry_parameters ON audit_auditentry USING gin (parameters jsonb_path_ops);
CREATE INDEX audit_auditentry_search ON audit_auditentry USING gin (search);

CREATE TABLE audit_auditentry_default PARTITION OF audit_auditentry DEFAULT;
"""

# ENABLE ALWAYS fires also under session_replication_role = replica; a row trigger does not see TRUNCATE, and a
# statement trigger is not inherited by partitions, so that each gets its own.
APPEND_ONLY = """
CREATE FUNCTION audit_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.tenant_id = OLD.tenant_id AND NEW.last_sequence >= OLD.last_sequence THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % refused: the head of a log only grows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER no_truncate;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_auditentry_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_auditentry_default ENABLE ALWAYS TRIGGER no_truncate;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_externalid
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_externalid ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_externalid
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_externalid ENABLE ALWAYS TRIGGER no_truncate;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON audit_loghead
    FOR EACH ROW EXECUTE FUNCTION audit_head_only_grows();
ALTER TABLE audit_loghead ENABLE ALWAYS TRIGGER only_grows;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_loghead
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_loghead ENABLE ALWAYS TRIGGER no_truncate;
"""

MONTHS = """
CREATE FUNCTION audit_make_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'audit_auditentry_' || to_char(day, 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF audit_auditentry FOR VALUES FROM (%L) TO (%L)', partition, first, next);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', partition);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER no_truncate', partition);
END $$;

SELECT audit_make_month(((now() AT TIME ZONE 'UTC') + make_interval(months => n))::date)
FROM generate_series(-6, 24) AS n;
"""

DROP = """
DROP TABLE audit_auditentry CASCADE;
DROP FUNCTION audit_make_month(date);
DROP FUNCTION audit_refuse_change() CASCADE;
DROP FUNCTION audit_head_only_grows() CASCADE;
"""
