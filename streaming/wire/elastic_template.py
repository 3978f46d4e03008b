"""What an Elasticsearch administrator installs once: mappings of our documents, an ingest pipeline, an index template.

Nothing here is needed for delivery: without it a document still fits Elasticsearch's own template for `logs-*-*`, and
its parameters stay one string. With it they become a `flattened` object, searchable by key, in a single field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]

NAME = "auditsite-audit"
PATTERN = "logs-auditsite.audit-*"
PARAMETERS, PARAMETERS_JSON = "auditsite.audit.parameters", "auditsite.audit.parameters_json"

# Elasticsearch's own parts, from 8.9 on; one that is missing is passed over.
_BEFORE, _AFTER = ("logs@mappings", "logs@settings"), ("ecs@mappings",)
# Above that of `logs-*-*`, which is 100, so that our streams are made from this one.
_PRIORITY = 200

_KEYWORD = MappingProxyType({"type": "keyword", "ignore_above": 1024})
_CONSTANT = MappingProxyType({"type": "constant_keyword"})
_DATE = MappingProxyType({"type": "date"})
_LONG = MappingProxyType({"type": "long"})
_IP = MappingProxyType({"type": "ip"})
_TEXT = MappingProxyType({"type": "match_only_text"})

_KEYWORDS = """
    ecs.version event.id event.kind event.category event.type event.action event.code event.outcome event.module
    event.dataset event.provider organization.id organization.name labels.workspace_id labels.workspace
    labels.workspace_slug user.id user.email user.name user.full_name user.target.id user.target.name
    user.target.email user.changes.roles group.id group.name related.user source.address user_agent.original
    http.request.id service.name observer.vendor observer.product auditsite.audit.area auditsite.audit.category
    auditsite.audit.action auditsite.audit.actor_type auditsite.audit.target.type auditsite.audit.target.id
    auditsite.audit.target.name auditsite.audit.tenant auditsite.audit.producer auditsite.audit.external_id
"""
_OTHERS: Mapping[str, Mapping[str, Any]] = {
    "@timestamp": _DATE,
    "event.created": _DATE,
    "event.sequence": _LONG,
    "message": _TEXT,
    "data_stream.type": _CONSTANT,
    "data_stream.dataset": _CONSTANT,
    "data_stream.namespace": _CONSTANT,
    "related.ip": _IP,
    "source.ip": _IP,
    "auditsite.audit.schema": {"type": "short"},
    # One field, whatever keys the producers choose. Values that are too long for a term are kept, not searchable.
    PARAMETERS: {"type": "flattened", "ignore_above": 1024, "depth_limit": 20},
    PARAMETERS_JSON: {"type": "keyword", "index": False, "doc_values": False},
}


# What OpenSearch calls otherwise, or does not have.
_IN_OPENSEARCH: Mapping[str, Mapping[str, Any]] = {
    PARAMETERS: {"type": "flat_object"},
    "message": {"type": "text"},
    "data_stream.type": _KEYWORD,
    "data_stream.dataset": _KEYWORD,
    "data_stream.namespace": _KEYWORD,
}


def field_types(*, opensearch: bool = False) -> dict[str, Mapping[str, Any]]:
    """The mapping of each field, by its dotted name."""
    own = _IN_OPENSEARCH if opensearch else {}
    return {**dict.fromkeys(_KEYWORDS.split(), _KEYWORD), **_OTHERS, **own}


def component_template(*, opensearch: bool = False) -> Json:
    """`PUT _component_template/auditsite-audit`: the mappings."""
    properties: Json = {}
    for name, kind in sorted(field_types(opensearch=opensearch).items()):
        *parents, leaf = name.split(".")
        place = properties
        for parent in parents:
            place = place.setdefault(parent, {"properties": {}})["properties"]
        place[leaf] = dict(kind)
    return {"template": {"mappings": {"properties": properties}}, "_meta": _about("mappings")}


def ingest_pipeline() -> Json:
    """`PUT _ingest/pipeline/auditsite-audit`: makes the string an object. Where that fails the string stays."""
    return {
        "description": "Audit entries of Auditsite: parameters as one flattened object",
        "processors": [
            {
                "json": {
                    "field": PARAMETERS_JSON,
                    "target_field": PARAMETERS,
                    "if": "ctx.auditsite?.audit?.parameters_json != null",
                    "ignore_failure": True,
                }
            },
            {
                "remove": {
                    "field": PARAMETERS_JSON,
                    "if": "ctx.auditsite?.audit?.parameters != null",
                    "ignore_missing": True,
                }
            },
        ],
        "_meta": _about("pipeline"),
    }


def index_template(*, opensearch: bool = False) -> Json:
    """`PUT _index_template/auditsite-audit`: data streams of our name have the mappings and the pipeline."""
    ours: Json = {"composed_of": [NAME]}
    theirs = {
        "composed_of": [*_BEFORE, NAME, *_AFTER],
        "ignore_missing_component_templates": [*_BEFORE, *_AFTER],
    }
    return {
        "index_patterns": [PATTERN],
        "priority": _PRIORITY,
        "data_stream": {},
        **(ours if opensearch else theirs),
        "template": {"settings": {"index": {"default_pipeline": NAME}}},
        "_meta": _about("index template"),
    }


def parts(*, opensearch: bool = False) -> Iterator[tuple[str, str, Json]]:
    """What to install, in this order: `(part, path to PUT to, body)`."""
    yield "component", f"_component_template/{NAME}", component_template(opensearch=opensearch)
    yield "pipeline", f"_ingest/pipeline/{NAME}", ingest_pipeline()
    yield "index", f"_index_template/{NAME}", index_template(opensearch=opensearch)


def _about(part: str) -> Json:
    return {"managed_by": "auditsite", "description": f"Audit log of Auditsite: {part}"}
