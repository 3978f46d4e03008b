"""API keys: their form, making one, recognising one, revoking one.

A key reads ``alk_<env>_<30 base62><6 base62 CRC32>`` (security.md Z6, GitHub's method): a scanner finds it in a
repository, and a mistyped one is refused before any query. 30 characters of base62 hold 178 bits, so that a plain
SHA-256 is enough at rest. `PATTERN` is the expression for secret scanners.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from audit.catalog.areas.users import API_KEY_CREATED, API_KEY_DELETED
from audit.catalog.kinds import Event
from audit.drafts import Actor, Context, Draft
from audit.models import ApiKey, Person, Scope, Tenant
from audit.recording import record

PATTERN = re.compile(r"alk_([a-z0-9]{1,16})_([0-9A-Za-z]{30})([0-9A-Za-z]{6})")
ENVIRONMENT = "live"
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)  # a year, also where it leaps

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PREFIX = slice(0, 8)


class KeyRefused(ValueError):
    """A key cannot be made like this; the text says why."""


class KeyInvalid(LookupError):
    """A key opens nothing: mistyped, unknown, revoked or expired; the text says which, and what to do."""


def make_key(  # noqa: PLR0913 - a key is all of this
    *,
    tenant: Tenant,
    name: str,
    scopes: Collection[str],
    now: datetime,
    actor: Actor,
    created_by: Person | None = None,
    expires_at: datetime | None = None,
    context: Context | None = None,
) -> tuple[ApiKey, str]:
    """Make a key, recorded as an entry by `actor` from `context`. The text is given here, once, and kept nowhere.

    It expires after 90 days unless told otherwise, after a year at the latest. Raises KeyRefused.
    """
    expires_at = expires_at or now + DEFAULT_LIFE
    _check(name=name, scopes=scopes, expires_at=expires_at, now=now)
    text, random = _fresh()
    with transaction.atomic():
        key = ApiKey.objects.create(
            tenant=tenant,
            name=name.strip(),
            prefix=random[_PREFIX],
            digest=digest_of(text),
            scopes=sorted(set(scopes)),
            created_by=created_by,
            expires_at=expires_at,
        )
        _record(API_KEY_CREATED, key, now=now, actor=actor, context=context)
    return key, text


def revoke_key(key: ApiKey, *, now: datetime, actor: Actor, context: Context | None = None) -> None:
    """End a key at once, in every process, and record it as an entry by `actor`. Ending it again does nothing."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        if ended:
            key.revoked_at = now
            _record(API_KEY_DELETED, key, now=now, actor=actor, context=context)


def recognise(text: str, *, now: datetime) -> ApiKey:
    """The key that this text is, with its tenant: one query, none for a mistyped one. Raises KeyInvalid."""
    match = PATTERN.fullmatch(text)
    if match is None or not hmac.compare_digest(checksum(match[2]), match[3]):
        raise KeyInvalid("This is no API key, or it was cut or mistyped. A key looks like alk_live_….")
    digest = digest_of(text)
    found = [
        key for key in _beginning_with(match[2][_PREFIX]) if hmac.compare_digest(bytes(key.digest), digest)
    ]
    if not found:
        raise KeyInvalid("No such API key. Ask an admin of your tenant for a new one.")
    [key] = found
    if key.revoked_at is not None:
        raise KeyInvalid("This API key was revoked. Ask an admin of your tenant for a new one.")
    if key.expires_at <= now:
        raise KeyInvalid(f"This API key expired on {key.expires_at:%Y-%m-%d}. Ask for a new one.")
    return key


def _beginning_with(prefix: str) -> list[ApiKey]:
    """The keys with this beginning, with their tenants: what every request of a service asks first.

    So it finds out by itself whether the connection that was kept still stands; Django would ask once more for that.
    """
    if connection.connection is None or connection.in_atomic_block:
        return _found(prefix)
    connection.health_check_done = True  # type: ignore[attr-defined] # Django's types leave it out
    try:
        return _found(prefix)
    except (OperationalError, InterfaceError):  # the server ended it since the last request
        connection.close()
        return _found(prefix)


def _found(prefix: str) -> list[ApiKey]:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [prefix])
        return [_with_tenant(row) for row in cursor.fetchall()]


@cache
def _statement() -> str:
    """As the ORM writes it, once: writing it takes ten times as long as asking it."""
    keys = ApiKey.objects.select_related("tenant").filter(prefix="").order_by()
    return str(keys.query.sql_with_params()[0])


def _with_tenant(row: tuple[Any, ...]) -> ApiKey:
    fields, of_tenant = _fields()
    key = ApiKey.from_db(connection.alias, fields, row[: len(fields)])
    key.tenant = Tenant.from_db(connection.alias, of_tenant, row[len(fields) :])
    return key


@cache
def _fields() -> tuple[list[str], list[str]]:
    """The fields of a key and of its tenant, in the order of the statement."""
    models = (ApiKey._meta, Tenant._meta)  # noqa: SLF001 - Django's public Meta
    of_key, of_tenant = ([field.attname for field in model.concrete_fields] for model in models)
    return of_key, of_tenant


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Remember, to the minute, that the key was used: at most one write a minute. Call it after the answer."""
    minute = now.replace(second=0, microsecond=0)
    if key.last_used_at is None or key.last_used_at < minute:
        older = Q(last_used_at=None) | Q(last_used_at__lt=minute)
        ApiKey.objects.filter(older, pk=key.pk).update(last_used_at=minute)
        key.last_used_at = minute


def checksum(random: str) -> str:
    """CRC32 of the random part as six characters of base62, zeros in front."""
    number, digits = zlib.crc32(random.encode()), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits.rjust(6, _ALPHABET[0])


def _fresh() -> tuple[str, str]:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(30))
    return f"alk_{ENVIRONMENT}_{random}{checksum(random)}", random


def digest_of(text: str) -> bytes:
    """What is kept of a key's text."""
    return hashlib.sha256(text.encode()).digest()


def _record(event: Event, key: ApiKey, *, now: datetime, actor: Actor, context: Context | None) -> None:
    told = {"key_name": key.name, "key_prefix": key.prefix}
    if event == API_KEY_CREATED:
        told["expires_at"] = key.expires_at.isoformat(timespec="seconds")
    record(tenant=key.tenant, draft=Draft(event, actor, parameters=told, context=context), now=now)


def _check(*, name: str, scopes: Collection[str], expires_at: datetime, now: datetime) -> None:
    longest = ApiKey._meta.get_field("name").max_length  # noqa: SLF001 - Django's public Meta
    if not name.strip() or not name.isprintable() or len(name) > (longest or 0):
        raise KeyRefused(f"A key needs a name of up to {longest} printable characters: who will use it.")
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        wrong = (
            f"{', '.join(map(repr, unknown))} is no scope"
            if unknown
            else "A key without a scope opens nothing"
        )
        raise KeyRefused(f"{wrong}. Choose from: {', '.join(Scope.values)}.")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise KeyRefused("A key has to expire in the future, after a year at the latest.")
