"""What an entry's parameters hold: a believable value for every key of the vocabulary, of its own for others."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

WORKFLOWS = (
    "Triage phishing mail", "Isolate host", "Rotate leaked secret", "Offboard employee", "Enrich IP address",
    "Close stale cases", "Weekly vulnerability report", "Block sender domain", "凭证泄露响应", "Reset MFA on request",
    "Notify on-call", "Geburtstag: Zugang prüfen", "Sync CMDB", "Approve firewall change",
)  # fmt: skip
TABLES = (
    "Assets",
    "Known false positives",
    "VIP accounts",
    "Blocked domains",
    "On-call rota",
    "Vendors",
    "Büroräume",
)
FIELDS = ("severity", "owner", "first_seen", "last_seen", "source", "score", "ticket", "comment", "straße")
FIELD_TYPES = ("text", "number", "date", "single select", "user", "checkbox", "link")
DASHBOARDS = (
    "SOC overview",
    "Mean time to respond",
    "Executive summary",
    "Phishing trends",
    "Runner health",
    "Coût par équipe",
)
VARIABLES = (
    "VIRUSTOTAL_URL",
    "DEFAULT_SEVERITY",
    "ESCALATION_CHANNEL",
    "MAX_RETRIES",
    "TIMEZONE",
    "JIRA_PROJECT",
)
RUNNERS = ("default", "eu-central", "us-east-prod", "tokyo-dmz", "lab")
APPS = ("Request access", "Report phishing", "Unlock account", "Order a laptop", "Deklarera resa")
PACKS = ("Microsoft 365", "AWS hardening", "Okta lifecycle", "Phishing response", "GDPR requests")
INTEGRATIONS = (
    "Slack",
    "Jira",
    "Okta",
    "CrowdStrike",
    "VirusTotal",
    "AWS",
    "Microsoft Graph",
    "ServiceNow",
    "GitHub",
)
GROUPS = ("Analysts", "Engineers", "Managers", "Auditors", "Contractors", "Équipe de nuit")
ROLES = ("Builder", "Viewer", "Workspace admin", "Case analyst", "Approver")
TENANT_ROLES = ("Tenant admin", "Auditor", "Workspace viewer")
REQUESTS = (
    "Production access for 8 hours",
    "Open firewall port 8443",
    "Delete customer data",
    "New service account",
    "Raise spending limit",
)
REASONS = (
    "Not needed for this task",
    "Ask the data owner first",
    "A change freeze is on until Monday",
    "Already granted",
)
CASES = (
    "Suspicious sign-in from a new country", "Malware on FIN-LT-0231", "Leaked token in a public repository",
    "Payroll mail with macro", "Impossible travel: 3 accounts", "DNS tunnelling?", "Lost laptop – Zürich",
    "不審なメール添付",
)  # fmt: skip
CHANGES = (
    "description", "schedule: every 15 minutes → every 5 minutes", "owner: Diego Fernández → Elif Şahin",
    "timeout: 30 s → 120 s", "tags: +production −draft", "retries: 3 → 5", "layout: 2 columns → 3 columns",
    "on error: stop → continue", "visibility: private → workspace", "order of steps",
)  # fmt: skip
KEY_NAMES = ("ci-pipeline", "siem-import", "grafana", "backup-check", "laptop of Jonas")
DESTINATIONS = (
    ("splunk_hec", "https://splunk.acme.example:8088/services/collector/event"),
    ("http_bearer", "https://intake.acme.example/audit"),
    ("elasticsearch", "https://elastic.acme.example:9200/_bulk"),
)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"

Value = Callable[[random.Random], Any]


def _one_of(choices: Sequence[Any]) -> Value:
    return lambda rng: rng.choice(choices)


def _between(low: int, high: int) -> Value:
    return lambda rng: rng.randint(low, high)


def _some_of(choices: Sequence[str]) -> Value:
    return lambda rng: sorted(rng.sample(choices, rng.choice((0, 1, 1, 1, 2))))


VALUES: dict[str, Value] = {
    "workflow_name": _one_of(WORKFLOWS),
    "version": lambda rng: str(rng.randint(1, 48)),
    "table_name": _one_of(TABLES),
    "field_name": _one_of(FIELDS),
    "field_type": _one_of(FIELD_TYPES),
    "row_count": lambda rng: int(rng.paretovariate(0.7) * 12) % 250_000,
    "dashboard_name": _one_of(DASHBOARDS),
    "variable_name": _one_of(VARIABLES),
    "runner_group": _one_of(RUNNERS),
    "previous_default": _one_of(RUNNERS),
    "runner": _one_of(RUNNERS),
    "previous_runner": _one_of(RUNNERS),
    "app_name": _one_of(APPS),
    "pack_name": _one_of(PACKS),
    "connection_name": lambda rng: (
        f"{rng.choice(INTEGRATIONS)} {rng.choice(('prod', 'test', 'EU', 'read only'))}"
    ),
    "integration": _one_of(INTEGRATIONS),
    "group_name": _one_of(GROUPS),
    "previous_name": lambda rng: f"{rng.choice(GROUPS)} (old)",
    "groups_added": _some_of(GROUPS),
    "groups_removed": _some_of(GROUPS),
    "role_name": _one_of(ROLES),
    "role": _one_of(TENANT_ROLES),
    "previous_role": _one_of(TENANT_ROLES),
    "service_account": _one_of(
        ("deploy-bot", "github-actions", "terraform", "nightly-sync", "case-importer")
    ),
    "request_name": _one_of(REQUESTS),
    "reason": _one_of(REASONS),
    "case_id": lambda rng: f"CASE-{rng.randint(1000, 9999)}",
    "case_name": _one_of(CASES),
    "format": _one_of(("CSV", "JSON", "PDF")),
    "changes": lambda rng: ", ".join(rng.sample(CHANGES, rng.choice((1, 1, 2)))),
    "method": lambda _rng: "password",
    "key_name": _one_of(KEY_NAMES),
    "key_prefix": lambda rng: "".join(rng.choices(LETTERS, k=8)),
    "expires_at": lambda rng: f"2027-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T09:00:00+00:00",
    "enabled": _one_of((True, False)),
    "schedule": _one_of(("Sundays 03:00 UTC", "first Monday of the month", "daily 02:30 UTC")),
    "stream_name": lambda _rng: "SIEM",
    "changed": _some_of(("url", "token", "destination_kind")),
    "result": _one_of(("success", "success", "failure")),
    "failed_phase": lambda _rng: "",
    "waiting": _between(1, 4_000),
    "held_since": lambda rng: f"2026-11-{rng.randint(1, 20):02d}T{rng.randint(0, 23):02d}:12:44.000000Z",
    "from_sequence": _between(1, 2_000),
    "to_sequence": _between(2_001, 4_000),
    "entries": _between(200, 2_000),
    "days": _one_of((400, 730, 1095)),
    "previous_days": _one_of((365, 400)),
    "page": _one_of(("entries, page 1", "entries, page 1", "entries, page 2", "entry 41")),
    "filters": _one_of(
        ({}, {"category": ["Setting updates"]}, {"done_by": ["ana@acme.example"]}, {"q": "secret"})
    ),
}


def value_of(key: str, rng: random.Random) -> Any:
    """A value for this key; keys of a deployment's own catalogue get a short text."""
    made = VALUES.get(key)
    return made(rng) if made else f"{key.replace('_', ' ')} {rng.randint(1, 99)}"
