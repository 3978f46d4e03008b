"""The page that shows what arrived: no script, renewed every two seconds."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from auditsite.demo.intake.kinds import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC
from auditsite.demo.intake.ledger import Arrival, Counts, Entry, Ledger
from auditsite.demo.intake.native import text_of

STYLE_PATH: Final = "/_page.css"
STYLE: Final = (Path(__file__).parent / "page.css").read_bytes()
NAMES = {SPLUNK_HEC: "Splunk HEC", HTTP_BEARER: "HTTP (Bearer Auth)", ELASTICSEARCH: "Elasticsearch"}
LATEST = 25
LONGEST = 120

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>Demo intake: {total} entries</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>
<h1>Demo intake</h1>
<p class="lead">Plays the customer's SIEM: what a stream delivers here shows below, since this intake was started.</p>
<section class="cards">{cards}</section>
<h2>Last arrivals</h2>
{table}
</main>
</body>
</html>
"""

TABLE = """<div class="scroll"><table>
<thead><tr><th>Arrived (UTC)</th><th>Over</th><th>Tenant</th><th class="number">Sequence</th><th>Action</th>
<th>Done by</th></tr></thead>
<tbody>{rows}</tbody>
</table></div>"""

NOTHING = """<p class="nothing">Nothing has arrived yet. Enable a stream to this address, or wait for an entry.</p>"""


def render_page(ledger: Ledger) -> str:
    counts = ledger.counts()
    latest = ledger.latest(LATEST)
    rows = "".join(_row(arrival) for arrival in latest)
    return PAGE.format(
        total=f"{sum(each.received for each in counts.values()):,}",
        style=STYLE_PATH,
        cards="".join(_card(kind, counts[kind]) for kind in KINDS),
        table=TABLE.format(rows=rows) if rows else NOTHING,
    )


def _card(kind: str, counts: Counts) -> str:
    facts = [
        _fact("Duplicates", counts.duplicates),
        _fact("Out of order", counts.jumps),
        _fact("Test events", counts.tests),
        _fact("Requests", counts.requests),
    ]
    return (
        f'<article><h3>{NAMES[kind]}</h3><p class="big">{counts.received:,}</p>'
        f'<p class="unit">entries</p><dl>{"".join(facts)}</dl></article>'
    )


def _fact(name: str, value: int) -> str:
    return f"<div><dt>{name}</dt><dd>{value:,}</dd></div>"


def _row(arrival: Arrival) -> str:
    cells = [
        f"<td>{arrival.at:%H:%M:%S}</td>",
        f"<td>{NAMES[arrival.kind]}</td>",
        f"<td>{_shown(arrival.tenant)}</td>",
        f'<td class="number">{"" if arrival.sequence is None else arrival.sequence}</td>',
        f"<td>{_shown(_action_of(arrival.entry))}</td>",
        f"<td>{_shown(_actor_of(arrival.entry))}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _action_of(entry: Entry) -> str:
    found = (
        text_of(entry, "action")
        or text_of(entry, "event", "action")
        or text_of(entry, "event.action")
        or text_of(entry, "event")
    )
    return found or ""


def _actor_of(entry: Entry) -> str:
    found = (
        text_of(entry, "actor", "email")
        or text_of(entry, "actor", "name")
        or text_of(entry, "user", "email")
        or text_of(entry, "user", "name")
        or text_of(entry, "user.email")
    )
    return found or ""


def _shown(text: str) -> str:
    return escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
