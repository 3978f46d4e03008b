"""What SECURITY.md tells scanners is what keys look like."""

from __future__ import annotations

import re

from audit.keys import PATTERN, checksum
from tests.house import tree

RANDOM = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"


def test_the_published_expression_is_that_of_the_code_and_finds_a_key() -> None:
    text = (tree.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    published = re.findall(r"(?m)^alk_.*$", text)
    key = f"alk_live_{RANDOM}{checksum(RANDOM)}"

    assert published == [re.sub(r"[()]", "", PATTERN.pattern)]
    assert re.findall(published[0], f'KEY="{key}" # of acme') == [key]
