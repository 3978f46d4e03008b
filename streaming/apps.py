"""The app of delivery."""

from __future__ import annotations

from django.apps import AppConfig


class StreamingConfig(AppConfig):
    name = "streaming"
    verbose_name = "Streaming"

    def ready(self) -> None:
        """After entries were committed, nudge delivery."""
        from audit.signals import entries_recorded  # noqa: PLC0415 - apps import models only when ready
        from streaming import tasks  # noqa: PLC0415

        entries_recorded.connect(tasks.nudge, dispatch_uid="streaming.nudge")
