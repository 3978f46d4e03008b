"""SQL that makes partitions beside the log and attaches them, and keeps the leaf hashes of what retention removes."""

from __future__ import annotations

from audit.migrations._entry_table import MONTHS

# `CREATE TABLE ... PARTITION OF` locks all of the log; a table made by itself and attached, with a CHECK that saves
# PostgreSQL from reading it, locks the default partition only. Row triggers of the log come with ATTACH; until then
# the table has its own.
PARTITIONS = """
CREATE FUNCTION audit_build_partition(building text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE audit_auditentry INCLUDING ALL)', building);
    -- Also where a member of the owning role made it.
    EXECUTE format('ALTER TABLE %I OWNER TO %I', building,
                   (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_auditentry'::regclass));
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', building);
    EXECUTE format('CREATE TRIGGER append_only_alone BEFORE UPDATE OR DELETE ON %I '
                   'FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()', building);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER no_truncate', building);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only_alone', building);
END $$;

CREATE FUNCTION audit_build_month(building text, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    PERFORM audit_build_partition(building);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT within_month CHECK (occurred_at >= %L AND occurred_at < %L)',
                   building, first, next);
END $$;

CREATE FUNCTION audit_attach_month(building text, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'audit_auditentry_' || to_char(day, 'YYYY_MM');
BEGIN
    EXECUTE format('ALTER TABLE %I RENAME TO %I', building, partition);
    EXECUTE format('ALTER TABLE audit_auditentry ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   partition, first, next);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT within_month', partition);
    EXECUTE format('DROP TRIGGER append_only_alone ON %I', partition);
END $$;

CREATE FUNCTION audit_attach_default(building text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I RENAME TO audit_auditentry_default', building);
    ALTER TABLE audit_auditentry ATTACH PARTITION audit_auditentry_default DEFAULT;
    DROP TRIGGER append_only_alone ON audit_auditentry_default;
END $$;

CREATE OR REPLACE FUNCTION audit_make_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partition text := 'audit_auditentry_' || to_char(day, 'YYYY_MM');
BEGIN
    IF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(partition)) THEN
        RETURN;
    END IF;
    PERFORM audit_build_month(partition || '_making', day);
    PERFORM audit_attach_month(partition || '_making', day);
END $$;
"""

KEPT_LEAVES = """
ALTER TABLE audit_keptleaf ADD CONSTRAINT kept_leaf_length CHECK (length(leaf_hash) = 32);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_keptleaf
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_keptleaf ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_keptleaf
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_keptleaf ENABLE ALWAYS TRIGGER no_truncate;
"""

DROP_KEPT_LEAVES = """
ALTER TABLE audit_keptleaf DROP CONSTRAINT kept_leaf_length;
DROP TRIGGER append_only ON audit_keptleaf;
DROP TRIGGER no_truncate ON audit_keptleaf;
"""

_MAKE_MONTH_AS_IT_WAS = MONTHS.partition("SELECT audit_make_month")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
DROP_PARTITIONS = f"""
{_MAKE_MONTH_AS_IT_WAS}
DROP FUNCTION audit_attach_default(text);
DROP FUNCTION audit_attach_month(text, date);
DROP FUNCTION audit_build_month(text, date);
DROP FUNCTION audit_build_partition(text);
"""
