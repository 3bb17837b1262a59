"""What an import finds, what it sends of it, and what it remembers."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from notary.cli.importing import sources
from notary.cli.importing.sources import Item, Source
from notary.cli.importing.state import State, default_path
from notary.core.text import canonical_plain
from notary.errors import UsageError

TEXT = b"A title\r\nThe body.\n"
CANONICAL = canonical_plain(TEXT)
DIGEST = {
    "sha256": CANONICAL.sha256.hex(),
    "lines": 3,
    "lines_root": CANONICAL.lines_root.hex(),
}
SERVER = "https://log.example"


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(TEXT)


def found(*paths: Path) -> list[str]:
    return [os.path.relpath(source.path, paths[0]) for source in sources.find([str(path) for path in paths]).sources]


def items(path: Path, *, hash_only: bool = False) -> list[Item]:
    return list(sources.items(Source(str(path), path.stat().st_size), hash_only=hash_only))


def test_a_folder_is_searched_in_the_order_of_names(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a.md", "sub/z.canon", "sub/a.TXT", "lines.ndjson", "more.jsonl", "c.text")
    make(tmp_path, "photo.jpg", "Makefile", ".hidden.txt", ".git/x.txt", "sub/.y/z.txt", "page.html")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    assert found(tmp_path) == [
        "a.md",
        "b.txt",
        "c.text",
        "lines.ndjson",
        "link.txt",
        "more.jsonl",
        "sub/a.TXT",
        "sub/z.canon",
    ]
    everything = sources.find([str(tmp_path)])
    # The link to a folder is no file; names of folders that begin with a dot are not even looked into.
    assert everything.ignored == 5
    assert everything.size == 8 * len(TEXT)


def test_what_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.txt", "photo.jpg")
    assert found(tmp_path / "photo.jpg", tmp_path / ".hidden.txt") == [".", "../.hidden.txt"]
    [item] = items(tmp_path / "photo.jpg")
    assert item.refusal is not None
    assert item.refusal.code == "unknown-type"


@pytest.mark.parametrize("path", ["missing.txt", "missing/", "a\0b"])
def test_what_is_not_there(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError) as caught:
        sources.find([str(tmp_path / path)])
    assert caught.value.code == "unreadable-file"


def test_a_text_is_sent_in_its_canonical_form(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    (tmp_path / "b.canon").write_bytes(CANONICAL.data)
    for name in ("a.txt", "b.canon"):
        [item] = items(tmp_path / name)
        assert json.loads(item.line) == {"text": "A title\n\nThe body.", "type": "canonical"}
        [item] = items(tmp_path / name, hash_only=True)
        assert json.loads(item.line) == {"text_digest": DIGEST}
        assert item.size == (tmp_path / name).stat().st_size


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-text"),
        (b"One line", "empty-body"),
        (b"A\n\xff", "undecodable"),
        (b"A\n" * 5_000_000, "file-too-large"),
    ],
)
def test_a_text_that_cannot_be_accepted_is_not_sent(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    [item] = items(tmp_path / "a.txt")
    assert item.refusal is not None
    assert (item.line, item.refusal.code) == (b"", code)


def lines(tmp_path: Path, *values: Any, hash_only: bool = False) -> list[Item]:
    path = tmp_path / "l.ndjson"
    path.write_bytes(b"".join((v if isinstance(v, bytes) else json.dumps(v).encode()) + b"\n" for v in values))
    return items(path, hash_only=hash_only)


def test_lines_keep_what_they_say_and_their_number(tmp_path: Path) -> None:
    text = TEXT.decode()
    besides = {"document": "d", "language": "en", "note": "a note"}
    found = lines(
        tmp_path,
        {"text": text, **besides},
        b"",
        {"text_base64": base64.b64encode(TEXT).decode(), **besides},
        {"text": CANONICAL.data.decode(), "type": "canonical", **besides},
        {"text_digest": DIGEST, **besides},
    )
    assert [item.line_number for item in found] == [1, 3, 4, 5]
    said = {"text": "A title\n\nThe body.", "type": "canonical", **besides}
    assert [json.loads(item.line) for item in found] == [said, said, said, {"text_digest": DIGEST, **besides}]
    assert len({item.line for item in found[:3]}) == 1
    hashed = lines(tmp_path, {"text": text, **besides}, {"text_digest": DIGEST, **besides}, hash_only=True)
    assert [json.loads(item.line) for item in hashed] == [{"text_digest": DIGEST, **besides}] * 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "json-syntax"),
        (b'"text"', "wrong-type"),
        ({}, "missing-field"),
        ({"text": "A\nB", "text_digest": DIGEST}, "ambiguous-text"),
        ({"text": 1}, "wrong-type"),
        ({"text_base64": "?"}, "wrong-form"),
        ({"text": "A\nB", "type": "pdf"}, "unknown-value"),
        ({"text": "A"}, "empty-body"),
        (b'{"text": "' + b"x" * (5 << 20) + b'"}', "line-too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("hash_only", [False, True])
def test_a_broken_line_hinders_no_other(tmp_path: Path, line: Any, code: str, hash_only: bool) -> None:
    found = lines(tmp_path, {"text": "A\nB"}, line, {"text": "C\nD"}, hash_only=hash_only)
    assert [item.line_number for item in found] == [1, 2, 3]
    assert [None if item.refusal is None else item.refusal.code for item in found] == [None, code, None]
    assert found[1].line == b""


def test_what_is_not_known_is_left_to_the_server_but_for_digests(tmp_path: Path) -> None:
    line = {"text": "A\nB", "body": "secret words"}
    [item] = lines(tmp_path, line)
    assert item.refusal is None
    [item] = lines(tmp_path, line, hash_only=True)
    assert item.refusal is not None
    assert item.refusal.code == "unknown-field"


def test_a_page_is_a_line_with_its_profile(tmp_path: Path) -> None:
    make(tmp_path, "page.html")
    [item] = items(tmp_path / "page.html")
    assert item.refusal is not None
    assert item.refusal.code == "page-not-taken"
    line = {"text": "<p>A page", "type": "html", "profile": {"spec": "x"}}
    [item] = lines(tmp_path, line)
    assert json.loads(item.line) == line
    [item] = lines(tmp_path, {"text": "<p>A page", "type": "html"}, hash_only=True)
    assert item.refusal is not None
    assert item.refusal.code == "page-not-taken"


# ------------------------------------------------------------------------------------------------------------- state


def test_the_state_lasts(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with State(path, server=SERVER) as state:
        assert state.leaf(b"one") is None
        state.add([(b"one", b"1" * 32), (b"two", b"2" * 32)])
        state.add([])
        assert state.leaf(b"one") == b"1" * 32
    with State(path, server=SERVER) as state:
        assert [state.leaf(line) for line in (b"one", b"two", b"three")] == [b"1" * 32, b"2" * 32, None]
        state.add([(b"three", b"3" * 32)])
    assert path.read_bytes().count(b"\n") == 4


def test_a_state_cut_off_anywhere_keeps_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with State(path, server=SERVER) as state:
        state.add([(bytes([i]), bytes([i]) * 32) for i in range(3)])
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    for end in [*range(header, len(whole), 17), len(whole) - 1]:
        path.write_bytes(whole[:end])
        rows = whole[:end].count(b"\n") - 1
        with State(path, server=SERVER) as state:
            assert [state.leaf(bytes([i])) is not None for i in range(3)] == [i < rows for i in range(3)]
            state.add([(b"new", b"n" * 32)])
        with State(path, server=SERVER) as state:
            assert state.leaf(b"new") == b"n" * 32


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad-state"),
        (b'{"spec":"notary-import/1"', "bad-state"),
        (b"something else\n", "bad-state"),
        (b'{"spec":"notary-import/2","server":"https://log.example"}\n', "bad-state"),
        (b'{"server":"https://other.example","spec":"notary-import/1"}\n', "other-server"),
        (b'{"server":"https://log.example","spec":"notary-import/1"}\n{}\n', "bad-state"),
        (b'{"server":"https://log.example","spec":"notary-import/1"}\n' + b"x" * 10_000 + b"\n", "bad-state"),
    ],
)
def test_another_file_is_not_taken_for_a_state(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "s"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        State(path, server=SERVER)
    assert caught.value.code == code
    assert path.read_bytes() == data


def test_where_the_state_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_path("press/2026/") == tmp_path / "press" / "2026.notary-import"
    assert default_path("a.txt") == tmp_path / "a.txt.notary-import"
    assert default_path(".") == tmp_path.with_name(f"{tmp_path.name}.notary-import")
    assert default_path("/") == Path("/import.notary-import")
    with pytest.raises(UsageError) as caught:
        State(tmp_path / "missing" / "s", server=SERVER)
    assert caught.value.code == "unwritable-file"
