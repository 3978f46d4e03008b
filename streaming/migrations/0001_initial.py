from __future__ import annotations

import uuid

import django.db.models.deletion
import django.db.models.expressions
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(default="SIEM", max_length=100)),
                ("enabled", models.BooleanField(default=False)),
                ("destination_kind", models.CharField(max_length=40, verbose_name="destination type")),
                (
                    "url",
                    models.TextField(
                        help_text="As it was entered; delivery calls the address made from it.",
                        verbose_name="URL",
                    ),
                ),
                ("token_encrypted", models.BinaryField(null=True)),
                ("token_set_at", models.DateTimeField(editable=False, null=True)),
                ("scheme", models.CharField(blank=True, editable=False, max_length=20)),
                ("channel", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("gzip", models.BooleanField(default=True, editable=False)),
                ("config_version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="streams", to="audit.tenant"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="WorkerSeen",
            fields=[
                ("hostname", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ConnectionTest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("destination_kind", models.CharField(max_length=40)),
                ("url", models.TextField()),
                ("token_encrypted", models.BinaryField(null=True)),
                ("token_fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("phases", models.JSONField(default=list)),
                ("summary", models.TextField(blank=True)),
                ("hint", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="audit.tenant"
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="streaming.stream",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("first_sequence", models.BigIntegerField()),
                ("last_sequence", models.BigIntegerField()),
                ("outcome", models.CharField(max_length=30)),
                ("delivered", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=100)),
                ("reason", models.TextField(blank=True)),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("milliseconds", models.PositiveIntegerField()),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="streaming.stream",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="cursor",
                        serialize=False,
                        to="streaming.stream",
                    ),
                ),
                ("place", models.BigIntegerField(default=0)),
                ("started_after", models.BigIntegerField(null=True)),
                ("delivered", models.BigIntegerField(default=0)),
                ("set_aside", models.BigIntegerField(default=0)),
                ("left_out", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("healthy", "Streaming"),
                            ("retrying", "Retrying"),
                            ("held_for_credentials", "Held: the token is not accepted"),
                            ("held_for_settings", "Held: the settings need a person"),
                        ],
                        default="healthy",
                        max_length=30,
                    ),
                ),
                ("held_since", models.DateTimeField(null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("lease_epoch", models.BigIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("batch_limit", models.PositiveIntegerField(null=True)),
                ("last_attempt_at", models.DateTimeField(null=True)),
                ("last_success_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
                ("last_error_code", models.CharField(blank=True, max_length=100)),
                ("last_error_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_after", None),
                            (
                                "place",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("started_after"), "+", models.F("delivered")
                                        ),
                                        "+",
                                        models.F("set_aside"),
                                    ),
                                    "+",
                                    models.F("left_out"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="cursor_adds_up",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="stream",
            constraint=models.UniqueConstraint(fields=("tenant", "name"), name="stream_name_in_tenant"),
        ),
        migrations.AddIndex(
            model_name="connectiontest",
            index=models.Index(fields=["tenant", "-created_at"], name="connection_test_of_tenant"),
        ),
        migrations.AddIndex(
            model_name="deliveryattempt",
            index=models.Index(fields=["stream", "-at"], name="attempt_of_stream"),
        ),
    ]
