"""`python -m auditsite.embedded run -- COMMAND …`: a command with the embedded servers around it.

`python -m auditsite.embedded needs-wheels` exits with 0 when the dependency group `embedded` has to be installed: it
runs before anything is, so this package imports the standard library only.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from auditsite.embedded import CannotStart, start
from auditsite.embedded.binaries import wheels_are_needed


def main(arguments: list[str]) -> int:
    """Returns the command's exit code, or 1 with a line that says why the servers could not be started."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = _parser().parse_args(arguments[:split]), arguments[split + 1 :]
    if options.action == "needs-wheels":
        return 0 if wheels_are_needed() else 1
    if not command:
        _parser().error("a COMMAND to run is missing")
    signal.signal(signal.SIGTERM, _end)
    try:
        servers = start(options.data_dir, durable=not options.fast)
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    try:
        return subprocess.run(command, env=os.environ | servers.environment(), check=False).returncode
    except KeyboardInterrupt:
        return 130
    except FileNotFoundError:
        sys.stderr.write(f"{command[0]}: there is no such program.\n")
        return 127
    finally:
        servers.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m auditsite.embedded", usage="%(prog)s run [options] -- COMMAND …"
    )
    parser.add_argument("action", choices=["run", "needs-wheels"])
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("AUDITSITE_DATA_DIR", "var")))
    parser.add_argument(
        "--fast", action="store_true", help="do not force anything to disk: for data that are thrown away"
    )
    return parser


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
