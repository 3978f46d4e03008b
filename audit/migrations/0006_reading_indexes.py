"""What is filtered by lies in the primary key's own index, so that weak filters walk it alone; addresses get an index.

An index more would cost every entry written; columns included in one that is there cost the bytes. The key is built
anew: nobody reads or writes the log meanwhile, about a minute for 20 million entries (docs/performance.md, "Reading").
"""

from __future__ import annotations

from django.db import migrations

_KEY = """
ALTER TABLE audit_auditentry DROP CONSTRAINT audit_auditentry_pkey;
ALTER TABLE audit_auditentry ADD CONSTRAINT audit_auditentry_pkey PRIMARY KEY (tenant_id, occurred_at, sequence){more};
"""
_INCLUDED = " INCLUDE (event, area, category, workspace_id, done_by, actor_type, outcome, ip)"
_ADDRESS = """
CREATE INDEX audit_auditentry_ip ON audit_auditentry (tenant_id, ip, occurred_at, sequence) WHERE ip IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_search_target"),
    ]

    operations = [
        migrations.RunSQL(_KEY.format(more=_INCLUDED), _KEY.format(more="")),
        migrations.RunSQL(_ADDRESS, "DROP INDEX audit_auditentry_ip"),
    ]
