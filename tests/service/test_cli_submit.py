"""`notary submit` against a log that really runs: what goes to which stream, and how each trouble ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from notary.core.bundle import Bundle, parse_bundle
from notary.core.profile import parse_profile
from notary.core.record import TextDigest
from notary.core.text import canonical_plain
from notary.net.http import request
from tests import backends
from tests.pageworld import PAGE, PICTURE, PROFILE, SRC, picture_digest
from tests.program import Done, call
from tests.program import notary as run
from tests.served import Served, serving
from tests.worlds import ALTERED, TEXT

LEAF = re.compile(rb"[0-9a-f]{64}\n")


@dataclass(frozen=True)
class Desk:
    """A publisher's desk: a folder with the key and texts, and the log that takes them."""

    folder: Path
    served: Served

    def submit(self, name: str, *options: str) -> Done:
        return call(
            "submit", "--server", self.served.url, "--key-file", self.folder / "key", self.folder / name, *options
        )

    def leaf(self, name: str, *options: str) -> str:
        """Submit what must be accepted, and return its leaf hash."""
        done = self.submit(name, *options)
        assert done.code == 0, done.err
        assert LEAF.fullmatch(done.out)
        return done.out.decode().strip()

    def write(self, name: str, text: str | bytes) -> str:
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def bundle(self, leaf: str) -> Bundle:
        answer = request("GET", f"{self.served.url}/api/v1/entries/{leaf}/bundle", timeout=10, max_bytes=1 << 20)
        return parse_bundle(answer.body)


