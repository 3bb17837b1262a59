"""Every verdict of `notary verify` that can be reached offline, from files, with its exit code and its report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from notary.core.bundle import Bundle
from notary.core.evm import parse_header
from notary.core.note import verifier_key
from notary.core.record import Commitment, FileDigest, Status
from notary.core.trust import Trust, TrustedKey
from tests.program import Done, call
from tests.program import notary as run
from tests.worlds import ALTERED, TEXT, LogKey, World, entry, record, revision

NAMES = ["record", "text", "copy", "publisher", "inclusion", "checkpoint", "anchor", "chain", "current"]
TYPOGRAPHY = TEXT.replace("tonnes may", "tonnes\nmay").replace("bridge", "Bridge")
FILE = b"%PDF-1.7 not really\n"


@dataclass
class Desk:
    """A folder with a bundle, a trust file and copies; :meth:`verify` runs the program on them."""

    folder: Path
    world: World

    def write(self, name: str, data: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def verify(self, bundle: Bundle, *options: str, trust: Trust | None = None) -> Done:
        """Verify with the world's own trust file, or another one."""
        self.write("trust.json", (self.world.trust() if trust is None else trust).encode())
        path = self.write("a.bundle.json", bundle.encode())
        return call("verify", path, "--trust", self.folder / "trust.json", *options)

    @property
    def header(self) -> str:
        """The hash of the block that holds the anchor."""
        return parse_header(self.world.anchor().header).hash.hex()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, World())
    for name, text in {"same.txt": TEXT, "altered.txt": ALTERED, "typography.txt": TYPOGRAPHY}.items():
        made.write(name, text)
    made.write("same.canon", World().bundle().text or "")
    made.write("same.pdf", FILE)
    made.write("other.pdf", FILE + b"x")
    return made


def check(done: Done, code: int, verdict: str, **statuses: str) -> None:
    """Hold the report against what must be in it: ``copy="fail changed"`` names status and code of a check."""
    report = done.json
    assert done.err == ""
    assert set(report) == {"verdict", "exit", "checks"}
    assert (done.code, report["exit"], report["verdict"]) == (code, code, verdict)
    assert [one["name"] for one in report["checks"]] == NAMES
    for one in report["checks"]:
        assert set(one) == {"name", "status", "code", "detail"}
        assert all(isinstance(value, str) and value for value in one.values())
        assert one["status"] in {"pass", "fail", "unchecked", "not-applicable"}
    found = {one["name"]: f"{one['status']} {one['code']}" for one in report["checks"]}
    assert {name: found[name] for name in statuses} == statuses


# ------------------------------------------------------------------------------------------------------------- match


