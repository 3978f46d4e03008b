"""`python -m auditsite.embedded run -- COMMAND …`: a command with the embedded servers around it.

`python -m auditsite.embedded needs-wheels` exits with 0 when the dependency group `embedded` has to be installed: it
runs before anything is, so this package imports the standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from auditsite.embedded import CannotStart, start
from auditsite.embedded.binaries import wheels_are_needed

PAUSE = 0.02
SECONDS_FOR_CTRL_C = 1.0
# Exit codes as shells give them.
NOT_FOUND, BY_SIGNAL = 127, 128


def main(arguments: list[str]) -> int:
    """Returns the command's exit code, or 1 with a line that says why the servers could not be started."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = _parser().parse_args(arguments[:split]), arguments[split + 1 :]
    if options.action == "needs-wheels":
        return 0 if wheels_are_needed() else 1
    if not command:
        _parser().error("a COMMAND to run is missing")
    with _noted_signals() as signals:
        try:
            servers = start(options.data_dir, durable=not options.fast)
        except CannotStart as reason:
            sys.stderr.write(f"{reason}\n")
            return 1
        try:
            return _run(command, os.environ | servers.environment(), signals)
        finally:
            servers.stop()


@contextlib.contextmanager
def _noted_signals() -> Iterator[list[int]]:
    """The signals that came, for whoever asks: an exception out of a handler can be lost, and the signal with it."""
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(command: list[str], environment: dict[str, str], signals: list[int]) -> int:
    """The command's exit code, as a shell gives it. A signal to us ends it: terminals tell it of Ctrl-C themselves."""
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as reason:
        sys.stderr.write(f"{command[0]}: {reason.strerror}\n")
        return NOT_FOUND
    while process.poll() is None:
        time.sleep(PAUSE)
        if signals and signals[0] == signal.SIGINT:
            signals[0] = signal.SIGTERM
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_FOR_CTRL_C)
        elif signals:
            process.terminate()
    return process.returncode if process.returncode >= 0 else BY_SIGNAL - process.returncode


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
