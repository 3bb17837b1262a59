"""Errors become exit codes, and nothing that strangers wrote reaches a terminal as it is."""

from __future__ import annotations

import inspect
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from notary import errors
from notary.cli import output
from notary.errors import InvalidConfig, NotaryError, PolicyRefused
from tests.program import command, environment

# Written out: a new class of error must be given an exit code here by somebody who thought about it.
EXITS = {
    "NotaryError": 2,
    "InvalidInput": 2,
    "MalformedJson": 2,
    "InvalidText": 2,
    "Unselectable": 2,
    "InvalidProfile": 2,
    "InvalidRecord": 2,
    "InvalidNote": 2,
    "InvalidRlp": 2,
    "InvalidBundle": 2,
    "InvalidTrust": 2,
    "InvalidConfig": 2,
    "UsageError": 2,
    "ProofFailed": 1,
    "CannotCheck": 3,
    "EndpointFailed": 3,
    "Refused": 2,
    "Unauthorized": 2,
    "Forbidden": 2,
    "NotFound": 2,
    "Conflict": 2,
    "TooLarge": 2,
    "UnsupportedMedia": 2,
    "PolicyRefused": 2,
    "Unconfirmed": 2,
    "Overloaded": 3,
    "RateLimited": 3,
    "IntegrityError": 1,
    "InvalidArchive": 2,
    "NotLeader": 2,
}


def test_every_error_class_is_listed_here() -> None:
    classes = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, NotaryError)}
    assert classes == set(EXITS)


@pytest.mark.parametrize(("name", "code"), EXITS.items())
def test_every_error_class_has_its_exit_code(name: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    error: NotaryError = getattr(errors, name)("Something is wrong.", code="some-code")
    assert output.exit_code(error) == code
    assert output.report_error(error) == code
    assert capsys.readouterr() == ("", "notary: Something is wrong. (some-code)\n")


def test_field_and_position_are_told_also_where_they_are_zero(capsys: pytest.CaptureFixture[str]) -> None:
    output.report_error(PolicyRefused("No.", code="wrong-form", field="text", position=0))
    assert capsys.readouterr().err == "notary: No. (wrong-form, field text, position 0)\n"


HOSTILE = [
    "\x1b[2J",  # clears the screen
    "\x1b]0;title\x07",
    "\x9b31m",  # the same as ESC [, in one character
    "\r",  # goes back and writes over the line
    "\b",
    "\n",
    "\x00",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",  # right to left from here
    "\u2066",
    "\u200b",
    "\u00ad",
    "\ufeff",
    "\ud800",
    "\U000e0041",
    "\ue000",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_moves_or_hides_is_shown_as_its_number(text: str) -> None:
    shown = output.printable(f"a{text}b")
    assert f"\\u{{{ord(text[0]):x}}}" in shown
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]


@pytest.mark.parametrize("text", ["plain", "中文，标点。", "naïve “quoted” — 1.84 €", "e\u0301", "العربية", "🧾"])
def test_what_people_write_is_left_alone(text: str) -> None:
    assert output.printable(text) == text


def test_an_error_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    # What a server says must not look like a second line of ours.
    output.report_error(PolicyRefused("No.\nmatch: all is well\x1b[A", code="x\x1b[A", field="a\nb"))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said


def test_the_faults_of_settings_are_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    output.report_error(InvalidConfig("The settings cannot be used:\nport \x1b[A\nname", code="bad-settings"))
    said = capsys.readouterr().err
    assert said == "notary: The settings cannot be used:\nport \\u{1b}[A\nname (bad-settings)\n"


def test_notes_are_printable_too(capsys: pytest.CaptureFixture[str]) -> None:
    output.note("state: \x1b[2J")
    assert capsys.readouterr().err == "state: \\u{1b}[2J\n"


def test_bytes_go_out_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    data = bytes(range(256)) + "\r\n中".encode()
    output.raw(data)
    assert capfdbinary.readouterr().out == data


def test_json_is_one_canonical_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output.json_line({"b": "é\n", "a": 1})
    assert capfdbinary.readouterr().out == '{"a":1,"b":"é\\n"}\n'.encode()


# -------------------------------------------------------------------------------------- when nobody reads any more


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run ``script`` with ``$notary`` for the program."""
    text = " ".join(f"'{part}'" for part in command())
    return subprocess.run(
        ["/bin/sh", "-c", script.replace("$notary", text)],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", ["canon a.txt", "--help", "verify --help", "--version --json"])
def test_a_reader_that_goes_away_is_no_error(arguments: str, tmp_path: Path) -> None:
    # More than a pipe holds, so that writing fails and not only the end.
    (tmp_path / "a.txt").write_bytes(b"Title\n" + b"body\n" * 100_000)
    done = shell(f"{{ $notary {arguments}; echo $? >code; }} | {sys.executable} -c 'import os; os.close(0)'", tmp_path)
    assert done.stderr == b""
    # A line or two may be in the pipe before its reader has gone.
    assert (tmp_path / "code").read_text().strip() in ({"141"} if "canon" in arguments else {"0", "141"})


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ("canon a.txt", ">&-"),
        ("--version --json", ">&-"),
        ("canon a.txt", "1<a.txt"),
        ("--version --json", "1<a.txt"),
        ("--help", "1<a.txt"),
        ("init --help", "1<a.txt"),
    ],
)
def test_output_that_cannot_be_written_is_said(arguments: str, where: str, tmp_path: Path) -> None:
    """Standard output is closed, or open for reading only."""
    (tmp_path / "a.txt").write_bytes(b"Title\nbody\n")
    done = shell(f"$notary {arguments} {where}", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"unwritable-output" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_what_cannot_be_said_does_not_stop_the_work(tmp_path: Path) -> None:
    # A soft hyphen is left out, which is noted on standard error: here it cannot be.
    (tmp_path / "a.txt").write_bytes("Ti\u00adtle\nbody\n".encode())
    for where in ("2>&-", "2<a.txt"):
        done = shell(f"$notary canon a.txt {where}", tmp_path)
        assert (done.returncode, done.stdout) == (0, b"Title\n\nbody")
