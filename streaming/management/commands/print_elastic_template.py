"""`manage.py print_elastic_template`: what an Elasticsearch administrator installs for our documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from audit.management.base import Answer, ProductCommand
from streaming.wire.elastic_template import parts


class Command(ProductCommand):
    help = "Print the component template, the ingest pipeline and the index template for Elasticsearch."

    def add_options(self, parser: CommandParser) -> None:
        names = [name for name, _, _ in parts()]
        parser.add_argument(
            "--part", choices=names, help="Print the body of this one only, for `curl --data-binary @-`."
        )

        parser.add_argument("--opensearch", action="store_true", help="In the words of OpenSearch.")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        made = list(parts(opensearch=options["opensearch"]))
        if options["part"]:
            return next(body for name, _, body in made if name == options["part"])
        return {f"PUT {path}": body for _, path, body in made}

    def told(self, answer: Answer) -> str:
        """Requests that can be pasted into the Dev Tools of Kibana; of one part, its body."""
        if not all(name.startswith("PUT ") for name in answer):
            return _indented(answer)
        return "\n\n".join(f"{name}\n{_indented(body)}" for name, body in answer.items())


def _indented(body: Any) -> str:
    return json.dumps(body, indent=2)
