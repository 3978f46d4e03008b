from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from audit.migrations import _partitions


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="legal_hold",
            field=models.BooleanField(
                default=False, help_text="Nothing of this tenant's log is removed while it is set."
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="retention_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How long entries are kept; empty: as the operator set.",
                null=True,
                verbose_name="retention, in days",
            ),
        ),
        migrations.CreateModel(
            name="KeptLeaf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "sequence",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                ("leaf_hash", models.BinaryField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "kept leaves",
            },
        ),
        migrations.RunSQL(_partitions.KEPT_LEAVES, _partitions.DROP_KEPT_LEAVES),
        migrations.RunSQL(_partitions.PARTITIONS, _partitions.DROP_PARTITIONS),
    ]
