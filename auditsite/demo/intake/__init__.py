"""A log intake of our own: Splunk HEC, a bearer intake and Elasticsearch behind one HTTPS port.

The demo delivers to it, so that a newcomer sees the whole road; the tests deliver to it and make it misbehave on
command. It knows nothing of the product: no Django, no audit, no streaming.
"""

from __future__ import annotations

from auditsite.demo.intake.authority import Flavour
from auditsite.demo.intake.behaviour import (
    Behaviour,
    Refusal,
    busy,
    html_page,
    redirect,
    throttled,
)
from auditsite.demo.intake.intake import Intake
from auditsite.demo.intake.kinds import ELASTICSEARCH, EVERY, HTTP_BEARER, KINDS, SPLUNK_HEC
from auditsite.demo.intake.ledger import Arrival, Counts, Seen
from auditsite.demo.intake.rules import Rules
from auditsite.demo.intake.tokens import Tokens

__all__ = [
    "ELASTICSEARCH",
    "EVERY",
    "HTTP_BEARER",
    "KINDS",
    "SPLUNK_HEC",
    "Arrival",
    "Behaviour",
    "Counts",
    "Flavour",
    "Intake",
    "Refusal",
    "Rules",
    "Seen",
    "Tokens",
    "busy",
    "html_page",
    "redirect",
    "throttled",
]
