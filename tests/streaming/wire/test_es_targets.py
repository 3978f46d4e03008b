from __future__ import annotations

import base64

import pytest

from streaming.wire.es_targets import DEFAULT_STREAM, cloud_address, fault_of_name, split_path


@pytest.mark.parametrize(
    ("path", "prefix", "name"),
    [
        ("/", "", DEFAULT_STREAM),
        ("", "", DEFAULT_STREAM),
        ("/_bulk", "", DEFAULT_STREAM),
        ("/my-index", "", "my-index"),
        ("/my-index/_bulk", "", "my-index"),
        ("/my-index/_bulk/", "", "my-index"),
        ("/my-index/_doc", "", "my-index"),
        ("/my-index/_create", "", "my-index"),
        ("/es/", "/es", DEFAULT_STREAM),
        ("/es/my-index/_bulk", "/es", "my-index"),
        ("/a/b/my-index", "/a/b", "my-index"),
        ("//my-index", "", "my-index"),
    ],
)
def test_a_path_is_a_prefix_and_a_name(path: str, prefix: str, name: str) -> None:
    assert split_path(path) == (prefix, name)


@pytest.mark.parametrize("name", [DEFAULT_STREAM, "a", "audit.2026", "9lives", "a" * 255])
def test_a_legal_name_has_no_fault(name: str) -> None:
    assert fault_of_name(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Audit",
        "-a",
        "_a",
        "+a",
        ".",
        "..",
        "a,b",
        "a*",
        "a?",
        'a"',
        "a<b",
        "a|b",
        "a b",
        "a#b",
        "a:b",
        "a%20b",
        "a\\b",
        "a" * 256,
    ],
)
def test_an_illegal_name_has_one(name: str) -> None:
    assert fault_of_name(name)


def cloud_id(decoded: str) -> str:
    return f"my-deployment:{base64.b64encode(decoded.encode()).decode()}"


@pytest.mark.parametrize(
    ("decoded", "address"),
    [
        ("eu-west-1.aws.found.io$abc123$def456", "https://abc123.eu-west-1.aws.found.io"),
        ("eu-west-1.aws.found.io:9243$abc123$", "https://abc123.eu-west-1.aws.found.io:9243"),
        ("eu-west-1.aws.found.io", ""),
        ("$abc123$def456-longer", ""),
    ],
)
def test_a_cloud_id_holds_an_address(decoded: str, address: str) -> None:
    assert cloud_address(cloud_id(decoded)) == address


@pytest.mark.parametrize(
    "text", ["https://x.example/", "x.example:9200", "name:####", "name:" + "A" * 17, "name:" + "/" * 20]
)
def test_other_texts_are_no_cloud_id(text: str) -> None:
    assert cloud_address(text) == ""
