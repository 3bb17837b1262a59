"""`notary diff` shows what changed so that a person sees it at once, whatever the texts try to hide."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from notary.core.text import MAX_TEXT_BYTES
from tests.program import call, command, environment
from tests.program import notary as run
from tests.worlds import ALTERED, TEXT, World

BEFORE = """\
Old Mill Bridge closed
Vehicles over 7.5 tonnes may not cross it.
Cars are not affected.
The roads office answers questions.
Signed: PayPal
Monday\t9:00
"""
AFTER = """\
Old Mill Bridge closed
Vehicles over 7.5 tonnes may cross it.
Cars are not affected.
A new line.
The roads office answers questions.
Signed: PayPаl
Monday\t9:30
"""
SHOWN = """\
2  2
3    - Vehicles over 7.5 tonnes may [-not -]cross it.
   3 + Vehicles over 7.5 tonnes may cross it.
4  4   Cars are not affected.
   5 + A new line.
5  6   The roads office answers questions.
6    - Signed: [-PayPal-]
   7 + Signed: {+PayPаl+}
     ! a (U+0061 LATIN SMALL LETTER A) is now а (U+0430 CYRILLIC SMALL LETTER A)
7    - Monday⇥9:[-00-]
   8 + Monday⇥9:{+30+}

The texts differ. 3 lines changed, 1 line inserted.
"""


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def body(folder: Path, a: str, b: str, *options: str) -> str:
    """Return what is shown of two bodies under one title; canonical if they look so."""
    kind = ("--type", "canonical") if "canonical" in options else ()
    one, two = (write(folder, name, f"T\n\n{text}") for name, text in (("one.txt", a), ("two.txt", b)))
    done = call("diff", one, two, *kind)
    assert done.code == (a != b)
    assert not set(done.out.decode()) & set("\x1b\u202e\u200d\u2066\ufe0f\t")
    return done.out.decode()


def test_what_changed(tmp_path: Path) -> None:
    done = call("diff", write(tmp_path, "a.txt", BEFORE), write(tmp_path, "b.txt", AFTER))
    assert (done.code, done.out.decode(), done.err) == (1, SHOWN, "")


def test_the_same_text_in_another_form_is_no_difference(tmp_path: Path) -> None:
    plain = write(tmp_path, "a.txt", TEXT.replace("\n", "\r\n").replace(" ", "\u00a0 "))
    canonical = write(tmp_path, "a.canon", World().bundle().text or "")
    done = call("diff", plain, canonical)
    assert (done.code, done.out) == (0, b"The texts are the same.\n")
    assert call("diff", plain, canonical, "--json").json == {"coarse": False, "difference": "identical", "hunks": []}


def test_typography_is_a_difference_and_named_as_such(tmp_path: Path) -> None:
    a, b = write(tmp_path, "a.txt", "T\nthe 'end' is"), write(tmp_path, "b.txt", "T\nthe ‘end’ is")
    done = call("diff", a, b)
    assert done.code == 1
    assert "The texts differ in typography only. 1 line changed." in done.out.decode()
    assert "' (U+0027 APOSTROPHE) is now ‘ (U+2018 LEFT SINGLE QUOTATION MARK)" in done.out.decode()
    assert call("diff", a, b, "--json").json["difference"] == "typography-only"


def test_json_has_it_all(tmp_path: Path) -> None:
    done = call("diff", write(tmp_path, "a.txt", "T\nQ&A\nmay not go"), write(tmp_path, "b.txt", "T\nmay go"), "--json")
    assert done.code == 1
    assert done.json == {
        "difference": "changed",
        "coarse": False,
        "hunks": [
            {
                "a": 3,
                "b": 3,
                "rows": [
                    {"a": 3, "b": None, "segments": [{"kind": "delete", "text": "Q&amp;A"}]},
                    {
                        "a": 4,
                        "b": 3,
                        "segments": [
                            {"kind": "equal", "text": "may "},
                            {"kind": "delete", "text": "not "},
                            {"kind": "equal", "text": "go"},
                        ],
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [
        ("👩\u200d🔬 x y", "👩🔬 x y", "! deleted: \\u{200d} (U+200D ZERO WIDTH JOINER)"),
        ("sun ☀ x y", "sun ☀\ufe0f x y", "+ sun ☀{+\\u{fe0f}+} x y"),
        ("sun ☀ x y", "sun ☀\ufe0f x y", "! inserted: \\u{fe0f} (U+FE0F VARIATION SELECTOR-16)"),
        ("x \u2066y\u2069 z", "x y z", "- x [-\\u{2066}-]y[-\\u{2069}-] z"),
        ("价格10元", "价格１０元", "１ (U+FF11 FULLWIDTH DIGIT ONE)"),
        ("x (y z", "x (\u0301y z", "+ x {+(\u0301+}y z"),
        ("[-x-] {+y+} z one", "[-x-] {+y+} z two", "- \\u{5b}-x-\\u{5d} \\u{7b}+y+\\u{7d} z [-one-]"),
        ("gone for good\nstays", "stays", "- gone for good\n"),
        ("10² m long", "102 m long", "+ {+102+} m long"),
    ],
)
def test_nothing_is_hidden(a: str, b: str, shown: str, tmp_path: Path) -> None:
    assert shown in body(tmp_path, a, b)


def test_markup_and_text_that_looks_like_it_are_told_apart(tmp_path: Path) -> None:
    shown = body(tmp_path, "10<sup>2</sup> m long", "10&lt;sup&gt;2&lt;/sup&gt; m long", "canonical")
    assert "! <sup> is markup in the first, text in the second\n" in shown


def test_long_stretches_without_a_change_are_cut(tmp_path: Path) -> None:
    long = "word " * 1000
    shown = body(tmp_path, f"{long}\n{long}one {long}\n{long}", f"{long}\n{long}two {long}\n{long}")
    assert "[-one-]" in shown
    assert "{+two+}" in shown
    assert " […] " in shown
    assert max(map(len, shown.split("\n"))) < 500
    # What changed is never cut here.
    assert long.strip() in body(tmp_path, "x\ny", f"x\n{long}\ny")


def test_the_same_thing_is_named_once_in_a_line_and_not_all_of_them(tmp_path: Path) -> None:
    a = " ".join(f"a 桥{number} B{number}0" for number in range(30))
    shown = body(tmp_path, a, a.replace("a", "а").replace("0 ", "O "))
    assert shown.count("U+0430") == 1
    assert shown.count("\n     !") == 2
    many = "aceopxyABEKMHOPCTX"
    notes = body(
        tmp_path, " ".join(f"{one} 1 桥" for one in many), " ".join(f"{one} 1 桥" for one in "асеорхуАВЕКМНОРСТХ")
    )
    assert notes.count(" is now ") == 8
    assert "! and 10 more\n" in notes


def test_what_is_far_apart_is_set_apart(tmp_path: Path) -> None:
    a = "\n".join(f"line number {number}" for number in range(40))
    shown = body(tmp_path, a, a.replace("number 5\n", "number five\n").replace("number 20\n", "number twenty\n"))
    assert shown.count("\n\n") == 2
    assert " 7   7   line number 4\n 8     - line number [-5-]\n" in shown
    assert " 9   9   line number 6\n\n22  22   line number 19\n" in shown


def test_where_too_much_differs_it_says_so(tmp_path: Path) -> None:
    a, b = ("\n".join(f"{name}{number}" for number in range(6000)) for name in "ab")
    assert "more may be the same than is shown" in body(tmp_path, a, b)


# ------------------------------------------------------------------------------------------------------------- colour


def on_a_terminal(*arguments: Path, **env: str) -> str:
    """Return what the program writes where standard output is a terminal."""
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in environment(TERM="xterm").items() if name != "NO_COLOR"}
    with subprocess.Popen(command("diff", *arguments), stdout=theirs, stderr=theirs, env={**variables, **env}) as done:
        os.close(theirs)
        found = b""
        while chunk := _read(ours):
            found += chunk
        os.close(ours)
    assert done.returncode == 1
    return found.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # so a terminal ends on Linux
        return b""


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colour_only_where_it_is_wanted(variables: dict[str, str], tmp_path: Path) -> None:
    assert on_a_terminal(write(tmp_path, "a.txt", BEFORE), write(tmp_path, "b.txt", AFTER), **variables) == SHOWN


def test_colour_only_repeats_what_is_marked(tmp_path: Path) -> None:
    coloured = on_a_terminal(write(tmp_path, "a.txt", BEFORE), write(tmp_path, "b.txt", AFTER))
    assert "\x1b[31m[-not -]\x1b[0m" in coloured
    assert "\x1b[32m{+30+}\x1b[0m" in coloured
    assert coloured.replace("\x1b[31m", "").replace("\x1b[32m", "").replace("\x1b[0m", "") == SHOWN


# -------------------------------------------------------------------------------------------------------------- input


def test_a_bundle_stands_for_the_text_in_it(tmp_path: Path) -> None:
    bundle = write(tmp_path, "a.bundle.json", World().bundle().encode())
    assert call("diff", bundle, write(tmp_path, "same.txt", TEXT)).code == 0
    done = call("diff", bundle, write(tmp_path, "altered.txt", ALTERED))
    assert done.code == 1
    assert "may [-not -]cross" in done.out.decode()
    closed = write(tmp_path, "b.bundle.json", World().bundle(text=None).encode())
    done = call("diff", closed, tmp_path / "same.txt")
    assert (done.code, done.out) == (2, b"")
    assert "no-text" in done.err


def test_standard_input_is_one_of_the_two(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", TEXT)
    assert run("diff", path, "-", stdin=TEXT.encode()).code == 0
    assert run("diff", "-", path, stdin=ALTERED.encode()).code == 1
    done = run("diff", "-", "-", stdin=TEXT.encode())
    assert (done.code, done.out) == (2, b"")
    assert "same-input" in done.err


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("missing.txt", None, "unreadable-file"),
        ("b.dat", TEXT, "unknown-type"),
        ("b.txt", "", "empty-text"),
        ("b.txt", b"T\n\xff", "undecodable"),
        ("b.txt", "T\nabc\x1b[2J", "forbidden-code-point"),
        ("b.txt", "T\n" + "a" * MAX_TEXT_BYTES, "text-too-large"),
        ("b.canon", TEXT, "not-canonical"),
        ("b.json", "{}", "missing-field"),
        ("b.json", "no", "json-syntax"),
    ],
)
def test_a_text_that_cannot_be_used(name: str, data: bytes | str | None, code: str, tmp_path: Path) -> None:
    a, b = write(tmp_path, "a.txt", TEXT), tmp_path / name
    if data is not None:
        write(tmp_path, name, data)
    for done in (call("diff", a, b), call("diff", b, a)):
        assert (done.code, done.out) == (2, b"")
        assert code in done.err
        assert "\x1b" not in done.err
