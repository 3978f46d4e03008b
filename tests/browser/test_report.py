from __future__ import annotations

from pathlib import Path

from tests.browser.report import Picture, write


def test_ours_stand_beside_those_that_are_there(tmp_path: Path) -> None:
    reference, folder = tmp_path / "reference", tmp_path / "shots"
    reference.mkdir()
    folder.mkdir()
    (reference / "audit-log-light.png").write_bytes(b"theirs")
    (reference / "audit-log-mobile-light.png").write_bytes(b"theirs")
    taken = [
        Picture("log", look, folder / f"log-{look}.png", "audit-log") for look in ("light", "dark", "phone")
    ]

    text = write(folder, taken, reference=reference).read_text()

    assert text.count("<figure") == 5
    assert 'src="log-dark.png"' in text
    assert (folder / "like-audit-log-mobile-light.png").read_bytes() == b"theirs"
    assert not (folder / "like-audit-log-dark.png").exists()


def test_without_a_folder_to_compare_with_ours_stand_alone(tmp_path: Path) -> None:
    taken = [Picture("<log>", "light", tmp_path / "log-light.png", "audit-log")]

    text = write(tmp_path, taken, reference=None).read_text()

    assert text.count("<figure") == 1
    assert "&lt;log&gt;" in text
    assert "<log>" not in text
