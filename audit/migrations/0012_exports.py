"""Exports that a worker writes (docs/decisions/0010-exports.md)."""

from __future__ import annotations

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0011_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="1, 2, 3 … in the tenant.")),
                ("file_format", models.CharField(max_length=20)),
                ("compressed", models.BooleanField(default=False)),
                ("filters", models.TextField(blank=True)),
                ("words", models.JSONField(default=list)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("last_sequence", models.BigIntegerField()),
                ("promised", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("written", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("failure", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("lease_epoch", models.BigIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                (
                    "link",
                    models.CharField(blank=True, help_text="The one that was not used yet.", max_length=43),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="audit.tenant"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "indexes": [
                    models.Index(fields=["tenant", "person", "-asked_at"], name="export_of_person"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running", "ready"])),
                        fields=["state"],
                        name="export_alive",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "number"), name="export_number_in_tenant"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(("expires_at__isnull", False), ("written", models.F("promised"))),
                            _connector="OR",
                        ),
                        name="export_as_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            ("leased_until__isnull", False),
                            _connector="OR",
                        ),
                        name="export_running_by_lease",
                    ),
                ],
            },
        ),
    ]
