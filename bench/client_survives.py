"""50,000 entries through the Python client while the server is killed five times and the producer twice.

    PYTHONPATH=clients/python/src python -m bench.client_survives [--entries N] [--server-kills N] [--producer-kills N]

Starts the whole product on PostgreSQL and Redis of its own with synchronous commit, and a producer as a process whose
queue goes through fsync at every entry. Afterwards the log is walked by the API and counted by `external_id`. What is
recorded per second is set against the fsyncs per second that the same disk takes in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from auditsite import embedded
from tests.clients.python.surviving import Found, survive
from tests.journeys.product import running


def main() -> int:
    """0 if nothing was lost and nothing came twice."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="auditsite-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        limit = _fsyncs_per_second(folder)
        servers = embedded.start(folder, durable=True)
        try:
            os.environ.update(
                AUDITSITE_SECRET_KEY="only-for-this-run-" * 4,
                AUDITSITE_ENCRYPTION_KEYS="dGhlc2UgdGhpcnR5LXR3byBieXRlcyBhcmUgcHVibGk=",
            )
            with running(folder, database_url=servers.database_url, redis_url=servers.redis_url) as product:
                begin = time.monotonic()
                found = survive(
                    product, folder / "queue", entries=options.entries, server_kills=options.server_kills,
                    producer_kills=options.producer_kills, fsync=True,
                )  # fmt: skip
                seconds = time.monotonic() - begin
        finally:
            servers.stop()
    return _told(found, seconds, limit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--server-kills", type=int, default=5)
    parser.add_argument("--producer-kills", type=int, default=2)
    return parser.parse_args()


def _fsyncs_per_second(folder: Path) -> float:
    """Small appends to one file, each through to the disk."""
    number, begin = 200, time.monotonic()
    with (folder / "fsyncs").open("wb", buffering=0) as file:
        for _ in range(number):
            file.write(b"x" * 4_096)
            os.fsync(file.fileno())
    return number / (time.monotonic() - begin)


def _told(found: Found, seconds: float, limit: float) -> int:
    rate = found.kept / seconds
    print(f"{found.kept:,} entries, {found.server_kills} server kills, {found.producer_kills} producer kills")
    print(
        f"lost {found.lost}, twice {found.twice}, in order: {found.in_order}; {seconds:.0f} s to the last 201"
    )
    print(f"{rate:.0f} entries/s, kills and restarts included / {limit:.0f} fsyncs/s: {rate / limit:.2f}")
    return 0 if found.lost == found.twice == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
