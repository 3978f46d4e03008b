"""What a newcomer's installation makes for itself in its data folder: secrets, once, and where its demo delivers to.

A real installation is given its secrets by the environment; settings.py falls back on these only where no
host is named.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.fernet import Fernet

from auditsite.embedded.launching import make_walkable


class LocalSecrets(NamedTuple):
    """Values in the form of `AUDITSITE_SECRET_KEY` and `AUDITSITE_ENCRYPTION_KEYS`."""

    secret_key: str
    encryption_keys: str


class Outbound(NamedTuple):
    """Values in the form of `AUDITSITE_OUTBOUND_ALLOW` and `AUDITSITE_OUTBOUND_CA`."""

    allow: str = ""
    ca_file: str = ""


def outbound_of(data_dir: Path) -> Outbound:
    """What `make up` allowed in this data folder; nothing where it never ran."""
    allow, ca_file = outbound_files(data_dir)
    if not (allow.exists() and ca_file.exists()):
        return Outbound()
    return Outbound(allow.read_text(encoding="utf-8"), str(ca_file))


def outbound_files(data_dir: Path) -> tuple[Path, Path]:
    """Where the list of what is allowed and the certificates lie."""
    return data_dir / "outbound-allow", data_dir / "outbound-ca.pem"


def load_or_make(data_dir: Path) -> LocalSecrets:
    """The secrets of this data folder. The first call makes them; all processes get the same ones."""
    make_walkable(data_dir)
    return LocalSecrets(
        secret_key=_load_or_make(data_dir / "secret_key", secrets.token_urlsafe(64)),
        encryption_keys=_load_or_make(data_dir / "encryption_keys", Fernet.generate_key().decode()),
    )


def _load_or_make(path: Path, fresh: str) -> str:
    """Written aside and linked into place: a reader never sees half a secret, and the first writer wins."""
    if not path.exists():
        aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text(encoding="utf-8").strip()
