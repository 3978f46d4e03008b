from __future__ import annotations

import time

import pytest

from audit.agents import in_words

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROME}"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (WINDOWS, "Chrome 131 on Windows 10"),
        (MAC, "Chrome 131 on macOS"),
        (LINUX, "Firefox 132 on Linux"),
        ("curl/8.5.0", "curl 8"),
        ("python-requests/2.32.4", "Python Requests 2"),
        ("kiln-bot", ""),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_what_is_known_by_name_is_said(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words


def test_however_long_it_is_looked_at_quickly() -> None:
    in_words(LINUX)

    begin = time.perf_counter()
    for hostile in ("x" * 2_000, "Mozilla/5.0 (" + "; " * 990, "a/1 " * 500, "Android " * 250):
        in_words(hostile)

    assert time.perf_counter() - begin < 1
