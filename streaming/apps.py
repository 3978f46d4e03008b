"""The app of delivery."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class StreamingConfig(AppConfig):
    name = "streaming"
    verbose_name = "Streaming"

    def ready(self) -> None:
        """Nudge delivery after entries were committed, and tell the log's pages where they went.

        Keys or addresses that cannot be used stop the start.
        """
        from audit import deliveries  # noqa: PLC0415 - apps import models only when ready
        from audit.signals import entries_recorded  # noqa: PLC0415
        from streaming import delivered, environment, tasks  # noqa: PLC0415
        from streaming.encryption import KeysInvalid  # noqa: PLC0415
        from streaming.transport.addresses import PolicyError  # noqa: PLC0415

        try:
            environment.key_ring()
            environment.policy()
        except (KeysInvalid, PolicyError) as error:
            raise ImproperlyConfigured(str(error)) from None
        entries_recorded.connect(tasks.nudge, dispatch_uid="streaming.nudge")
        deliveries.tell_by(delivered)
