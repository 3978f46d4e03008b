"""The three protocols, by the names that the product gives its destination types."""

from __future__ import annotations

from typing import Final

SPLUNK_HEC: Final = "splunk_hec"
HTTP_BEARER: Final = "http_bearer"
ELASTICSEARCH: Final = "elasticsearch"
KINDS: Final = (SPLUNK_HEC, HTTP_BEARER, ELASTICSEARCH)

EVERY: Final = "*"
"""All three at once, where a behaviour is set."""
