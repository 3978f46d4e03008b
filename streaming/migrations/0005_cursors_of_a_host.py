from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("streaming", "0004_tests_of_a_format")]

    operations = [
        migrations.AddIndex(
            model_name="cursor",
            index=models.Index(fields=["host"], name="cursor_of_host"),
        ),
    ]
