"""A connection test sends its event in the format, the framing and with the signature that the form asks for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("streaming", "0003_figures_and_replayed_refusals"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectiontest",
            name="framing",
            field=models.CharField(
                choices=[
                    ("array", "JSON array"),
                    ("ndjson", "One JSON object a line"),
                    ("single", "One request for each entry"),
                ],
                default="array",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="connectiontest",
            name="payload_format",
            field=models.CharField(
                choices=[
                    ("native", "Auditsite's own JSON"),
                    ("ecs", "Elastic Common Schema"),
                    ("ocsf", "Open Cybersecurity Schema Framework"),
                ],
                default="native",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="connectiontest",
            name="signing_secret_encrypted",
            field=models.BinaryField(null=True),
        ),
    ]
