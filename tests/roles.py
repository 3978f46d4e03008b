"""What the role of the tests may do on the server that they were given."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper


def become(cursor: CursorWrapper, role: str) -> None:
    """Take this replication role, which only superusers can; others have no road round the triggers to begin with."""
    cursor.execute("SELECT current_setting('is_superuser')")
    if cursor.fetchone() == ("on",):
        cursor.execute(f"SET LOCAL session_replication_role = {role}")


def as_replica(statement: str) -> None:
    """Run a statement as replication would, which normal triggers let pass."""
    with transaction.atomic(), connection.cursor() as cursor:
        become(cursor, "replica")
        cursor.execute(statement)


def may_make_roles() -> bool:
    """Whether this role can make another and let it act as itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
