"""Every management command is tested by name."""

from __future__ import annotations

import re

from tests.house import tree


def test_every_command_is_called_by_a_test() -> None:
    commands = {
        name.rsplit("/", 1)[1].removesuffix(".py")
        for name in [*tree.sources(), *tree.clients()]
        if "/management/commands/" in name and not name.endswith("__init__.py")
    }
    words = {
        word
        for name in tree.tests()
        for word in re.findall(r'"([a-z_]+)"', (tree.ROOT / name).read_text(encoding="utf-8"))
    }

    assert commands
    assert commands - words == set()
