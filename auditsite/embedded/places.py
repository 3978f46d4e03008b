"""Where the embedded servers keep their files and sockets: path arithmetic, nothing is started or asked."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL included; PostgreSQL's is the longest.
LONGEST_SOCKET = 103
SOCKET_NAME = "/.s.PGSQL.5432"
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./ -]+")

ROOTS_DATA = Path("/var/lib/auditsite")
# Not tempfile.gettempdir(): TMPDIR may differ between `make up` and a shell beside it.
SHORT_SOCKETS = Path("/tmp")  # noqa: S108 - see above; who owns the folder is checked before it is used


class Urls(NamedTuple):
    """Addresses in the form of `DATABASE_URL` and `REDIS_URL`."""

    database: str
    redis: str


class Owner(NamedTuple):
    """Who the servers run as: this process's own user, or an unprivileged one when that is root."""

    uid: int
    gid: int
    drops: bool

    @property
    def user(self) -> int | None:
        """For subprocess: the user to become, None where there is nothing to drop."""
        return self.uid if self.drops else None

    @property
    def group(self) -> int | None:
        """For subprocess, as above."""
        return self.gid if self.drops else None

    @property
    def groups(self) -> list[int] | None:
        """For subprocess: no further groups."""
        return [] if self.drops else None


def given(variable: str) -> str | None:
    """What the environment says of a server, directly or in a file that `…_FILE` names."""
    named = os.environ.get(f"{variable}_FILE")
    return os.environ.get(variable) or (Path(named).read_text().strip() if named else None)


def server_owner() -> Owner:
    """This user; for root, whom PostgreSQL refuses, `AUDITSITE_EMBEDDED_USER` or else nobody."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), drops=False)
    account = pwd.getpwnam(os.environ.get("AUDITSITE_EMBEDDED_USER", "nobody"))
    return Owner(account.pw_uid, account.pw_gid, drops=True)


def reachable(folder: Path, owner: Owner) -> bool:
    """Whether `owner` may walk through every existing folder from the root down to `folder`."""
    for step in (folder, *folder.parents):
        try:
            status = step.stat()
        except FileNotFoundError:
            continue
        shift = 6 if status.st_uid == owner.uid else 3 if status.st_gid == owner.gid else 0
        if not (status.st_mode >> shift) & 1:
            return False
    return True


def fingerprint(data_dir: Path) -> str:
    """A short name for a data folder, the same in every process."""
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


def servers_dir(data_dir: Path) -> Path:
    """Where the servers' files lie: the data folder, or /var/lib when their user cannot reach that."""
    folder = data_dir.resolve()
    return folder if reachable(folder, server_owner()) else ROOTS_DATA / fingerprint(folder)


def socket_dir(data_dir: Path) -> Path:
    """Where the sockets lie: beside the servers' files, or in a short folder when that path is too long."""
    folder = servers_dir(data_dir) / "run"
    long = len(os.fsencode(folder)) + len(SOCKET_NAME) > LONGEST_SOCKET
    if long or not PLAIN_PATH.fullmatch(str(folder)):
        return SHORT_SOCKETS / f"auditsite-{fingerprint(data_dir.resolve())}"
    return folder


def urls(data_dir: Path | str) -> Urls:
    """The addresses that the servers of this data folder have, or will have once they are started."""
    folder = quote(str(socket_dir(Path(data_dir))))
    return Urls(
        database=f"postgresql://auditsite@/auditsite?host={folder}",
        redis=f"unix://{folder}/redis.sock",
    )


def celery_broker(redis_url: str) -> str:
    """`REDIS_URL` as Celery writes it: a Unix socket has another scheme there, a database another name."""
    if not redis_url.startswith("unix://"):
        return redis_url
    address, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{address}" + (f"?{query.replace('db=', 'virtual_host=')}" if query else "")
