"""Pages and profiles of any kind, given to every command that takes them: an exit code, one line, bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notary.core.evm import parse_header
from tests.badpages import BAD_PROFILES, GOOD, MISFITS, PROFILE, TOO_LARGE, UNREADABLE
from tests.program import ROOT, Done, call, environment
from tests.worlds import World

WORLD = World()
HEADER = parse_header(WORLD.anchor().header).hash.hex()
COMMANDS = ("canon", "submit", "verify", "check", "suggest")
MAX_MEMORY = 1 << 30
# Runs the program several times in one process; what each run ended with, and had of memory at most so far, in bytes,
# stands behind what it said.
MEASURED = """\
import json, resource, sys
from notary.cli.main import main
for given in json.loads(sys.argv[1]):
    code = main(given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\\0{code} {peak if sys.platform == 'darwin' else peak * 1024}\\0", end="", file=sys.stderr)
"""


def arguments(command: str, folder: Path, page: bytes, *, profile: bytes | None = None) -> list[str | Path]:
    """Write the files, and return how the program is called with them."""
    (folder / "page.html").write_bytes(page)
    (folder / "profile.json").write_bytes(json.dumps(PROFILE).encode() if profile is None else profile)
    (folder / "bundle.json").write_bytes(WORLD.bundle().encode())
    (folder / "trust.json").write_bytes(WORLD.trust().encode())
    (folder / "key").write_text("a-key\n")
    named = ("--profile", folder / "profile.json", folder / "page.html")
    match command:
        case "canon":
            return ["canon", *named]
        case "submit":
            return ["submit", "--server", "http://127.0.0.1:1", "--key-file", folder / "key", *named]
        case "verify":
            evidence = ("--trust", folder / "trust.json", "--offline", "--header", HEADER)
            return ["verify", folder / "bundle.json", *evidence, *named[:2], "--copy", folder / "page.html"]
        case "check":
            return ["profile", "check", folder / "profile.json", folder / "page.html"]
    return ["profile", "suggest", folder / "page.html"]


def refused(done: Done, code: int, problem: str) -> None:
    assert done.code == code, done
    assert problem in done.err, done
    assert done.err.count("\n") == 1, done
    assert len(done.err) < 500
    assert done.err[:-1].isprintable()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_of_20_mb(command: str, tmp_path: Path) -> None:
    refused(call(*arguments(command, tmp_path, TOO_LARGE)), 2, "file-too-large")


@pytest.mark.parametrize("command", ["canon", "submit", "verify", "check"])
@pytest.mark.parametrize("name", [name for name, (page, _) in UNREADABLE.items() if len(page) < 100_000])
def test_a_page_that_cannot_be_read(name: str, command: str, tmp_path: Path) -> None:
    page, problem = UNREADABLE[name]
    done = call(*arguments(command, tmp_path, page))
    if command == "verify" and problem == "empty-body":
        # The article is gone from the page: that is a difference.
        assert (done.code, done.err) == (1, "")
        return
    refused(done, 2, problem)


@pytest.mark.parametrize("command", ["canon", "submit", "verify", "check"])
@pytest.mark.parametrize("name", [name for name, (page, _) in MISFITS.items() if len(page) < 100_000])
def test_a_page_that_the_profile_does_not_fit(name: str, command: str, tmp_path: Path) -> None:
    page, problem = MISFITS[name]
    done = call(*arguments(command, tmp_path, page))
    if command == "verify":
        # Whether the text was altered cannot be told; that is no error.
        assert (done.code, done.err) == (3, "")
        assert "cannot-check" in done.out.decode()
        return
    refused(done, 3 if command == "check" else 2, problem)
    assert ("notary profile check" in done.err) == (command != "check")


@pytest.mark.parametrize("command", ["canon", "submit", "verify", "check"])
@pytest.mark.parametrize("name", BAD_PROFILES)
def test_a_profile_that_is_none(name: str, command: str, tmp_path: Path) -> None:
    profile, problem = BAD_PROFILES[name]
    done = call(*arguments(command, tmp_path, GOOD, profile=profile))
    refused(done, 2, problem)
    assert done.out == b""


@pytest.mark.parametrize("command", ["canon", "verify", "check", "suggest"])
def test_a_charset_that_is_not_the_pages(command: str, tmp_path: Path) -> None:
    given = arguments(command, tmp_path, GOOD)
    refused(call(*given, "--charset", "klingon"), 2, "unsupported-encoding")
    refused(call(*given, "--charset", "big5"), 2, "unsupported-encoding")


@pytest.mark.parametrize("name", ["empty", "no body", "frames", "ten of them"])
def test_nothing_is_suggested_for_what_has_no_article(name: str, tmp_path: Path) -> None:
    done = call(*arguments("suggest", tmp_path, MISFITS[name][0]))
    refused(done, 3, "no-article")
    assert done.out == b""
    assert ("frame" in done.err) == (name == "frames")


def measured(page: bytes, folder: Path) -> dict[str, tuple[int, str]]:
    """Run the commands that read a page in a process of their own; return how each ended and what it said.

    None of them may take more memory than there should be.
    """
    commands = ("canon", "check", "suggest")
    given = [list(map(str, arguments(command, folder, page))) for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, json.dumps(given)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    said = done.stderr.decode().split("\0")
    assert (done.returncode, len(said)) == (0, 2 * len(commands) + 1), said
    ends = [list(map(int, end.split())) for end in said[1::2]]
    assert all(memory < MAX_MEMORY for _, memory in ends), ends
    return {command: (end[0], words) for command, end, words in zip(commands, ends, said[::2], strict=False)}


@pytest.mark.parametrize("name", [name for name, (page, _) in UNREADABLE.items() if len(page) >= 100_000])
def test_the_memory_for_pages_made_to_exhaust_it(name: str, tmp_path: Path) -> None:
    page, problem = UNREADABLE[name]
    for command, (code, said) in measured(page, tmp_path).items():
        if command == "suggest" and problem == "text-too-large":
            assert code in {2, 3}, said  # there is an article, only no log takes it
            continue
        assert (code, said.count("\n")) == (2, 1), said
        assert problem in said


@pytest.mark.slow
def test_two_million_elements(tmp_path: Path) -> None:
    page, _ = MISFITS["two million elements"]
    for code, said in measured(page, tmp_path).values():
        assert (code, said.count("\n")) == (2, 1), said
