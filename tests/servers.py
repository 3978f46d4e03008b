"""A pytest plugin: the PostgreSQL and Redis of the tests, from the first test until pytest is gone.

Loaded by `-p tests.servers`, before Django reads its settings. Servers that `DATABASE_URL`, `REDIS_URL` name
are used as they are; others are started in `AUDITSITE_DATA_DIR`, or in a folder that goes with the run.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from auditsite import embedded
from auditsite.embedded.places import servers_dir

RUNNING = pytest.StashKey[embedded.Servers]()
SECRETS = {
    "AUDITSITE_SECRET_KEY": "only-for-tests-" * 5,
    "AUDITSITE_ENCRYPTION_KEYS": "dGhlc2UgdGhpcnR5LXR3byBieXRlcyBhcmUgcHVibGk=",
}


def _own_folder() -> str:
    """A data folder that goes when the process ends; the servers' unprivileged user may walk through."""
    folder = tempfile.mkdtemp(prefix="auditsite-tests-")
    Path(folder).chmod(0o755)
    # Registered before any server runs, so it comes after whatever stops them.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if servers_dir(Path(folder)) != Path(folder).resolve():
        atexit.register(shutil.rmtree, servers_dir(Path(folder)), ignore_errors=True)
    return folder


if "AUDITSITE_DATA_DIR" not in os.environ:
    os.environ["AUDITSITE_DATA_DIR"] = _own_folder()
for _name, _value in SECRETS.items():
    os.environ.setdefault(_name, _value)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts the servers once it is known that there is a test to run."""
    if not session.items or session.config.option.collectonly:
        return
    try:
        servers = embedded.start(os.environ["AUDITSITE_DATA_DIR"], durable=False)
    except embedded.CannotStart as reason:
        pytest.exit(str(reason), returncode=pytest.ExitCode.USAGE_ERROR)
    session.config.stash[RUNNING] = servers
    atexit.register(servers.stop)


def pytest_configure() -> None:
    """A SIGTERM ends the run as Ctrl-C does: in order, the servers with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops what was started; pytest comes here after Ctrl-C too."""
    if RUNNING in config.stash:
        config.stash[RUNNING].stop()
