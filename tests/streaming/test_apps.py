from __future__ import annotations

import redis
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from audit.models import Tenant
from audit.signals import entries_recorded
from streaming import tasks
from tests.entries import make_entry
from tests.streams import MakeStream


def test_recording_wakes_delivery_once_it_is_committed(
    acme: Tenant,
    make_stream: MakeStream,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    mark = f"auditsite:wake:{make_stream().pk}"

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        with django_capture_on_commit_callbacks(execute=True):
            make_entry(acme)
            assert not client.exists(mark)
        assert client.exists(mark)


def test_the_signal_has_one_receiver_and_keeps_it() -> None:
    assert entries_recorded.has_listeners()
    assert entries_recorded.disconnect(tasks.nudge, dispatch_uid="streaming.nudge")

    from django.apps import apps

    apps.get_app_config("streaming").ready()
    apps.get_app_config("streaming").ready()

    assert len(entries_recorded.receivers) == 1
