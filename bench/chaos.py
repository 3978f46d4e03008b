"""Faults on real processes: nothing lost, order kept, doubles only where an answer was lost, true figures throughout.

    python -m bench.chaos [--faults NAME,… | --all] [--entries 5000] [--seed N] [--lanes 3] [--list] [--json FILE]

Starts the product (PostgreSQL, Redis, web, two workers, beat, HTTPS intakes). Each fault gets three new tenants, one
for each destination, strikes while `--entries` are recorded for each of them, and is over when nothing waits. Faults
that only concern a destination run in `--lanes` at a time, each with an intake of its own. Prints a table; 1 where
anything was not as promised. The seed is printed and makes the faults' timing and the entries the same again.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import queue
import random
import shutil
import sys
import tempfile
import threading
import traceback
from pathlib import Path

from bench.faults import answers, processes, roads, servers, settings
from bench.faults.ground import Ground, ground
from bench.faults.receiver import Receiver
from bench.faults.run import Fault, play
from bench.faults.truth import Shown

FAULTS = [*processes.FAULTS, *servers.FAULTS, *settings.FAULTS, *roads.FAULTS, *answers.FAULTS]
# Ten minutes and more of waiting for confirmations: only when named, or with --all.
LONG = {"ack-never", "ack-answer-lost"}


def main() -> int:
    """0 if everything was as promised."""
    options = _options()
    if options.list:
        for fault in FAULTS:
            print(f"{fault.name:<22} {fault.words}")
        return 0
    faults = _chosen(options)
    print(
        f"{len(faults)} faults, {options.entries} entries for each of 3 tenants, --seed {options.seed}",
        flush=True,
    )
    folder = Path(tempfile.mkdtemp(prefix="auditsite-chaos-"))
    shown: list[Shown] = []
    try:
        with ground(folder, lanes=options.lanes) as found:
            _play_all(found, faults, options, shown)
    finally:
        bad = [each for each in shown if each.problems]
        if bad or len(shown) < len(faults):
            print(f"logs are kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n" + table(shown))
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(each) for each in shown], indent=1))
    print(f"\n{len(shown) - len(bad)} of {len(faults)} as promised")
    return 0 if len(shown) == len(faults) and not bad else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--faults", default="", help="names, with commas between; without it all but the long ones"
    )
    parser.add_argument("--all", action="store_true", help=f"with the long ones: {', '.join(sorted(LONG))}")
    parser.add_argument("--entries", type=int, default=5_000, help="for each of the three tenants")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10_000))
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="print the faults' names")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Fault]:
    names = [name for name in options.faults.split(",") if name]
    unknown = sorted(set(names) - {fault.name for fault in FAULTS})
    if unknown:
        sys.exit(f"unknown faults {', '.join(unknown)}: --list prints what there is")
    chosen = [fault for fault in FAULTS if fault.name in names] if names else FAULTS
    if not names and not options.all:
        chosen = [fault for fault in chosen if fault.name not in LONG]
    for fault in chosen:
        if fault.needs and shutil.which(fault.needs) is None:
            print(f"{fault.name} is left out: it needs {fault.needs}")
    return [fault for fault in chosen if not fault.needs or shutil.which(fault.needs)]


def _play_all(found: Ground, faults: list[Fault], options: argparse.Namespace, shown: list[Shown]) -> None:
    for fault in faults:
        if fault.alone:
            _play(found, found.receivers[0], fault, options, shown)
            found.in_order()
    # The longest first, so that no lane is left with one at the end.
    waiting: queue.SimpleQueue[Fault] = queue.SimpleQueue()
    for fault in sorted((fault for fault in faults if not fault.alone), key=lambda fault: -fault.patience):
        waiting.put(fault)

    def lane(receiver: Receiver) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                _play(found, receiver, waiting.get_nowait(), options, shown)

    lanes = [threading.Thread(target=lane, args=(receiver,)) for receiver in found.receivers]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()


def _play(
    found: Ground, receiver: Receiver, fault: Fault, options: argparse.Namespace, shown: list[Shown]
) -> None:
    try:
        outcome = play(found, receiver, fault, entries=options.entries, seed=options.seed)
    except Exception as error:  # noqa: BLE001 - the next fault is played all the same, and this one counts as failed
        traceback.print_exc()
        outcome = Shown(
            fault.name, fault.words, seed=options.seed, problems=[f"the run itself failed: {error}"]
        )
    shown.append(outcome)
    print(line(outcome), flush=True)


def table(shown: list[Shown]) -> str:
    """For docs/reliability.md."""
    names = (
        "fault",
        "recorded",
        "lost",
        "disorder",
        "doubles",
        "absorbed",
        "set aside",
        "recovered",
        "attempts",
        "",
    )
    head = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    return "\n".join([*head, *(line(each) for each in shown)])


def line(shown: Shown) -> str:
    counts = [shown.total(n) for n in ("recorded", "lost", "disordered", "doubles", "absorbed", "set_aside")]
    codes = ", ".join(f"{code} ×{number}" for code, number in list(shown.attempts.items())[:4])
    end = "; ".join([*(shown.problems or ["as promised"]), *shown.notes])
    cells = [
        f"`{shown.fault}`: {shown.words}",
        *(f"{count:,}" for count in counts),
        f"{shown.recovered:.0f} s",
        codes,
    ]
    return f"| {' | '.join(cells)} | {end} |"


if __name__ == "__main__":
    sys.exit(main())
