"""Streams can be paused; and what each did is counted by hour, in rows that are changed in their place.

A worker of the version before writes no hours and knows no pause: what it delivers meanwhile is missing in the picture
of the last day, and nowhere else.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# An hour's row is written with each request: half of each page stays free, so that it is changed without a new place.
_ROOM = "ALTER TABLE streaming_hourfigures SET (fillfactor = 50)"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0010_covering_indexes"),
        ("streaming", "0005_cursors_of_a_host"),
    ]

    operations = [
        migrations.AddField("stream", "paused_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "stream",
            "paused_by",
            models.TextField(blank=True, default="", editable=False),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "stream",
            models.CheckConstraint(
                condition=models.Q(enabled=False) | models.Q(paused_at=None), name="stream_paused_or_enabled"
            ),
        ),
        migrations.CreateModel(
            name="HourFigures",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("delivered", models.BigIntegerField(default=0)),
                ("requests", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                (
                    "stream",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="streaming.stream",
                    ),
                ),
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
            options={"verbose_name_plural": "hour figures"},
        ),
        migrations.RunSQL(_ROOM, migrations.RunSQL.noop),
    ]
