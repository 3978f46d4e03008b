from __future__ import annotations

from streaming.wire.messages import Request, TransportError


def test_a_request_shows_no_secret_in_logs() -> None:
    request = Request(
        method="POST", url="https://x.example/", headers={"Authorization": "Bearer t0k"}, body=b"private"
    )

    assert "t0k" not in repr(request)
    assert "private" not in repr(request)


def test_an_error_reads_as_its_reason() -> None:
    error = TransportError("timeout", "It did not answer.", hint="Check the load.")

    assert (str(error), error.code, error.hint) == ("It did not answer.", "timeout", "Check the load.")
