"""What requests took, counted where all workers meet; set-asides of a replay, which move no cursor."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("streaming", "0002_delivery_that_proves_itself"),
    ]

    operations = [
        migrations.AddField(
            model_name="replay",
            name="alike_code",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="replay",
            name="alike_refusals",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="setaside",
            name="replay",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="set_asides",
                to="streaming.replay",
            ),
        ),
        migrations.CreateModel(
            name="Figures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("outcome", models.CharField(max_length=30)),
                ("requests", models.BigIntegerField(default=0)),
                (
                    "requests_in",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("seconds", models.FloatField(default=0.0)),
                ("entries", models.BigIntegerField(default=0)),
                (
                    "sizes_in",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("bytes_sent", models.BigIntegerField(default=0)),
                ("delivered", models.BigIntegerField(default=0)),
                ("duplicates", models.BigIntegerField(default=0)),
                (
                    "ages_in",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("age_seconds", models.FloatField(default=0.0)),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="streaming.stream",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "figures",
                "constraints": [models.UniqueConstraint(fields=("stream", "outcome"), name="figures_once")],
            },
        ),
    ]
