"""Files that commands are given are read up to a limit; results are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from notary.cli.files import read_file, text_kind, write_file
from notary.errors import UsageError


def refused(code: str, path: str | Path, *, max_bytes: int = 10) -> UsageError:
    with pytest.raises(UsageError) as info:
        read_file(str(path), max_bytes=max_bytes, what="copy")
    assert info.value.code == code
    assert "copy" in info.value.message
    return info.value


def test_a_file_up_to_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert read_file(str(tmp_path / "a"), max_bytes=10, what="copy") == b"0123456789"


def test_a_byte_more_than_the_limit_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789x")
    error = refused("file-too-large", tmp_path / "a")
    assert "10 bytes" in error.message


def test_no_more_than_the_limit_is_ever_read() -> None:
    # A file without end: reading all of it first would never return.
    refused("file-too-large", "/dev/zero", max_bytes=1 << 20)


@pytest.mark.parametrize("path", ["missing", ".", "a/b", "nul\0byte", "x" * 5000, "", "lone-\udcff-surrogate"])
def test_what_cannot_be_read_is_a_sentence(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(b"a file, not a folder")
    error = refused("unreadable-file", path)
    assert error.message.endswith(".")
    assert "None" not in error.message


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.txt", "plain"),
        ("a.TXT", "plain"),
        ("folder.html/a.text", "plain"),
        ("a.md", "plain"),
        ("article", "plain"),
        (".hidden", "plain"),
        ("-", "plain"),
        ("a.canon", "canonical"),
        ("a.txt.canonical", "canonical"),
    ],
)
def test_the_extension_tells_the_kind(path: str, kind: str) -> None:
    assert text_kind(path, None) == kind


@pytest.mark.parametrize("path", ["a.txt", "a.html", "a.docx", "a.canon", "-"])
@pytest.mark.parametrize("kind", ["plain", "canonical"])
def test_what_is_said_counts_more_than_the_extension(path: str, kind: str) -> None:
    assert text_kind(path, kind) == kind


@pytest.mark.parametrize("path", ["a.html", "a.HTM", "a.xhtml", "a.txt.html"])
def test_a_web_page_is_named_as_such(path: str) -> None:
    assert text_kind(path, None) == "html"


@pytest.mark.parametrize("path", ["a.docx", "a.pdf", "notice.2026", "a.json"])
def test_an_unknown_extension_is_not_guessed(path: str) -> None:
    with pytest.raises(UsageError) as info:
        text_kind(path, None)
    assert info.value.code == "unknown-type"
    assert "--type" in info.value.message


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(b"an older and longer result")
    with path.open("rb") as reader:
        write_file(path, b"new")
        # By rename: who has the old file open goes on reading the old one.
        assert reader.read() == b"an older and longer result"
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["result"]


def test_a_secret_is_never_readable_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, modes = tmp_path / "secret", []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        modes.append(stat.S_IMODE(self.stat().st_mode))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    before = os.umask(0)
    try:
        write_file(path, b"x", mode=0o600)
    finally:
        os.umask(before)
    assert [*modes, stat.S_IMODE(path.stat().st_mode)] == [0o600, 0o600]


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "missing" / "a", tmp_path / "folder", tmp_path / "file" / "a"):
        with pytest.raises(UsageError) as info:
            write_file(path, b"x")
        assert info.value.code == "unwritable-file"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder"]
