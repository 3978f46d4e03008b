from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import BinaryField

from audit.models import Tenant
from streaming.asking import ask_for_test
from streaming.configuring import Settings
from streaming.delivery import Run
from streaming.encryption import Secret
from streaming.models import ConnectionTest, Cursor, Stream
from streaming.rotating import KEPT, rotate, saved_under, secrets_by_key
from streaming.tokens import signing_secret_of, token_of
from streaming.wire.signing import new_secret
from tests.entries import make_entry
from tests.key_rings import FIRST, SECOND, THIRD, UseKeys
from tests.streams import MakeStream

SIGNING = Secret(new_secret())


@pytest.fixture
def three(use_keys: UseKeys, make_stream: MakeStream) -> list[Stream]:
    """Streams of acme, each saved while another key was the first; all have a signing secret."""
    streams = []
    for number, keys in enumerate(([FIRST], [SECOND, FIRST], [THIRD, SECOND, FIRST]), 1):
        use_keys(*keys)
        streams.append(
            make_stream(name=f"stream {number}", token=Secret(f"t0ken-{number}"), signing_secret=SIGNING)
        )
    return streams


def a_waiting_test(stream: Stream) -> ConnectionTest:
    values = Settings(enabled=None, destination_kind=stream.destination_kind, url=stream.url)
    return ask_for_test(tenant=stream.tenant, settings=values, stream=stream, by=None, now=datetime.now(UTC))


def test_every_column_of_secrets_is_looked_after() -> None:
    columns = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField) and "encrypted" in field.name
    }

    assert {(kept.model, kept.column) for kept in KEPT} == columns


def test_what_was_saved_under_three_keys_ends_up_under_the_first(
    three: list[Stream], use_keys: UseKeys
) -> None:
    use_keys(SECOND, FIRST)
    test = a_waiting_test(three[0])
    ring = use_keys(THIRD, SECOND, FIRST)
    third, second, first = ring.key_ids
    assert secrets_by_key() == {first: 2, second: 4, third: 2}

    done = rotate(ring)

    assert (done.written, done.unreadable) == (6, ())
    assert secrets_by_key() == {third: 8}
    use_keys(THIRD)
    streams = list(Stream.objects.order_by("name"))
    assert [token_of(stream).reveal() for stream in streams] == ["t0ken-1", "t0ken-2", "t0ken-3"]
    assert [signing_secret_of(stream) for stream in streams] == [SIGNING] * 3
    assert signing_secret_of(ConnectionTest.objects.get(pk=test.pk)) == SIGNING


@pytest.mark.usefixtures("three")
def test_a_second_time_there_is_nothing_to_do(use_keys: UseKeys) -> None:
    ring = use_keys(THIRD, SECOND, FIRST)
    rotate(ring)
    saved = list(Stream.objects.values_list("pk", "token_encrypted", "signing_secret_encrypted"))

    assert rotate(ring).written == 0
    assert list(Stream.objects.values_list("pk", "token_encrypted", "signing_secret_encrypted")) == saved


def test_nothing_but_the_ciphertext_changes(three: list[Stream], use_keys: UseKeys) -> None:
    def rest() -> object:
        return (
            Stream.objects.filter(pk=three[0].pk)
            .values("config_version", "token_set_at", "url", "enabled")
            .get()
        )

    before = rest()

    rotate(use_keys(THIRD, SECOND, FIRST))

    assert rest() == before


def test_a_stream_that_is_being_delivered_notices_nothing(
    acme: Tenant, make_stream: MakeStream, use_keys: UseKeys
) -> None:
    use_keys(FIRST)
    stream = make_stream()
    make_entry(acme)
    with Run(stream.pk, owner="test") as run:
        run.deliver_next_batch(now=datetime.now(UTC))
        rotate(use_keys(SECOND, FIRST))
        last = make_entry(acme)
        run.deliver_next_batch(now=datetime.now(UTC))

    assert Cursor.objects.get(pk=stream.pk).place == last.sequence


def test_a_ciphertext_of_another_row_is_named_and_holds_up_no_other(
    three: list[Stream], use_keys: UseKeys
) -> None:
    copied, _, _ = three
    Stream.objects.filter(pk=copied.pk).update(token_encrypted=three[1].token_encrypted)
    ring = use_keys(THIRD, SECOND, FIRST)

    done = rotate(ring)

    assert (done.written, done.unreadable) == (3, (f"token of stream {copied.pk} of acme",))
    assert saved_under(ring.key_ids[1], most=9) == [*done.unreadable]
    assert bytes(Stream.objects.get(pk=copied.pk).token_encrypted or b"") == three[1].token_encrypted


def test_more_than_a_batch_is_written(
    acme: Tenant, use_keys: UseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.rotating.BATCH", 2)
    ring = use_keys(FIRST)
    for number in range(5):
        pk = uuid4()
        sealed = ring.encrypt(Secret(f"t0ken-{number}"), tenant=acme.pk, row=pk)
        Stream.objects.create(pk=pk, tenant=acme, name=str(number), token_encrypted=sealed)

    assert rotate(use_keys(SECOND, FIRST)).written == 5
