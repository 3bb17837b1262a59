"""`notary verify --copy` shows which words changed, only where it can, and never without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from notary.core.bundle import Bundle
from notary.core.evm import parse_header
from notary.core.record import FileDigest
from notary.core.text import canonical_plain
from tests.program import Done, call
from tests.worlds import ALTERED, TEXT, World, entry, record, text_digest

BEGIN = "From the recorded text (-) to your copy (+): "


def verify(folder: Path, copy: str, *options: str, bundle: Bundle | None = None) -> Done:
    """Verify the world's bundle, or another, against a plain copy."""
    world = World()
    (folder / "a.bundle.json").write_bytes((bundle or world.bundle()).encode())
    (folder / "trust.json").write_bytes(world.trust().encode())
    (folder / "copy.txt").write_bytes(copy.encode())
    header = parse_header(world.anchor().header).hash.hex()
    files = (folder / "a.bundle.json", "--trust", folder / "trust.json", "--copy", folder / "copy.txt")
    return call("verify", *files, "--offline", "--header", header, *options)


def test_what_changed_comes_after_the_checks(tmp_path: Path) -> None:
    done = verify(tmp_path, ALTERED)
    assert done.code == 1
    checks, _, changes = done.out.decode().partition(BEGIN)
    assert "  FAIL       copy " in checks
    assert changes == (
        "1 line changed.\n\n"
        "2  2\n"
        "3    - Vehicles over 7.5 tonnes may [-not -]cross it.\n"
        "   3 + Vehicles over 7.5 tonnes may cross it.\n"
        "4  4   Cars are not affected.\n"
    )


def test_also_where_only_typography_differs(tmp_path: Path) -> None:
    done = verify(tmp_path, TEXT.replace("tonnes may", "tonnes\nmay"))
    assert (done.code, done.out.split(b":")[0]) == (1, b"typography-only")
    assert f"{BEGIN}1 line changed, 1 line inserted.\n" in done.out.decode()
    assert "[-Vehicles over 7.5 tonnes -]may not cross it.\n" in done.out.decode()


def test_the_words_of_a_copy_cannot_move_the_cursor_or_hide(tmp_path: Path) -> None:
    done = verify(tmp_path, TEXT.replace("may not", "may \u2066not\u2069").replace("Cars", "Cаrs"))
    shown = done.out.decode().partition(BEGIN)[2]
    assert "{+\\u{2066}+}not{+\\u{2069}+}" in shown
    assert "а (U+0430 CYRILLIC SMALL LETTER A)" in shown
    assert "\u2066" not in shown


@pytest.mark.parametrize("copy", [ALTERED, TEXT.replace("not", "NOT")])
def test_json_stays_as_it_is(tmp_path: Path, copy: str) -> None:
    done = verify(tmp_path, copy, "--json")
    assert set(done.json) == {"verdict", "exit", "checks"}
    assert (done.code, done.json["verdict"]) == (1, "changed")


def test_it_is_bounded_and_says_how_to_see_the_rest(tmp_path: Path) -> None:
    done = verify(tmp_path, "T\n" + "\n".join(f"other {number}" for number in range(500)))
    shown = done.out.decode().partition(BEGIN)[2]
    assert shown.startswith("3 lines deleted, 501 lines inserted.\n")
    assert shown.endswith("\n20 of 504 lines are shown; notary diff BUNDLE COPY shows all.\n")
    assert len(shown.splitlines()) < 40
    rest = call("diff", tmp_path / "a.bundle.json", tmp_path / "copy.txt")
    assert rest.code == 1
    assert "+ other 499\n" in rest.out.decode()


def test_a_long_line_is_bounded_too(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(20_000)]
    changed = [f"{word}x" if number % 3 == 0 else word for number, word in enumerate(words)]
    for copy in (f"T\n{' '.join(changed)}", "T\n" + "x" * 100_000):
        text = canonical_plain(f"T\n{' '.join(words)}".encode()).data.decode()
        world = World(entry=entry(record(content=text_digest(f"T\n{' '.join(words)}"))))
        done = verify(tmp_path, copy, bundle=world.bundle(text=text))
        assert done.code == 1
        shown = done.out.decode().partition(BEGIN)[2]
        assert " […]" in shown
        assert 500 < len(shown) < 5000


# --------------------------------------------------------------------------------------------- where there is nothing


def test_not_for_a_match(tmp_path: Path) -> None:
    done = verify(tmp_path, TEXT)
    assert done.code == 0
    assert BEGIN not in done.out.decode()


def test_not_where_the_evidence_is_false(tmp_path: Path) -> None:
    done = verify(tmp_path, ALTERED, bundle=World(registry=bytes(20)).bundle())
    assert done.out.startswith(b"refuted")
    assert BEGIN not in done.out.decode()


def test_not_where_the_text_is_not_disclosed(tmp_path: Path) -> None:
    done = verify(tmp_path, ALTERED, bundle=World().bundle(text=None))
    assert done.out.startswith(b"changed")
    assert BEGIN not in done.out.decode()


def test_not_for_a_file(tmp_path: Path) -> None:
    content = FileDigest(sha256=bytes(32), size=7, type="application/pdf")
    done = verify(tmp_path, ALTERED, bundle=World(entry=entry(record(content=content))).bundle(text=None))
    assert done.out.startswith(b"changed")
    assert BEGIN not in done.out.decode()


def test_not_for_what_is_a_part_of_a_text_at_most(tmp_path: Path) -> None:
    done = verify(tmp_path, "Old Mill Bridge closed\n")
    assert (done.code, done.out.split(b":")[0]) == (1, b"changed")
    assert BEGIN not in done.out.decode()
