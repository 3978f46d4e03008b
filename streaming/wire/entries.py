"""A stored entry (schema 1) taken apart, for the formats that reshape it. Its parameters stay as they are."""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.json import Decoder


class Actor(Struct, frozen=True, gc=False):
    """Who did it."""

    type: str = ""
    id: str | None = None
    email: str | None = None
    name: str | None = None

    @property
    def login(self) -> str | None:
        """What a SIEM knows a person by: the e-mail address, or the name of one who has none."""
        return self.email or self.name or None


class Tenant(Struct, frozen=True, gc=False):
    id: str | None = None
    slug: str | None = None
    name: str | None = None


class Workspace(Struct, frozen=True, gc=False):
    id: str | None = None
    slug: str | None = None
    name: str | None = None


class Target(Struct, frozen=True, gc=False):
    """What it was done to."""

    type: str = ""
    id: str | None = None
    name: str | None = None
    email: str | None = None


class Context(Struct, frozen=True, gc=False):
    """Where the request came from."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


_NOBODY = Actor()


class Entry(Struct, frozen=True, gc=False):
    """What of an entry the other formats have a place for. Keys that a later schema adds are passed over."""

    action: str
    event: str
    id: str
    sequence: int
    occurred_at: str
    recorded_at: str
    area: str = ""
    category: str = ""
    actor: Actor = _NOBODY
    context: Context | None = None
    details: str = ""
    external_id: str | None = None
    outcome: str = ""
    parameters: Raw = Raw(b"{}")
    producer: str | None = None
    schema: int = 1
    target: Target | None = None
    tenant: Tenant | None = None
    workspace: Workspace | None = None

    @property
    def has_parameters(self) -> bool:
        return len(memoryview(self.parameters)) > len(b"{}")


class Named(Struct, frozen=True, gc=False):
    """The parameters of the vocabulary that name a person, a group or a role."""

    username: object = None
    service_account: object = None
    group_name: object = None
    role: object = None

    @property
    def account(self) -> str | None:
        return _text(self.username) or _text(self.service_account)

    @property
    def group(self) -> str | None:
        return _text(self.group_name)

    @property
    def new_role(self) -> str | None:
        return _text(self.role)


read_entry = Decoder(Entry).decode
read_named = Decoder(Named).decode


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
