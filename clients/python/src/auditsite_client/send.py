"""`python -m auditsite_client.send`: the sender as a process of its own, and what an operator asks of a queue.

    python -m auditsite_client.send --url https://audit.example --key-file FILE --queue FOLDER

sends until SIGTERM or Ctrl-C. `--once` ends when the queue is empty (exit code 1 if it is not so within
`--timeout` seconds); `--status`, `--set-aside` and `--send-again` print and end.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from auditsite_client.client import Client, Options
from auditsite_client.queue import QueueUnavailable

ROUND = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parsed(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    options = Options(background=False, ca_file=given.ca_file, plain_http=given.plain_http)
    try:
        client = Client(url=given.url, key=lambda: _key(given.key_file), queue=given.queue, options=options)
        with client:
            return _asked(client, given)
    except (QueueUnavailable, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m auditsite_client.send", description="Send a queue's entries."
    )
    parser.add_argument("--url", required=True, help="the server, such as https://audit.example")
    parser.add_argument(
        "--key-file", required=True, type=Path, help="holds the API key; read again for each batch"
    )
    parser.add_argument("--queue", required=True, type=Path, help="the folder that the producers record into")
    parser.add_argument("--ca-file", type=Path, help="a PEM file to trust instead of the public authorities")
    parser.add_argument(
        "--plain-http", action="store_true", help="take http:// for other hosts than this one"
    )
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds that --once may take (60)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="send what is there, and end")
    what.add_argument("--status", action="store_true", help="print what waits, as JSON")
    what.add_argument(
        "--set-aside", action="store_true", help="print what was refused and why, a JSON a line"
    )
    what.add_argument("--send-again", action="store_true", help="put what was refused back into the queue")
    return parser.parse_args(arguments)


def _asked(client: Client, given: argparse.Namespace) -> int:
    if given.status:
        _print(dataclasses.asdict(client.status()))
    elif given.set_aside:
        for entry in client.set_aside():
            _print({"reason": entry.reason, "at": entry.at, "entry": json.loads(entry.body)})
    elif given.send_again:
        _print({"put_back": client.send_again()})
    elif given.once:
        return 0 if client.flush(given.timeout) else 1
    else:
        _send_until_told(client)
    return 0


def _send_until_told(client: Client) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        client.flush(ROUND)
        stop.wait(ROUND / 10)


def _key(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
