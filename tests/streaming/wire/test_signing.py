from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from streaming.wire.signing import SecretInvalid, checked_secret, new_secret, signed_headers

# The example of the standard itself (standard-webhooks/spec).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'[{"id":"0198","sequence":41}]'


def test_the_standards_own_example_is_signed_alike() -> None:
    body = b'{"test": 2432232314}'
    moment = datetime.fromtimestamp(1614265330, UTC)

    headers = signed_headers(body, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", secret=SECRET, now=moment)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_standards_library_verifies_what_we_sign() -> None:
    now = datetime.now(UTC)

    headers = signed_headers(BODY, message_id="msg_1", secret=SECRET, now=now)

    assert Webhook(SECRET).verify(BODY, headers) == [{"id": "0198", "sequence": 41}]


def test_no_other_body_secret_or_moment_is_verified() -> None:
    now = datetime.now(UTC)
    headers = signed_headers(BODY, message_id="msg_1", secret=SECRET, now=now)
    late = signed_headers(BODY, message_id="msg_1", secret=SECRET, now=now - timedelta(minutes=6))

    for secret, body, given in (
        (SECRET, BODY + b" ", headers),
        (new_secret(), BODY, headers),
        (SECRET, BODY, {**headers, "webhook-id": "msg_2"}),
        (SECRET, BODY, late),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, given)


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_is_taken_with_or_without_its_prefix(length: int) -> None:
    encoded = base64.b64encode(bytes(range(length))).decode()

    assert checked_secret(f" whsec_{encoded}\n") == checked_secret(encoded) == f"whsec_{encoded}"


def test_a_secret_that_lost_its_padding_still_signs() -> None:
    secret = checked_secret("whsec_" + base64.b64encode(bytes(25)).decode().rstrip("="))

    headers = signed_headers(BODY, message_id="msg_1", secret=secret, now=datetime.now(UTC))

    assert Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize(
    "secret",
    ["whsec_", "whsec_not base64", "password", "whsec_AAAA", base64.b64encode(bytes(65)).decode(), "whsec_ü"],
)
def test_what_is_no_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(SecretInvalid) as refused:
        checked_secret(secret)

    assert "whsec_" in str(refused.value) or "bytes" in str(refused.value)
    assert "password" not in str(refused.value)


def test_a_new_secret_is_a_good_one() -> None:
    made = new_secret()

    assert checked_secret(made) == made
    assert made != new_secret()
