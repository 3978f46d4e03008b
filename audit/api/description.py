"""What the API says of itself in OpenAPI: bodies, answers, problems and examples, from the types of `shapes`."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from audit.api import shapes
from audit.api.answers import JSON, PROBLEM

REFERENCE = "#/components/schemas/{name}"

ENTRY_IN: dict[str, Any] = {
    "event": "workflows.workflow_published",
    "actor": {"email": "ana@acme.example", "name": "Ana"},
    "workspace": "soc",
    "parameters": {"workflow_name": "Triage", "version": "7"},
    "context": {"ip": "203.0.113.7"},
    "occurred_at": "2026-11-24T08:15:30.123456Z",
    "external_id": "evt-991",
}
BY_A_SERVICE: dict[str, Any] = {
    "event": "runners.runner_group_edited",
    "actor": {"type": "service_account", "name": "runner-fleet"},
}
PROBLEM_EXAMPLE = {
    "type": "urn:auditsite:problem:entries-refused",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Nothing was recorded. At /3/event: no event has this code; did you mean 'cases.case_shared'?",
    "errors": [
        {
            "loc": "/3/event",
            "msg": "no event has the code 'cases.case_shard'; did you mean 'cases.case_shared'?",
            "type": "event_unknown",
        }
    ],
}
REASONS = {
    400: "The body or the query cannot be read; `errors` or `detail` say where.",
    401: "No valid key: missing, mistyped, unknown, expired, revoked, or sent in the address.",
    403: "The key lacks the scope that this needs.",
    404: "There is no such thing in the key's tenant.",
    413: "More than 1,000 entries or 5 MB: send smaller batches.",
    415: "A Content-Type or Content-Encoding that is not taken.",
    422: "An entry breaks a rule; `errors` name item, field and reason. Nothing was recorded.",
    503: "The database does not answer: send the same request again after Retry-After.",
}
EVERYWHERE = (401, 403, 503)


def schemas() -> dict[str, Any]:
    """The types of `shapes` as JSON schemas, by name."""
    types = [
        shapes.EntryIn, shapes.Accepted, shapes.Entries, shapes.Activity, shapes.Facets, shapes.Vocabulary,
        shapes.ProblemDocument,
    ]  # fmt: skip
    _, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return components


def reference(shape: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=shape.__name__)}


def described(
    *,
    status: int,
    answer: type[msgspec.Struct] | dict[str, Any],
    refusals: Sequence[int] = (),
    parameters: Sequence[dict[str, Any]] = (),
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An operation's part of the OpenAPI document. `answer` is a type, or a schema of its own."""
    schema = answer if isinstance(answer, dict) else reference(answer)
    said: dict[str, Any] = {
        "responses": {
            status: {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": schema}}},
            **{refused: _problem(refused) for refused in sorted({*refusals, *EVERYWHERE})},
        }
    }
    if parameters:
        said["parameters"] = list(parameters)
    if body is not None:
        said["requestBody"] = body
    return said


def in_query(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """A parameter of the address; several values where its schema is an array."""
    return {"in": "query", "name": name, "description": description, "schema": schema, "required": False}


def entries_body() -> dict[str, Any]:
    """The three forms in which entries go in."""
    entry = reference(shapes.EntryIn)
    many = {"type": "array", "items": entry, "minItems": 1, "maxItems": 1000}
    lines = "\n".join(msgspec.json.encode(example).decode() for example in (ENTRY_IN, BY_A_SERVICE))
    return {
        "required": True,
        "content": {
            JSON: {
                "schema": {"oneOf": [entry, many]},
                "examples": {
                    "one": {"summary": "One entry", "value": ENTRY_IN},
                    "batch": {"summary": "An array of entries", "value": [ENTRY_IN, BY_A_SERVICE]},
                },
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "One entry a line, each as in EntryIn."},
                "examples": {"lines": {"summary": "One entry a line", "value": lines}},
            },
        },
    }


def _problem(status: int) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": reference(shapes.ProblemDocument)}
    if status == 422:
        content["example"] = PROBLEM_EXAMPLE
    return {"description": REASONS[status], "content": {PROBLEM: content}}
