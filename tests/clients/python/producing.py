"""A producer as a process: records entries numbered from FIRST to LAST, and tells each number once it is kept.

    python -m tests.clients.python.producing URL KEY QUEUE FIRST LAST [--fsync]

It ends when all of them are sent.
"""

from __future__ import annotations

import sys

from auditsite_client import Client, Options


def main() -> None:
    url, key, queue, first, last, *flags = sys.argv[1:]
    fsync = "--fsync" in flags
    client = Client(url=url, key=key, queue=queue, options=Options(fsync=fsync, longest_pause=1.0))
    for number in range(int(first), int(last) + 1):
        client.record(
            "cases.case_shared",
            actor="ana@acme.example",
            parameters={"case_id": f"C-{number}", "number": number},
            external_id=f"evt-{number}",
        )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    sys.exit(0 if client.flush(600) else 1)


if __name__ == "__main__":
    main()
