from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("streaming", "0007_attempts_that_delivered")]

    operations = [
        migrations.AddField("hourfigures", "age_seconds", models.FloatField(default=0.0, db_default=0.0)),
    ]