@pytest.fixture(scope="module")
def desk(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    call(
        "init", folder / "log", "--origin", "notary.example/log/submit-test", "--development", *backends.init_options()
    )
    (folder / "key").write_bytes(call("apikey", "new", "Roads office", "--data", folder / "log").out)
    with serving(folder / "log") as served:
        served.await_healthy()
        yield Desk(folder, served)


def test_only_the_leaf_hash_goes_to_standard_output(desk: Desk) -> None:
    done = desk.submit(desk.write("a.txt", TEXT.replace("\n", "\r\n")))
    assert done.code == 0
    assert LEAF.fullmatch(done.out)
    assert done.err == "notary: accepted, integrated\n"
    bundle = desk.bundle(done.out.decode().strip())
    record, content = bundle.entry.record, bundle.entry.record.content
    assert isinstance(content, TextDigest)
    assert content.sha256 == canonical_plain(TEXT.encode()).sha256
    # Nothing is said that was not given.
    assert (record.document, record.language, record.published, record.previous) == (None, None, None, None)
    assert bundle.meta is not None
    assert set(bundle.meta.value) == {"publisher"}


def test_the_same_file_twice_is_the_same_leaf(desk: Desk) -> None:
    desk.write("b.txt", TEXT + "b\n")
    desk.write("b-crlf.txt", "\ufeff" + TEXT.replace("\n", "\r\n") + "b")
    assert desk.leaf("b.txt") == desk.leaf("b.txt") == desk.leaf("b-crlf.txt")
    assert desk.leaf("b.txt", "--language", "en") != desk.leaf("b.txt")


def test_from_standard_input(desk: Desk) -> None:
    text = TEXT + "from standard input\n"
    arguments = ("submit", "--server", desk.served.url, "--key-file", desk.folder / "key")
    done = run(*arguments, "-", stdin=text.encode())
    assert done.out.decode().strip() == desk.leaf(desk.write("stdin.txt", text))
    canonical = canonical_plain(text.encode()).data
    assert run(*arguments, "-", "--type", "canonical", stdin=canonical).out == done.out


def test_everything_that_can_be_said_is_in_the_entry(desk: Desk) -> None:
    options = ["--document", "notice-1", "--language", "EN-gb", "--published", "2026-11-23T09:30:00+08:00"]
    options += ["--url", "https://roads.example/1", "--author", "Ann Ä.", "--note", "first — of all"]
    bundle = desk.bundle(desk.leaf(desk.write("c.txt", TEXT + "c\n"), *options))
    record = bundle.entry.record
    assert (record.document, record.language) == ("notice-1", "en-GB")
    assert record.published == "2026-11-23T09:30:00+08:00"
    assert bundle.meta is not None
    assert bundle.meta.value == {
        "publisher": "Roads office",
        "url": "https://roads.example/1",
        "author": "Ann Ä.",
        "note": "first — of all",
    }


def test_a_page_is_submitted_with_its_profile_and_the_images_beside_it(desk: Desk) -> None:
    (desk.folder / "files").mkdir()
    (desk.folder / "files" / "bridge.png").write_bytes(PICTURE)
    desk.write("portal.profile.json", json.dumps(PROFILE))
    page = desk.write("page.html", PAGE.replace(SRC, "files/bridge.png"))
    leaf = desk.leaf(page, "--profile", str(desk.folder / "portal.profile.json"), "--document", "page-1")
    bundle = desk.bundle(leaf)
    record, content = bundle.entry.record, bundle.entry.record.content
    assert isinstance(content, TextDigest)
    assert (record.media, record.document) == ((picture_digest(),), "page-1")
    assert (bundle.profile, content.profile_sha256) == (PROFILE, parse_profile(PROFILE).digest())
    assert content.links_sha256 is not None


def test_each_flag_of_a_page_is_named_and_has_to_be_confirmed(desk: Desk) -> None:
    profile = str(desk.folder / desk.write("portal.profile.json", json.dumps(PROFILE)))
    added = '<p hidden>Not on Sundays.</p><div class="share">Share this</div><button>Vote</button><iframe></iframe>'
    page = desk.write("flags.html", PAGE.replace("</div><div", f"{added}</div><div"))
    done = desk.submit(page, "--profile", profile)
    assert (done.code, done.out) == (2, b"")
    for said in ("hidden", "“Not on Sundays.”", "ignored", "“Share this”", "skipped", "“Vote”", "embedded"):
        assert said in done.err
    assert "--confirm-hidden" in done.err
    bundle = desk.bundle(desk.leaf(page, "--profile", profile, "--confirm-hidden"))
    assert bundle.text is not None
    assert "Sundays" not in bundle.text


def test_a_page_without_a_profile_is_not_sent(desk: Desk) -> None:
    done = desk.submit(desk.write("bare.html", PAGE))
    assert (done.code, done.out) == (2, b"")
    assert "no-profile" in done.err


def test_revisions_follow_one_another(desk: Desk) -> None:
    document = ("--document", "notice-2")
    desk.write("r.txt", TEXT + "r\n")
    desk.write("s.txt", ALTERED + "s\n")
    desk.write("t.txt", ALTERED + "t\n")
    first = desk.leaf("r.txt", *document)
    second = desk.leaf("s.txt", *document, "--status", "correction", "--previous", first, "--note", "not: may not")
    assert (
        desk.leaf("s.txt", *document, "--status", "correction", "--previous", first, "--note", "not: may not") == second
    )
    third = desk.leaf("t.txt", *document, "--status", "retraction", "--previous", second)
    record = desk.bundle(third).entry.record
    assert record.status == "retraction"
    assert record.previous is not None
    assert record.previous.leaf.hex() == second
    for options, code, head in (
        ((), "document-exists", third),
        (("--status", "update", "--previous", first), "previous-not-head", third),
        (("--status", "update"), "previous-required", third),
        (("--status", "update", "--previous", "zz"), "wrong-form", ""),
        (("--previous", third), "unexpected-previous", ""),
    ):
        done = desk.submit(desk.write("u.txt", TEXT + f"{code}\n"), *document, *options)
        assert (done.code, done.out) == (2, b"")
        assert code in done.err
        assert head in done.err


def test_as_json(desk: Desk) -> None:
    done = desk.submit(desk.write("j.txt", TEXT + "j\n"), "--json")
    assert done.json == {"leaf_hash": desk.leaf("j.txt"), "state": "integrated"}


@pytest.mark.parametrize("key", [b"%s\n", b"%s", b"%s\r\n", b"\n  %s  \n\n"], ids=repr)
def test_a_key_file_as_editors_leave_it(desk: Desk, key: bytes) -> None:
    path = desk.folder / "edited.key"
    path.write_bytes(key % (desk.folder / "key").read_bytes().strip())
    desk.write("k.txt", TEXT + "k\n")
    done = call("submit", "--server", desk.served.url, "--key-file", path, desk.folder / "k.txt")
    assert done.out.decode().strip() == desk.leaf("k.txt")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (b"", "bad-key-file"),
        (b"one two", "bad-key-file"),
        (b"one\ntwo\n", "bad-key-file"),
        ("schlüssel".encode(), "bad-key-file"),
        (b"\xff\xfe", "bad-key-file"),
        (b"a" * 5000, "file-too-large"),
        (b"nk_0123456789ab_" + b"0" * 64, "bad-api-key"),
        (b"secret", "bad-api-key"),
    ],
)
def test_a_key_that_does_not_open(desk: Desk, key: bytes, code: str) -> None:
    path = desk.folder / "wrong.key"
    path.write_bytes(key)
    done = call("submit", "--server", desk.served.url, "--key-file", path, desk.folder / desk.write("x.txt", TEXT))
    assert (done.code, done.out) == (2, b"")
    assert code in done.err
    assert "secret" not in done.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--language", "english please"], "wrong-form"),
        (["--published", "yesterday"], "wrong-form"),
        (["--published", "2026-02-30T00:00:00Z"], "not-a-date"),
        (["--url", "javascript:alert(1)"], "wrong-form"),
        (["--document", "../etc"], "wrong-form"),
        (["--note", "\udcff"], None),
        (["--note", "a\x1b[2Jb"], "forbidden-code-point"),
        (["--timeout", "nan"], "bad-timeout"),
        (["--timeout", "-1"], "bad-timeout"),
        (["--wait", "--out", "missing"], "no-such-folder"),
        (["--type", "canonical"], "not-canonical"),
    ],
    ids=lambda value: " ".join(map(ascii, value)) if isinstance(value, list) else None,
)
def test_what_is_refused_is_said_with_its_code(desk: Desk, options: list[str], code: str | None) -> None:
    done = desk.submit(desk.write("x.txt", TEXT), *options)
    assert (done.code, done.out) == (2, b"")
    assert (code or "(") in done.err
    assert done.err.count("\n") == 1


def test_waiting_without_a_chain_ends(desk: Desk, tmp_path: Path) -> None:
    desk.write("w.txt", TEXT + "w\n")
    done = desk.submit("w.txt", "--wait", "--timeout", "2", "--out", str(tmp_path))
    assert done.code == 3
    # It is in the log all the same, and whoever reads standard output knows where.
    assert done.out.decode().strip() == desk.leaf("w.txt")
    assert "not-final-yet" in done.err
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(desk: Desk) -> None:
    path = desk.folder / desk.write("x.txt", TEXT)
    done = call("submit", "--server", "http://127.0.0.1:1", "--key-file", desk.folder / "key", path)
    assert (done.code, done.out) == (3, b"")
    assert "endpoint-unreachable" in done.err


def test_nothing_that_was_refused_is_stored(desk: Desk) -> None:
    text = TEXT + "never stored\n"
    desk.submit(desk.write("n.txt", text), "--language", "no tag")
    digest = canonical_plain(text.encode()).sha256.hex()
    url = f"{desk.served.url}/api/v1/entries?text_sha256={digest}"
    assert request("GET", url, timeout=10, max_bytes=1 << 16).body.replace(b" ", b"").startswith(b'{"entries":[]')
