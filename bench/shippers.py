"""Debian's syslog-ng and rsyslog doing the same work: lines of JSON from a file, over TLS, to the same intake.

    apt-get download syslog-ng-core syslog-ng-mod-http rsyslog rsyslog-elasticsearch
    for package in *.deb; do dpkg -x $package PEERS; done

Debian installs one of the two only; unpacked into a folder (`--peers PEERS`) both are there, and no service starts.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.receiver import BULK, HEC, HTTP, Receiver, Taken

LINES_A_BATCH = 2_000
PATIENCE = 180.0
# How the parsed entry is written down again.
_FORMATTED = "$(format-json --key .entry.* --shift-levels 2)"
_EVENT = f'{{"time":"${{UNIXTIME}}","host":"${{HOST}}","source":"bench","sourcetype":"bench","event":{_FORMATTED}}}'
_BULK_LINES = f'{{"create":{{"_id":"${{.entry.id}}"}}}}\\n{_FORMATTED}'
# Path, what a body begins with, what stands between, what it ends with, one entry; by kind of destination.
_SYSLOG_NG_FORMS = {
    "splunk_hec": (HEC, "", "\\n", "", _EVENT),
    "http_bearer": (HTTP, "[", ",", "]", _FORMATTED),
    "elasticsearch": (f"/logs{BULK}", "", "\\n", "\\n", _BULK_LINES),
}
_SYSLOG_NG = """@version: 3.38
options {{ stats-freq(0); log-msg-size(262144); }};
source entries {{ file("{lines}" flags(no-parse) log-fetch-limit(2000) log-iw-size(40000)); }};
parser parsed {{ json-parser(prefix(".entry.")); }};
destination intake {{ http(
    url("{url}") method("POST") headers("Content-Type: application/json", "Authorization: Bearer bench")
    body-prefix("{begin}") delimiter("{between}") body-suffix("{end}") body("{body}")
    batch-lines({batch}) batch-timeout(1000) workers(1) tls(ca-file("{ca}") peer-verify(yes))
); }};
log {{ source(entries); parser(parsed); destination(intake); flags(flow-control); }};
"""
_RSYSLOG = """global(workDirectory="{folder}" maxMessageSize="256k")
main_queue(queue.size="40000" queue.dequeuebatchsize="{batch}" queue.timeoutenqueue="600000")
module(load="imfile")
module(load="omelasticsearch")
template(name="entry" type="list") {{ property(name="msg") }}
input(type="imfile" file="{lines}" tag="bench" persistStateInterval="0")
action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" usehttps="on" tls.cacert="{ca}"
    searchIndex="logs" searchType="" bulkmode="on" template="entry" action.resumeretrycount="-1")
"""


@dataclass(frozen=True, slots=True)
class Shipped:
    """What arrived, and the seconds of CPU that the shipper used for it, its start included."""

    taken: Taken
    cpu: float


Ship = Callable[[Path, int, Receiver, Path], Shipped]
"""Lines, their number, the intake, a folder to work in → what came of it."""


def syslog_ng(kind: str, peers: Path | None) -> Ship | None:
    """syslog-ng for this kind of destination, or None where it is not installed."""
    binary = _found("syslog-ng", peers)
    if binary is None:
        return None
    path, begin, between, end, body = _SYSLOG_NG_FORMS[kind]

    def ship(lines: Path, number: int, intake: Receiver, folder: Path) -> Shipped:
        url = intake.address + path
        settings = _SYSLOG_NG.format(
            lines=lines,
            url=url,
            begin=begin,
            between=between,
            end=end,
            body=body.replace('"', '\\"'),
            batch=LINES_A_BATCH,
            ca=intake.ca_file,
        )
        given = folder / "syslog-ng.conf"
        given.write_text(settings)
        files = [f"--persist-file={folder}/persist", f"--control={folder}/control", f"--pidfile={folder}/pid"]
        where = [f"--module-path={peers}/usr/lib/syslog-ng/3.38"] if peers else []
        command = [binary, "--foreground", "--no-caps", f"--cfgfile={given}", *files, *where]
        return _run(command, number, intake, libraries=peers and peers / "usr/lib/syslog-ng")

    return ship


def rsyslog(peers: Path | None) -> Ship | None:
    """rsyslog's omelasticsearch, or None where it is not installed."""
    binary = _found("rsyslogd", peers)
    if binary is None:
        return None

    def ship(lines: Path, number: int, intake: Receiver, folder: Path) -> Shipped:
        settings = _RSYSLOG.format(
            folder=folder, batch=LINES_A_BATCH, lines=lines, port=intake.port, ca=intake.ca_file
        )
        given = folder / "rsyslog.conf"
        given.write_text(settings)
        where = ["-M", f"{peers}/usr/lib/x86_64-linux-gnu/rsyslog"] if peers else []
        return _run([binary, "-n", "-f", str(given), "-i", str(folder / "pid"), *where], number, intake)

    return ship


def _found(name: str, peers: Path | None) -> str | None:
    if peers is not None:
        return str(peers / "usr/sbin" / name) if (peers / "usr/sbin" / name).exists() else None
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


def _run(command: Sequence[str], number: int, intake: Receiver, *, libraries: Path | None = None) -> Shipped:
    """Until all have arrived; then the shipper is ended."""
    environment = {**os.environ, **({"LD_LIBRARY_PATH": str(libraries)} if libraries else {})}
    before = _cpu_of_children()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, number, intake)
    finally:
        process.terminate()
        process.wait()
    return Shipped(intake.taken(), _cpu_of_children() - before)


def _wait(process: subprocess.Popen[bytes], number: int, intake: Receiver) -> None:
    until = time.monotonic() + PATIENCE
    while intake.entries < number:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(
                f"{process.args!r} brought {intake.entries} of {number} entries and ended or hung."
            )
        time.sleep(0.02)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
