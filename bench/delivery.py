"""A backlog to a TLS intake by one worker process, beside Debian's syslog-ng and rsyslog in the same run.

    python -m bench.delivery [--entries 200000] [--rounds 3] [--kind splunk_hec] [--peers PEERS] [--data-dir DIR]

Each destination, compressed and not: the product's `Run` over a real PostgreSQL, in a process of its own that does
nothing else. syslog-ng reads the same entries as lines, parses them, formats them and posts 2,000 at a time; rsyslog's
omelasticsearch passes them on as they are. All send to the same intake (bench.receiver), in turn, so that neighbours in
time can be compared: on a shared machine rates wander, ratios less. Promised: level with syslog-ng for Splunk HEC and
HTTP, 0.6 of it for the documents of Elasticsearch; and a worker's memory is the same whatever the backlog.

Neither of the others compresses in these versions, and the product sends an HTTP destination nothing compressed.
PEERS: a folder that the Debian packages are unpacked into, see bench.shippers. DIR keeps the log for the next run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import backlog, ground, shippers
from bench.receiver import HTTP, Receiver, receiving
from bench.shippers import Ship

PROMISES = {"splunk_hec": 1.0, "http_bearer": 1.0, "elasticsearch": 0.6}
COMPRESSES = {"splunk_hec", "elasticsearch"}
SMALL = 20_000
# Bytes in flight are the same; what differs is the allocator's luck.
MOST_GROWTH = 1.25
MICRO = 1e6


@dataclass
class Way:
    """One way to bring the entries, with its rates and CPU (µs an entry: of the shipper, and of PostgreSQL for it)."""

    name: str
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def main() -> int:
    """0 if every ratio that could be taken is what is promised, and the memory is flat."""
    options = _options()
    os.environ["AUDITSITE_OUTBOUND_ALLOW"] = "127.0.0.0/8"
    with ExitStack() as things:
        folder = Path(things.enter_context(tempfile.TemporaryDirectory(prefix="auditsite-bench-")))
        intake = things.enter_context(receiving(folder))
        things.enter_context(ground.database(options.data_dir or folder / "data"))
        backlog.fill(options.entries)
        lines = folder / "lines"
        backlog.write_lines(lines, options.entries)
        bench = Bench(options.entries, options.rounds, options.peers, intake, lines)
        fine = [bench.told(kind) for kind in options.kind or PROMISES]
        return 0 if all([*fine, bench.memory_is_flat()]) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3, help="their medians are told")
    parser.add_argument("--kind", action="append", choices=list(PROMISES))
    parser.add_argument(
        "--peers", type=Path, help="where the other shippers are unpacked; else they are looked for"
    )
    parser.add_argument("--data-dir", type=Path, help="keeps the log for the next run")
    return parser.parse_args()


@dataclass
class Bench:
    entries: int
    rounds: int
    peers: Path | None
    intake: Receiver
    lines: Path

    def told(self, kind: str) -> bool:
        """Measure one kind of destination and print it; whether the promise is kept, as far as it could be seen."""
        print(f"\n{kind}, {self.entries:,} entries, load {os.getloadavg()[0]:.1f}", flush=True)
        ours = {gzip: Way(f"auditsite, {'gzip' if gzip else 'plain'}") for gzip in self._forms(kind)}
        others = {name: (Way(name), ship) for name, ship in self._others(kind)}
        ratios: dict[bool, list[float]] = {gzip: [] for gzip in ours}
        for _ in range(self.rounds):
            for way, ship in others.values():
                self._ship(way, ship)
            for gzip, way in ours.items():
                self._deliver(way, kind, gzip=gzip, waiting=self.entries)
                if "syslog-ng" in others:
                    ratios[gzip].append(way.rates[-1] / others["syslog-ng"][0].rates[-1])
        for way in [*ours.values(), *(way for way, _ in others.values())]:
            _print(way)
        kept = [_kept(kind, ours[gzip].name, found) for gzip, found in ratios.items()]
        return all(kept)

    def memory_is_flat(self) -> bool:
        """Whether a worker needs no more for all of the backlog than for a small one."""
        small, large = Way("small"), Way("large")
        for _ in range(self.rounds):
            self._deliver(small, "splunk_hec", gzip=True, waiting=min(SMALL, self.entries))
            self._deliver(large, "splunk_hec", gzip=True, waiting=self.entries)
        low, high = statistics.median(small.peaks), statistics.median(large.peaks)
        print(f"\nPeak of a worker: {low:.0f} MB for {SMALL:,} entries, {high:.0f} MB for {self.entries:,}")
        return high <= low * MOST_GROWTH

    def _forms(self, kind: str) -> list[bool]:
        return [False, True] if kind in COMPRESSES else [False]

    def _others(self, kind: str) -> list[tuple[str, Ship]]:
        found = {"syslog-ng": shippers.syslog_ng(kind, self.peers)}
        if kind == "elasticsearch":
            found["rsyslog"] = shippers.rsyslog(self.peers)
        for name in [name for name, ship in found.items() if ship is None]:
            print(f"  {name} is not installed: nothing to compare with (see bench/shippers.py)")
        return [(name, ship) for name, ship in found.items() if ship is not None]

    def _ship(self, way: Way, ship: Ship) -> None:
        self.intake.forget()
        with tempfile.TemporaryDirectory(prefix="auditsite-bench-") as folder:
            shipped = ship(self.lines, self.entries, self.intake, Path(folder))
        way.rates.append(shipped.taken.rate)
        way.cpu.append(shipped.cpu / self.entries * MICRO)

    def _deliver(self, way: Way, kind: str, *, gzip: bool, waiting: int) -> None:
        url = self.intake.address + (HTTP if kind == "http_bearer" else "")
        stream = backlog.make_stream(kind, url, gzip=gzip, waiting=waiting)
        self.intake.forget()
        done = backlog.work(stream, ca_file=self.intake.ca_file)
        taken = self.intake.taken()
        if not done["delivered"] == taken.entries == waiting:
            raise RuntimeError(
                f"{waiting} waited, {taken.entries} arrived, {done['delivered']} count as delivered"
            )
        way.rates.append(taken.rate)
        way.cpu.append(done["cpu"] / waiting * MICRO)
        way.database.append(done["database_cpu"] / waiting * MICRO)
        way.peaks.append(done["peak_mb"])


def _print(way: Way) -> None:
    cpu = f"{statistics.median(way.cpu):5.1f}"
    database = f" + {statistics.median(way.database):4.1f} of PostgreSQL" if way.database else ""
    peak = f", {max(way.peaks):.0f} MB" if way.peaks else ""
    print(f"  {way.name:<18} {way.rate:9,.0f} entries/s, CPU µs an entry {cpu}{database}{peak}", flush=True)


def _kept(kind: str, name: str, ratios: list[float]) -> bool:
    if not ratios:
        return True
    ratio, told = statistics.median(ratios), ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"  {name} / syslog-ng: {ratio:.2f} ({told}), promised {PROMISES[kind]}")
    return ratio >= PROMISES[kind]


if __name__ == "__main__":
    sys.exit(main())
