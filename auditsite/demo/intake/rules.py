"""What the intake allows: the parts of a real service's configuration that change its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import msgspec

READ_AND_WRITE = frozenset({"auto_configure", "create", "create_doc", "create_index", "index", "write"})


@dataclass(frozen=True, slots=True)
class Rules:
    """Sizes in bytes, uncompressed. The defaults are those of the real services.

    `hec_max_bytes`: Splunk Cloud answers a longer body with code 6 that names object 0.
    `hec_acknowledge`: the token was made with useACK; `hec_ack_delay` seconds pass before an id is confirmed.
    `privileges`: what the Elasticsearch key may do on every index. `gzip`: False answers 415 to a compressed body.
    """

    hec_indexes: frozenset[str] = field(default=frozenset({"main", "audit"}))
    hec_max_bytes: int = 6_000_000
    hec_acknowledge: bool = False
    hec_ack_delay: float = 0.0
    http_max_bytes: int = 25_000_000
    elasticsearch_max_bytes: int = 100_000_000
    privileges: frozenset[str] = READ_AND_WRITE
    gzip: bool = True

    def changed(self, changes: Mapping[str, object]) -> Rules:
        """The rules with some of them different. ValueError names what is unknown or of the wrong type."""
        unknown = sorted(set(changes) - set(self.__slots__))
        if unknown:
            raise ValueError(f"unknown rules {', '.join(unknown)}: there are {', '.join(self.__slots__)}")
        return msgspec.convert({**asdict(self), **changes}, Rules)
