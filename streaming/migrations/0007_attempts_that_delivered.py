"""Which attempt delivered an entry is found by its beginning: of those that delivered something, the last before it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("streaming", "0006_pauses_and_hours"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="deliveryattempt",
            index=models.Index(
                condition=models.Q(("delivered__gt", 0)),
                fields=["stream", "first_sequence"],
                name="attempt_that_delivered",
            ),
        ),
    ]
