"""The indexes by event and by address hold what is asked beside them: a pair of filters is met without reading rows.

Of a person and an action, or an address and a workspace, few entries may have both: every entry of the one was read to
see whether it has the other. Built anew one after the other, about two minutes each for 20 million entries; nobody writes
meanwhile (docs/performance.md, "Reading").
"""

from __future__ import annotations

from django.db import migrations

_EVENT = """
DROP INDEX audit_auditentry_event;
CREATE INDEX audit_auditentry_event ON audit_auditentry (tenant_id, event, occurred_at, sequence){more};
"""
_ADDRESS = """
DROP INDEX audit_auditentry_ip;
CREATE INDEX audit_auditentry_ip ON audit_auditentry (tenant_id, ip, occurred_at, sequence){more} WHERE ip IS NOT NULL;
"""
_BESIDE_EVENT = " INCLUDE (done_by, workspace_id)"
_BESIDE_ADDRESS = " INCLUDE (event, done_by, workspace_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0009_entry_counts"),
    ]

    operations = [
        migrations.RunSQL(_EVENT.format(more=_BESIDE_EVENT), _EVENT.format(more="")),
        migrations.RunSQL(_ADDRESS.format(more=_BESIDE_ADDRESS), _ADDRESS.format(more="")),
    ]
