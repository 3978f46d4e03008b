"""Saved views, and what each member's log opens with."""

from __future__ import annotations

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0010_covering_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "filters",
                    models.TextField(help_text="As they stand in the page's address, behind the “?”."),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="What the log opens with for people who chose nothing.",
                        verbose_name="the tenant's default",
                    ),
                ),
                ("created_at", models.DateTimeField(editable=False)),
                ("changed_at", models.DateTimeField(editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose it is; empty: everybody's in the tenant.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="audit.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("tenant"),
                        models.F("owner"),
                        Lower("name"),
                        name="saved_view_name_once",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(is_default=True), fields=("tenant",), name="saved_view_one_default"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(is_default=False) | models.Q(owner=None),
                        name="saved_view_default_is_shared",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="default_view",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="audit.savedview",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="opens_with_all",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Chose to begin with all entries, whatever the tenant's default.",
            ),
        ),
    ]