@pytest.mark.parametrize("prefix", ["", "0x"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
@pytest.mark.parametrize("copy", [[], ["same.txt"], ["same.canon"]], ids=str)
def test_match(desk: Desk, prefix: str, case: Callable[[str], str], copy: list[str]) -> None:
    options = [part for name in copy for part in ("--copy", str(desk.folder / name))]
    done = desk.verify(desk.world.bundle(), "--offline", "--header", prefix + case(desk.header), *options, "--json")
    check(
        done, 0, "match", chain="pass pinned-header", publisher="unchecked unsigned", current="unchecked no-statement"
    )


def test_several_pinned_blocks_and_no_word_offline(desk: Desk) -> None:
    done = desk.verify(desk.world.bundle(), "--header", "11" * 32, "--header", desk.header, "--json")
    check(done, 0, "match")


def test_a_file_matches_by_its_bytes(desk: Desk) -> None:
    content = FileDigest(sha256=hashlib.sha256(FILE).digest(), size=len(FILE), type="application/pdf")
    desk.world.entry = entry(record(content=content))
    bundle, pinned = desk.world.bundle(text=None), ["--header", desk.header, "--json"]
    check(desk.verify(bundle, "--copy", str(desk.folder / "same.pdf"), *pinned), 0, "match", copy="pass identical-file")
    check(desk.verify(bundle, "--copy", str(desk.folder / "other.pdf"), *pinned), 1, "changed", copy="fail changed")
    check(desk.verify(bundle, *pinned), 3, "cannot-check", copy="not-applicable no-copy")


# --------------------------------------------------------------------------------------------------------- different


@pytest.mark.parametrize(("name", "verdict"), [("altered.txt", "changed"), ("typography.txt", "typography-only")])
@pytest.mark.parametrize("pinned", [True, False])
def test_a_copy_that_differs(desk: Desk, name: str, verdict: str, *, pinned: bool) -> None:
    # A copy that differs is refuted whether or not the chain could be asked.
    pins = ["--header", desk.header] if pinned else []
    done = desk.verify(desk.world.bundle(), "--offline", *pins, "--copy", str(desk.folder / name), "--json")
    check(done, 1, verdict, copy=f"fail {verdict}")


def test_what_another_key_signed_is_refuted(desk: Desk) -> None:
    forged = World(key=LogKey(2)).bundle()
    done = desk.verify(forged, "--header", desk.header, "--copy", str(desk.folder / "altered.txt"), "--json")
    # False evidence comes before what it would be evidence of.
    check(done, 1, "refuted", checkpoint="fail no-known-signature", copy="fail changed")


def test_another_registry_is_refuted_offline_and_in_words(desk: Desk) -> None:
    forged = World(registry=bytes(20)).bundle()
    check(desk.verify(forged, "--offline", "--json"), 1, "refuted", anchor="fail wrong-registry")
    text = desk.verify(forged, "--offline").out.decode()
    assert text.startswith("refuted: ")
    assert "  FAIL       anchor " in text


# ------------------------------------------------------------------------------------------------------- not checked


def test_pending(desk: Desk) -> None:
    for bundle in (desk.world.bundle(anchors=()), desk.world.bundle(anchors=(), proof=desk.world.proof())):
        done = desk.verify(bundle, "--header", desk.header, "--copy", str(desk.folder / "same.txt"), "--json")
        check(done, 3, "pending", chain="unchecked pending", copy="pass same-text")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--offline"], "offline"),
        ([], "no-endpoint"),
        (["--offline", "--header", "00" * 32], "header-not-pinned"),
        (["--offline", "--rpc", "http://127.0.0.1:1"], "offline"),
        (["--rpc", "http://127.0.0.1:1"], "endpoint-failed"),
        (["--rpc", "http://user:secret@127.0.0.1/"], "endpoint-failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_chain_that_was_not_asked(desk: Desk, options: list[str], code: str) -> None:
    done = desk.verify(desk.world.bundle(), *options, "--copy", str(desk.folder / "same.txt"), "--json")
    check(done, 3, "cannot-check", chain=f"unchecked {code}", anchor="pass anchored", copy="pass same-text")
    assert b"secret" not in done.out


def test_without_a_trust_file(desk: Desk) -> None:
    path = desk.write("a.bundle.json", desk.world.bundle().encode())
    done = call("verify", path, "--header", desk.header, "--json")
    check(done, 3, "cannot-check", checkpoint="unchecked no-trust", anchor="unchecked no-trust")


def test_a_trust_file_for_another_log(desk: Desk) -> None:
    origin = "other.example/log"
    keys = (TrustedKey(verifier_key(origin, desk.world.key.public), 0, None),)
    trust = desk.world.trust(origin=origin, keys=keys)
    done = desk.verify(desk.world.bundle(), "--header", desk.header, "--json", trust=trust)
    check(done, 3, "cannot-check", checkpoint="unchecked log-not-trusted", anchor="unchecked log-not-trusted")


def test_media_that_no_text_can_show(desk: Desk) -> None:
    desk.world.entry = entry(record(media=(bytes(32),)))
    check(desk.verify(desk.world.bundle(), "--header", desk.header, "--json"), 3, "match-with-unchecked")


def test_a_commitment_that_is_not_revealed(desk: Desk) -> None:
    desk.world.entry = entry(record(content=Commitment(sha256=bytes(32), reveal_by="2030-01-01T00:00:00Z")))
    copy = ("--copy", str(desk.folder / "same.txt"))
    done = desk.verify(desk.world.bundle(text=None), "--header", desk.header, *copy, "--json")
    check(done, 3, "cannot-check", copy="unchecked not-revealed")


def test_a_text_that_is_not_disclosed(desk: Desk) -> None:
    bundle, pinned = desk.world.bundle(text=None), ["--header", desk.header, "--json"]
    check(desk.verify(bundle, *pinned), 3, "cannot-check", text="unchecked not-disclosed")
    check(desk.verify(bundle, "--copy", str(desk.folder / "same.txt"), *pinned), 0, "match")


# -------------------------------------------------------------------------------------------------------- superseded


@pytest.mark.parametrize(
    ("status", "verdict"), [(Status.CORRECTION, "older-revision"), (Status.RETRACTION, "retracted")]
)
def test_genuine_but_superseded(desk: Desk, status: Status, verdict: str) -> None:
    later = revision(desk.world.entry, status=status)
    bundle = desk.world.bundle(current=desk.world.current(later))
    pinned = ["--header", desk.header, "--json"]
    check(desk.verify(bundle, *pinned), 4, verdict, current=f"fail {verdict}")
    # Being superseded takes nothing from an alteration, and makes nothing of what was not checked.
    check(desk.verify(bundle, "--copy", str(desk.folder / "altered.txt"), *pinned), 1, "changed")
    check(desk.verify(bundle, "--offline", "--json"), 3, "cannot-check", current=f"fail {verdict}")


def test_a_false_later_revision_is_refuted(desk: Desk) -> None:
    later = revision(desk.world.entry)
    bundle = desk.world.bundle(current=desk.world.current(later, latest=bytes(32)))
    check(desk.verify(bundle, "--header", desk.header, "--json"), 1, "refuted", current="fail later-incomplete")


# ---------------------------------------------------------------------------------------------------------- in words


def test_a_match_in_words(desk: Desk) -> None:
    text = desk.verify(desk.world.bundle(), "--offline", "--header", desk.header).out.decode()
    assert text.startswith("match: The text matches the version that was logged and anchored no later than 20")
    assert "UTC, block 17." in text.splitlines()[0]
    assert [line.split()[1] for line in text.splitlines() if line.startswith("  pass ")]
    for name in NAMES:
        assert text.count(f"  {name} ") == 1
    assert f"trust file {desk.world.trust().fingerprint}" in text
    assert "local test chain: proves nothing to others" in text
    real = desk.verify(desk.world.bundle(), "--header", desk.header, trust=desk.world.trust(development=False))
    assert "local test chain" not in real.out.decode()


def test_nothing_of_a_header_is_told_that_nobody_confirmed(desk: Desk) -> None:
    for options in (["--offline"], ["--offline", "--header", "00" * 32], ["--rpc", "http://127.0.0.1:1"]):
        text = desk.verify(desk.world.bundle(), *options).out.decode()
        assert text.startswith("cannot-check: ")
        assert "no later than" not in text
        assert "block 17" not in text
        assert "2026-" not in text


def test_a_time_that_no_calendar_has(desk: Desk) -> None:
    desk.world.timestamp = 2**63 - 1
    done = desk.verify(desk.world.bundle(), "--header", desk.header)
    assert done.code == 0
    assert done.out.startswith(
        b"match: The text matches the version that was logged and anchored no later than block 17"
    )


def test_it_is_the_same_as_a_process_of_its_own(desk: Desk) -> None:
    inside = desk.verify(desk.world.bundle(), "--offline", "--header", desk.header, "--json")
    arguments = ("a.bundle.json", "--trust", "trust.json", "--offline", "--header", desk.header, "--json")
    assert run("verify", *arguments, cwd=desk.folder) == inside
    piped = (desk.folder / "a.bundle.json").read_bytes()
    assert run("verify", "-", *arguments[1:], cwd=desk.folder, stdin=piped) == inside
    assert json.loads(inside.out)["exit"] == 0
