"""`python -m auditsite.demo --intake-port 8443 --data-dir DIR`: the demo's tenant, people, entries and stream."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import django


def main(arguments: list[str]) -> int:
    """Makes what is missing, and prints how to sign in."""
    parser = argparse.ArgumentParser(prog="python -m auditsite.demo", description=__doc__)
    parser.add_argument("--intake-port", type=int, required=True, help="where the demo's intake listens")
    parser.add_argument(
        "--data-dir", type=Path, required=True, help="the intake's: its CA and tokens lie there"
    )
    options = parser.parse_args(arguments)
    django.setup()
    from auditsite.demo.setup import prepare  # noqa: PLC0415 - models can be imported once Django is set up

    lines = prepare(intake_port=options.intake_port, intake_dir=options.data_dir, now=datetime.now(UTC))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
