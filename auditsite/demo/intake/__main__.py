"""`python -m auditsite.demo.intake --port 8443 --data-dir DIR`: the intake as a process of its own."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import msgspec

from auditsite.demo.intake.authority import Flavour
from auditsite.demo.intake.intake import Intake
from auditsite.demo.intake.kinds import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC
from auditsite.demo.intake.rules import Rules
from auditsite.demo.intake.tokens import Tokens, load_tokens

KEPT = 1_000
TOKEN_VARIABLES = {
    SPLUNK_HEC: "DEMO_INTAKE_SPLUNK_TOKEN",
    HTTP_BEARER: "DEMO_INTAKE_HTTP_TOKEN",
    ELASTICSEARCH: "DEMO_INTAKE_ELASTICSEARCH_TOKEN",
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. Prints one line as soon as it answers; 1 and one line when it can't start."""
    options = _parser().parse_args(arguments)
    try:
        intake = _intake(options)
        ports = [f"{flavour}={intake.also_on(flavour, port)}" for flavour, port in options.also]
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"The demo intake can't start: {error}\n")
        return 1
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    intake.start()
    shown = [f"{kind}={intake.token(kind)}" for kind in KINDS]
    words = [f"Demo intake at {intake.base_url} ca={intake.ca_file}", *shown, *ports]
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()
    ended.wait()
    intake.stop()
    return 0


def _intake(options: argparse.Namespace) -> Intake:
    return Intake(
        data_dir=options.data_dir,
        now=datetime.now(UTC),
        host=options.host,
        port=options.port,
        tokens=_tokens(options),
        rules=Rules(hec_acknowledge=options.hec_acknowledge),
        keep=None if options.keep_all else KEPT,
        flavour=options.flavour,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m auditsite.demo.intake", description=__doc__)
    add = parser.add_argument
    add("--data-dir", type=Path, required=True, help="keeps the CA, the certificates and the tokens")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=int, default=8443, help="port; 0 takes a free one (8443)")
    add("--flavour", type=Flavour, default=Flavour.GOOD, choices=list(Flavour), help="how the port is served")
    add("--also", type=_also, action="append", default=[], metavar="FLAVOUR=PORT", help="one more port")
    add("--keep-all", action="store_true", help=f"keep every entry, not the last {KEPT:,} of each kind")
    add("--hec-acknowledge", action="store_true", help="the Splunk token uses indexer acknowledgement")
    for kind, variable in TOKEN_VARIABLES.items():
        name = f"--{kind.replace('_', '-')}-token"
        add(name, default=os.environ.get(variable, ""), help=f"token to accept (or ${variable})")
    return parser


def _also(text: str) -> tuple[Flavour, int]:
    flavour, _, port = text.partition("=")
    return Flavour(flavour), int(port or 0)


def _tokens(options: argparse.Namespace) -> Tokens:
    given = {kind: getattr(options, f"{kind}_token") for kind in TOKEN_VARIABLES}
    changes = {kind: token for kind, token in given.items() if token}
    return msgspec.structs.replace(load_tokens(options.data_dir), **changes)


if __name__ == "__main__":
    sys.exit(main())
