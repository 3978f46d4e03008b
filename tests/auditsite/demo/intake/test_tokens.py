from __future__ import annotations

import base64
import re
import stat
import uuid
from pathlib import Path

import pytest

from auditsite.demo.intake.tokens import load_tokens, new_tokens


def test_tokens_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    first = load_tokens(tmp_path)

    assert load_tokens(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


def test_tokens_have_the_shapes_of_the_real_ones() -> None:
    tokens = new_tokens()

    assert str(uuid.UUID(tokens.for_kind("splunk_hec"))) == tokens.splunk_hec
    key = base64.b64decode(tokens.for_kind("elasticsearch")).decode()
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}:[A-Za-z0-9_-]{22}", key)
    assert len(tokens.for_kind("http_bearer")) == 40


@pytest.mark.parametrize("content", ["", "{}", '{"splunk_hec": 5}'])
def test_a_broken_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.json").write_text(content)

    with pytest.raises(ValueError, match=r"tokens.json: .* Mend it, or delete it"):
        load_tokens(tmp_path)
