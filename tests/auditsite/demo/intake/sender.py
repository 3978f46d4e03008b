"""What the tests send with: one kept connection, the token of the kind, the bodies of the three protocols."""

from __future__ import annotations

import json
from typing import Any, Self

import requests

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, SPLUNK_HEC, Intake

SCHEMES = {SPLUNK_HEC: "Splunk", HTTP_BEARER: "Bearer", ELASTICSEARCH: "ApiKey"}
PATHS = {
    SPLUNK_HEC: "/services/collector/event",
    HTTP_BEARER: "/ingest",
    ELASTICSEARCH: "/logs-auditsite.audit-default/_bulk",
}
TYPES = {ELASTICSEARCH: "application/x-ndjson"}


class Sender:
    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(intake.ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(
        self,
        kind: str,
        body: bytes | str | None = None,
        *,
        method: str = "POST",
        path: str | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        token = self.intake.token(kind) if token is None else token
        content = body.encode() if isinstance(body, str) else body
        return self._session.request(
            method,
            self.intake.base_url + (PATHS[kind] if path is None else path),
            data=content,
            headers={
                "Authorization": f"{SCHEMES[kind]} {token}",
                "Content-Type": TYPES.get(kind, "application/json"),
                **(headers or {}),
            },
            timeout=10,
            allow_redirects=False,
        )

    def control(self, method: str, name: str, content: object = None) -> requests.Response:
        return self._session.request(
            method, f"{self.intake.base_url}/_control/{name}", json=content, timeout=10
        )

    def get(self, path: str, accept: str = "text/html") -> requests.Response:
        return self._session.get(self.intake.base_url + path, headers={"Accept": accept}, timeout=10)


def entry(sequence: int) -> dict[str, Any]:
    return {
        "id": f"id-{sequence}",
        "sequence": sequence,
        "tenant": {"id": "t1", "slug": "acme"},
        "action": "Workflow published",
        "actor": {"type": "user", "email": "ana@acme.example"},
    }


def splunk_body(*events: object, **envelope: object) -> str:
    return "\n".join(json.dumps({"time": 1, **envelope, "event": event}) for event in events)


def bulk_body(*sequences: int, action: str = "create", **document: object) -> str:
    lines = []
    for sequence in sequences:
        lines.append(json.dumps({action: {"_id": f"id-{sequence}"}}))
        lines.append(
            json.dumps({"@timestamp": "2026-11-24T08:00:00Z", "event": {"sequence": sequence}, **document})
        )
    return "".join(f"{line}\n" for line in lines)


def body_of(kind: str, *sequences: int) -> str:
    if kind == SPLUNK_HEC:
        return splunk_body(*(entry(sequence) for sequence in sequences))
    if kind == ELASTICSEARCH:
        return bulk_body(*sequences)
    return json.dumps([entry(sequence) for sequence in sequences])
