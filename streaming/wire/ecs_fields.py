"""The shape of our documents in the Elastic Common Schema (delivery.md 5.1). What is None is left out.

A field of type Raw holds JSON that is written already.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

ECS_VERSION = "8.17.0"
_VERSION = Raw(b'{"version":"%b"}' % ECS_VERSION.encode())
_SERVICE = Raw(b'{"name":"auditsite"}')
_OBSERVER = Raw(b'{"vendor":"Auditsite","product":"Auditsite"}')


class Account(Struct, omit_defaults=True, gc=False):
    """`user.target`: the account that an event is about."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


class Group(Struct, omit_defaults=True, gc=False):
    id: str | None = None
    name: str | None = None


class Changes(Struct, omit_defaults=True, gc=False):
    """`user.changes`: what is different about `user.target` now."""

    roles: list[str]


class User(Struct, omit_defaults=True, gc=False):
    """Who did it."""

    id: str | None = None
    email: str | None = None
    name: str | None = None
    full_name: str | None = None
    target: Account | None = None
    changes: Changes | None = None


class Event(Struct, gc=False):
    id: str
    sequence: int
    created: str
    category: Raw
    type: Raw
    action: str
    code: str
    outcome: str
    kind: str = "event"
    module: str = "auditsite"
    dataset: str = "auditsite.audit"
    provider: str = "audit"


class Related(Struct, omit_defaults=True, gc=False):
    user: list[str] | None = None
    ip: list[str] | None = None


class Source(Struct, omit_defaults=True, gc=False):
    """`address` as it came, `ip` only where it is one: a bad `ip` makes Elasticsearch refuse the document."""

    address: str | None = None
    ip: str | None = None


class UserAgent(Struct, gc=False):
    original: str


class HttpRequest(Struct, gc=False):
    id: str


class Http(Struct, gc=False):
    request: HttpRequest


class Labels(Struct, omit_defaults=True, gc=False):
    workspace_id: str | None = None
    workspace: str | None = None
    workspace_slug: str | None = None


class Organization(Struct, omit_defaults=True, gc=False):
    id: str | None = None
    name: str | None = None


class OwnTarget(Struct, omit_defaults=True, gc=False):
    type: str | None = None
    id: str | None = None
    name: str | None = None


class Own(Struct, omit_defaults=True, gc=False):
    """What ECS has no place for.

    Parameters are one string: their keys are the producers', and a field for each would in the end break the
    customer's mapping. Our ingest pipeline (`print_elastic_template`) makes a `flattened` object of it.
    """

    area: str | None = None
    category: str | None = None
    action: str | None = None
    actor_type: str | None = None
    target: OwnTarget | None = None
    tenant: str | None = None
    producer: str | None = None
    external_id: str | None = None
    schema: int = 0
    parameters_json: str | None = None


class Auditsite(Struct, gc=False):
    audit: Own


class Document(Struct, omit_defaults=True, gc=False):
    """One entry. ECS's own sets come first, ours last."""

    timestamp: str = field(name="@timestamp")
    message: str
    event: Event
    user: User | None
    auditsite: Auditsite
    ecs: Raw = field(default_factory=lambda: _VERSION)
    service: Raw = field(default_factory=lambda: _SERVICE)
    observer: Raw = field(default_factory=lambda: _OBSERVER)
    data_stream: Raw | None = None
    organization: Organization | None = None
    labels: Labels | None = None
    group: Group | None = None
    related: Related | None = None
    source: Source | None = None
    user_agent: UserAgent | None = None
    http: Http | None = None
