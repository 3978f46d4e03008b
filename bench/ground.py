"""A database of its own for a bench: the product's schema on an embedded PostgreSQL with memory as a server has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from auditsite import embedded

# Of a server with 24 GiB that others share; what is left out is PostgreSQL's own.
SETTINGS = {
    "shared_buffers": "3GB",
    "maintenance_work_mem": "1GB",
    "max_parallel_maintenance_workers": "2",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "effective_cache_size": "10GB",
    "random_page_cost": "1.1",
}
SECRETS = {
    "AUDITSITE_SECRET_KEY": "only-for-this-run-" * 4,
    "AUDITSITE_ENCRYPTION_KEYS": "dGhlc2UgdGhpcnR5LXR3byBieXRlcyBhcmUgcHVibGk=",
}


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """Django on this folder's database, migrated. What is in it stays for the next run."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    servers = embedded.start(folder, durable=False)
    try:
        os.environ.update(
            SECRETS, DATABASE_URL=servers.database_url, REDIS_URL=servers.redis_url,
            DJANGO_SETTINGS_MODULE="auditsite.settings", AUDITSITE_DATA_DIR=str(folder),
        )  # fmt: skip
        django.setup()
        if _set():
            servers.stop()
            servers = _again(folder)
        from django.core.management import call_command  # noqa: PLC0415 - not before setup

        if _behind():
            call_command("migrate", verbosity=0)
            _vacuum()
        yield
    finally:
        servers.stop()


def _behind() -> bool:
    from django.db import connection  # noqa: PLC0415 - not before setup
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _vacuum() -> None:
    """What was written anew is not known to be visible to all, and no vacuum comes by here."""
    from django.db import connection  # noqa: PLC0415 - not before setup

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")


def _again(folder: Path) -> embedded.Servers:
    given = {name: os.environ.pop(name) for name in ("DATABASE_URL", "REDIS_URL")}
    try:
        return embedded.start(folder, durable=False)
    finally:
        os.environ.update(given)


def _set() -> bool:
    """Write the settings into the cluster; whether a start is needed for them to hold."""
    from django.db import connection  # noqa: PLC0415 - not before setup

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_file_settings")
        if dict(cursor.fetchall()).items() >= SETTINGS.items():
            return False
        for name, value in SETTINGS.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    connection.close()
    return True
