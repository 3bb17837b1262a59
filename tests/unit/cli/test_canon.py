"""`notary canon` writes the bytes whose SHA-256 the record carries, and nothing else, to standard output."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from notary.core.html import canonical_page
from notary.core.profile import parse_profile
from notary.core.text import MAX_TEXT_BYTES
from tests.pageworld import PAGE, PROFILE, picture_digest
from tests.program import Done, call
from tests.program import notary as run
from tests.worlds import TEXT, text_digest

CANONICAL = "Brücke gesperrt\n\nDie Alte Brücke — heute.\n周一\t闭馆".encode()
PLAIN = "\ufeffBru\u0308cke  gesperrt\r\n\r\n Die Alte Bru\u0308cke \u2014 heute.\r\n\u5468\u4e00\t\u95ed\u9986\r\n"


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_the_bytes_are_exact(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", PLAIN)
    assert call("canon", path) == Done(0, CANONICAL, "")


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "utf-16"}], ids=str)
def test_the_bytes_are_exact_whatever_the_locale(locale: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", PLAIN)
    assert run("canon", path, env=locale) == Done(0, CANONICAL, "")


def test_their_digest_is_the_recorded_one(tmp_path: Path) -> None:
    done = call("canon", write(tmp_path, "a.txt", TEXT.replace("\n", "\r\n")))
    assert hashlib.sha256(done.out).digest() == text_digest().sha256


def test_standard_input(tmp_path: Path) -> None:
    assert run("canon", "-", stdin=PLAIN.encode()) == Done(0, CANONICAL, "")
    assert run("canon", "--type", "canonical", "-", stdin=CANONICAL) == Done(0, CANONICAL, "")
    assert run("canon", "-", stdin=b"").code == 2


def test_utf_16_with_its_mark_is_read(tmp_path: Path) -> None:
    assert call("canon", write(tmp_path, "a.txt", PLAIN.encode("utf-16-le"))) == Done(0, CANONICAL, "")


def test_the_type_is_told_or_taken_from_the_name(tmp_path: Path) -> None:
    # "&amp;" is markup in a canonical document and five characters in a plain one.
    data = b"Title\n\nfish &amp; chips"
    assert call("canon", write(tmp_path, "a.canon", data)).out == data
    assert call("canon", write(tmp_path, "a.txt", data)).out == b"Title\n\nfish &amp;amp; chips"
    assert call("canon", write(tmp_path, "a.dat", data), "--type", "canonical").out == data
    assert call("canon", tmp_path / "a.canon", "--type", "plain").out == b"Title\n\nfish &amp;amp; chips"
    assert call("canon", tmp_path / "a.dat").code == 2


def test_what_is_canonical_stays_as_it_is(tmp_path: Path) -> None:
    again = write(tmp_path, "again.canon", call("canon", write(tmp_path, "a.txt", PLAIN)).out)
    assert call("canon", again).out == CANONICAL


def test_the_first_line_is_the_title(tmp_path: Path) -> None:
    assert call("canon", write(tmp_path, "a.txt", "\n\n Title \n\n\none\n\ntwo")).out == b"Title\n\none\ntwo"
    single = call("canon", write(tmp_path, "b.txt", "Only one line\n"))
    assert (single.code, single.out) == (2, b"")
    assert "empty-body" in single.err


def test_what_is_left_out_or_invisible_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Ti\u00adtle\nzero\u200bwidth \u200bspace\nleft\u200emark\n")
    done = call("canon", path)
    assert done.out == "Title\n\nzerowidth space\nleft\u200emark".encode()
    assert "U+00AD SOFT HYPHEN, 1 times" in done.err
    assert "U+200B ZERO WIDTH SPACE, 2 times" in done.err
    assert "U+200E LEFT-TO-RIGHT MARK, 1 times" in done.err


@pytest.mark.parametrize(
    ("data", "code", "position"),
    [
        ("Title\nabc\x07def", "forbidden-code-point", 9),
        ("Title\nabc\u202edef", "forbidden-code-point", 9),
        ("Title\nabc\u0378def", "unassigned-code-point", 9),
        (b"Title\nabc\xffdef", "undecodable", 9),
        (b"\xff\xfeT\x00i", "undecodable", None),
        (b"\x00\x00\xfe\xff\x00\x00\x00T", "unsupported-encoding", None),
        ("", "empty-text", None),
        (" \n\t\n", "empty-text", None),
        ("Title\n\u0301abc", "leading-mark", 6),
        ("Title\n" + "a" + "\u0301" * 31, "too-many-marks", None),
        ("Title\nabc\u2066def", "unbalanced-isolate", None),
    ],
)
def test_a_text_that_is_refused(data: bytes | str, code: str, position: int | None, tmp_path: Path) -> None:
    done = call("canon", write(tmp_path, "a.txt", data))
    assert (done.code, done.out) == (2, b"")
    assert code in done.err
    assert done.err.count("\n") == 1
    if position is not None:
        assert f"position {position}" in done.err


def test_the_offending_character_itself_is_not_printed(tmp_path: Path) -> None:
    for character in "\x1b\u202e\x9b":
        done = call("canon", write(tmp_path, "a.txt", f"Title\n{character}[2J"))
        assert done.code == 2
        assert f"U+{ord(character):04X}" in done.err
        assert character not in done.err


def test_what_is_not_canonical_is_refused_as_canonical(tmp_path: Path) -> None:
    done = call("canon", write(tmp_path, "a.canon", CANONICAL + b"\n"))
    assert (done.code, done.out) == (2, b"")
    assert "not-canonical" in done.err


def test_a_text_that_is_too_large(tmp_path: Path) -> None:
    for size, code in ((MAX_TEXT_BYTES + 1, "text-too-large"), (4 * MAX_TEXT_BYTES + 1, "file-too-large")):
        done = call("canon", write(tmp_path, "a.txt", b"T\n" + b"a" * (size - 2)))
        assert (done.code, done.out) == (2, b"")
        assert code in done.err


@pytest.mark.parametrize(("name", "code"), [("a.html", "no-profile"), ("missing.txt", "unreadable-file")])
def test_a_file_that_cannot_be_used(name: str, code: str, tmp_path: Path) -> None:
    write(tmp_path, "a.html", "<p>no</p>")
    done = call("canon", tmp_path / name)
    assert (done.code, done.out) == (2, b"")
    assert code in done.err


def test_a_page_is_read_with_its_profile(tmp_path: Path) -> None:
    profile = write(tmp_path, "portal.profile.json", json.dumps(PROFILE))
    page = write(tmp_path, "page.html", PAGE.replace("it.</p>", "it.</p><p hidden>Not on Sundays.</p>"))
    done = call("canon", "--profile", profile, page)
    assert done.code == 0
    assert hashlib.sha256(done.out).digest() == canonical_page(page.read_bytes(), parse_profile(PROFILE)).text.sha256
    assert "hidden: hidden content, not part of the canonical text: “Not on Sundays.”" in done.err
    assert "link: “the map” to /map" in done.err
    assert f"SHA-256 {picture_digest().hex()}" in done.err


def test_an_image_beside_the_page_is_found_but_nothing_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "a b.png").write_bytes(b"inside")
    (tmp_path / "outside.png").write_bytes(b"outside")
    profile = write(folder, "portal.profile.json", json.dumps(PROFILE))
    images = '<img src="files/a%20b.png?v=1"><img src="../outside.png"><img src="http://a.example/files/a%20b.png">'
    page = write(folder, "page.html", PAGE.replace("</div><div", f"{images}</div><div"))
    told = call("canon", "--profile", profile, page).err
    assert hashlib.sha256(b"inside").hexdigest() in told
    assert hashlib.sha256(b"outside").hexdigest() not in told
    assert told.count("without a digest") == 2


def test_a_charset_that_came_over_the_network_counts(tmp_path: Path) -> None:
    profile = write(tmp_path, "portal.profile.json", json.dumps(PROFILE))
    page = write(tmp_path, "page.html", PAGE.replace('<meta charset="utf-8">', "").replace("Old", "旧").encode("gbk"))
    assert "undecodable" in call("canon", "--profile", profile, page).err
    assert "旧".encode() in call("canon", "--profile", profile, "--charset", "gb2312", page).out


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ("{", "json-syntax"),
        ("[]", "invalid-profile"),
        ('{"spec":"notary-profile/1","body":"#article","author":".by"}', "invalid-profile"),
        ('{"spec":"notary-profile/1","body":"div::before"}', "invalid-profile"),
        ('{"spec":"notary-profile/1","body":"#story"}', "selector-no-match"),
        ('{"spec":"notary-profile/1","body":"div"}', "selector-ambiguous"),
    ],
)
def test_a_profile_that_cannot_be_used(profile: str, code: str, tmp_path: Path) -> None:
    path = write(tmp_path, "portal.profile.json", profile)
    done = call("canon", "--profile", path, write(tmp_path, "page.html", PAGE))
    assert (done.code, done.out) == (2, b"")
    assert code in done.err
