from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import auditsite_client
import pytest
from auditsite_client import Client, Context, Options, QueueFull, acting

from tests.clients.python.conftest import MakeClient
from tests.clients.python.server import Listening, Reply, Server, refusal

SOURCE = str(Path(auditsite_client.__file__).parents[1])


def record(client: Client, *numbers: int) -> list[str]:
    return [
        client.record("cases.case_shared", actor="ana@acme.example", parameters={"n": n}) for n in numbers
    ]


def test_an_entry_arrives_with_the_id_that_was_told(make_client: MakeClient, server: Server) -> None:
    client = make_client()

    ids = record(client, 1, 2, 3)

    assert client.flush(10)
    assert list(server.taken) == ids
    assert server.numbers() == [1, 2, 3]


def test_recording_does_not_wait_for_a_server_that_hangs(make_client: MakeClient, server: Server) -> None:
    hanging = threading.Event()
    server.decide = lambda _: Reply(503) if hanging.wait(10) else None
    client = make_client()

    began = time.monotonic()
    record(client, *range(100))

    assert time.monotonic() - began < 2
    assert not client.flush(0.05)
    server.decide = lambda _: None
    hanging.set()
    assert client.flush(10)
    assert server.numbers() == list(range(100))


def test_the_context_is_filled_in(make_client: MakeClient, server: Server) -> None:
    client = make_client()

    with acting(Context(actor="vic@acme.example", ip="203.0.113.7", request_id="r-1")):
        client.record("cases.case_shared")

    assert client.flush(10)
    entry = next(iter(server.taken.values()))
    assert entry["actor"] == {"email": "vic@acme.example"}
    assert entry["context"] == {"ip": "203.0.113.7", "request_id": "r-1"}


def test_a_server_that_is_away_loses_nothing(make_client: MakeClient, listening: Listening) -> None:
    listening.stop()
    client = make_client()
    record(client, *range(50))
    assert not client.flush(0.3)
    assert client.status().state == "retrying"

    listening.start()

    assert client.flush(10)
    assert listening.state.numbers() == list(range(50))
    assert (client.status().waiting, client.status().state) == (0, "sending")


def test_the_next_start_sends_what_is_left(make_client: MakeClient, listening: Listening) -> None:
    listening.stop()
    first = make_client()
    record(first, 1, 2)
    assert not first.close(0.1)

    listening.start()

    make_client()
    deadline = time.monotonic() + 10
    while listening.state.numbers() != [1, 2]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_full_queue_is_told_at_once_or_waited_for(make_client: MakeClient, server: Server) -> None:
    server.decide = lambda _: Reply(503)
    hasty = make_client(most_entries=2)
    record(hasty, 1, 2)
    with pytest.raises(QueueFull, match="most_entries"):
        record(hasty, 3)

    patient = make_client(most_entries=2, wait_when_full=10)
    threading.Timer(0.2, lambda: setattr(server, "decide", lambda _: None)).start()
    record(patient, 4)

    assert patient.flush(10)
    assert server.numbers() == [1, 2, 4]


def test_refused_entries_can_be_looked_at_and_sent_again(make_client: MakeClient, server: Server) -> None:
    server.decide = lambda _: refusal(422, "entries-refused", _0_workspace="no workspace is 'soc'")
    client = make_client()
    record(client, 1)
    assert client.flush(10)
    assert client.status().set_aside == 1
    assert [aside.reason for aside in client.set_aside()] == ["/workspace no workspace is 'soc'"]

    server.decide = lambda _: None

    assert client.send_again() == 1
    assert client.flush(10)
    assert (server.numbers(), client.set_aside()) == ([1], [])


def test_without_a_thread_it_is_flush_that_sends(make_client: MakeClient, server: Server) -> None:
    client = make_client(background=False)
    record(client, 1)
    time.sleep(0.1)
    assert server.requests == []

    assert client.flush(10)
    assert server.numbers() == [1]


def test_a_closed_client_still_keeps_what_it_is_given(make_client: MakeClient) -> None:
    client = make_client()
    assert client.close()

    record(client, 1)

    assert client.status().waiting == 1
    assert client.close()


def test_forked_workers_record_and_send_by_themselves(make_client: MakeClient, server: Server) -> None:
    client = make_client()
    record(client, 0)
    children = [_forked(client, number) for number in (1, 2, 3)]
    record(client, 4)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    assert client.flush(10)
    assert sorted(server.numbers()) == [0, 1, 2, 3, 4]


def test_a_fork_in_the_middle_of_recording_and_sending_hangs_nobody(
    make_client: MakeClient, server: Server
) -> None:
    client = make_client()
    enough = threading.Event()
    recorded: list[int] = []

    def keep_recording() -> None:
        while not enough.is_set():
            record(client, 1_000 + len(recorded))
            recorded.append(1_000 + len(recorded))

    busy = threading.Thread(target=keep_recording)
    busy.start()
    ends = [os.waitstatus_to_exitcode(os.waitpid(_forked(client, n, wait=0), 0)[1]) for n in range(30)]
    enough.set()
    busy.join()

    assert ends == [0] * 30
    assert client.flush(20)
    assert sorted(server.numbers()) == [*range(30), *recorded]


def _forked(client: Client, number: int, *, wait: float = 15) -> int:
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            record(client, number)
            os._exit(0 if client.flush(wait) or not wait else 1)
        finally:
            os._exit(2)
    return child


def test_what_is_recorded_last_is_sent_as_the_program_ends(server: Server, folder: Path) -> None:
    program = (
        "from auditsite_client import Client; import sys\n"
        "client = Client(url=sys.argv[1], key='k', queue=sys.argv[2])\n"
        "client.record('cases.case_shared', actor='ana@acme.example', parameters={'n': 1})\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, server.url, str(folder)],
        env={**os.environ, "PYTHONPATH": SOURCE}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert server.numbers() == [1]


def test_a_wrong_address_is_told_at_the_start(folder: Path) -> None:
    with pytest.raises(ValueError, match="give one like"):
        Client(url="audit.example", key="k", queue=folder, options=Options())
