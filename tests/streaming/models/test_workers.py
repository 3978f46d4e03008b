from __future__ import annotations

from streaming.models import WorkerSeen


def test_a_worker_is_called_by_its_host() -> None:
    assert str(WorkerSeen(hostname="worker-1")) == "worker-1"
