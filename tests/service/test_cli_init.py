"""`notary init` and `notary apikey`: what they make, what they print, and what they refuse to touch."""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path

import pytest

from notary.compose import open_services, open_settings
from notary.core.note import parse_vkey
from tests import backends
from tests.program import call, notary

ORIGIN = "notary.example/log/cli-test"
TOKEN = re.compile(rb"nk_[0-9a-f]{12}_[0-9a-f]{64}\n")


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_a_log_and_prints_its_key(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "log"
    done = call("init", folder, "--origin", ORIGIN, *backends.init_options())
    assert done.code == 0
    key = parse_vkey(done.out.decode().removesuffix("\n"))
    assert key.name == ORIGIN
    settings = open_settings(folder, environ={})
    assert (settings.origin, settings.development, settings.chain) == (ORIGIN, False, None)
    services = open_services(settings)
    assert services.signer.public == key.public
    services.close()
    # What comes next is said.
    for following in ("notary apikey new", "notary serve", "notary deploy"):
        assert following in done.err


def test_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    call("init", tmp_path / "log", "--origin", ORIGIN, *backends.init_options())
    keys = tmp_path / "log" / "keys"
    assert mode(keys) == 0o700
    assert {path.name: mode(path) for path in keys.iterdir()} == {"log.pem": 0o600}
    files = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert [path for path in files if b"PRIVATE KEY" in path.read_bytes()] == [keys / "log.pem"]


def test_a_development_log_says_so(tmp_path: Path) -> None:
    assert call("init", tmp_path / "log", "--origin", ORIGIN, "--development", *backends.init_options()).code == 0
    assert open_settings(tmp_path / "log", environ={}).development


@pytest.mark.parametrize("content", ["a file", "a log", "a hidden file"])
def test_init_touches_nothing_that_is_there(content: str, tmp_path: Path) -> None:
    if content == "a log":
        call("init", tmp_path / "log", "--origin", ORIGIN, *backends.init_options())
    else:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / ("a.txt" if content == "a file" else ".keep")).write_bytes(b"mine")
    before = snapshot(tmp_path)
    done = call("init", tmp_path / "log", "--origin", ORIGIN, *backends.init_options())
    assert (done.code, done.out) == (2, b"")
    assert "not-empty" in done.err
    assert snapshot(tmp_path) == before


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert call("init", tmp_path, "--origin", ORIGIN, *backends.init_options()).code == 0


@pytest.mark.parametrize(
    "origin", ["", "https://notary.example/log", "notary example", "a+b", "a//b", "x" * 201, "a\n"]
)
def test_a_name_that_cannot_name_a_log(origin: str, tmp_path: Path) -> None:
    done = call("init", tmp_path / "log", "--origin", origin, *backends.init_options())
    assert (done.code, done.out) == (2, b"")
    assert "bad-origin" in done.err
    assert not (tmp_path / "log").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = call("init", tmp_path / "file" / "log", "--origin", ORIGIN, *backends.init_options())
    assert (done.code, done.out) == (2, b"")


# ------------------------------------------------------------------------------------------------------------- apikey


@pytest.fixture
def log(tmp_path: Path) -> Path:
    call("init", tmp_path / "log", "--origin", ORIGIN, *backends.init_options())
    return tmp_path / "log"


def publisher(log: Path, token: bytes) -> str:
    """Return the id of the publisher whose key this is."""
    services = open_services(open_settings(log, environ={}))
    try:
        return services.publishers.authenticate(token.decode().removesuffix("\n")).publisher
    finally:
        services.close()


def test_a_key_and_nothing_else_goes_to_standard_output(log: Path) -> None:
    done = call("apikey", "new", "Harbour District Council", "--data", log)
    assert done.code == 0
    assert TOKEN.fullmatch(done.out)
    assert "Harbour District Council" in done.err
    assert publisher(log, done.out) == "harbour-district-council"
    # Only its digest is kept.
    secret = done.out.strip().rpartition(b"_")[2]
    assert not [path for path in log.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_the_same_name_is_the_same_publisher_with_a_further_key(log: Path) -> None:
    keys = [call("apikey", "new", name, "--data", log).out for name in ("Council", "Council", "Courier")]
    assert len(set(keys)) == 3
    first, second, third = (publisher(log, key) for key in keys)
    assert first == second != third


def test_the_folder_can_be_named_in_the_environment(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTARY_DATA", str(log))
    assert TOKEN.fullmatch(call("apikey", "new", "Council").out)
    monkeypatch.setenv("NOTARY_DATA", "/nowhere")
    assert TOKEN.fullmatch(call("apikey", "new", "Council", "--data", log).out)


@pytest.mark.parametrize("name", ["", " Council", "Council\n", "a\x1b[2Jb", "x" * 201, "\udcff"])
def test_a_name_that_no_page_could_show(name: str, log: Path) -> None:
    done = call("apikey", "new", name, "--data", log)
    assert (done.code, done.out) == (2, b"")
    assert "bad-publisher-name" in done.err


@pytest.mark.parametrize(("folder", "code"), [("missing", "no-data-directory"), (".", "no-data-directory")])
def test_a_folder_that_is_no_log(folder: str, code: str, tmp_path: Path) -> None:
    done = call("apikey", "new", "Council", "--data", tmp_path / folder)
    assert (done.code, done.out) == (2, b"")
    assert code in done.err


def test_a_log_of_a_newer_version_is_left_alone(log: Path) -> None:
    (log / "format").write_text("2\n")
    before = snapshot(log)
    for arguments in (["apikey", "new", "Council"], ["serve"], ["worker"]):
        done = notary(*arguments, "--data", log)
        assert (done.code, done.out) == (2, b"")
        assert "newer-format" in done.err
    assert snapshot(log) == before
