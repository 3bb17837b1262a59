"""Keys in files: made, encrypted, shown by their public parts; and no secret in any word that the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from notary.compose import init_log, open_services, open_settings
from notary.errors import InvalidConfig
from notary.logkey import create_log_key, load_log_key
from tests import backends
from tests.program import call, notary

ORIGIN = "notary.example/log/keys"
CANARY = "canary-Zq7-correct-horse"


def secret(path: Path, text: str = CANARY) -> Path:
    """Write a file that only its owner may read."""
    path.touch(0o600)
    path.write_text(text + "\n")
    return path


def failure(path: Path, password: Path | None) -> str:
    with pytest.raises(InvalidConfig) as refused:
        load_log_key(path, name=ORIGIN, password_file=password)
    assert CANARY not in refused.value.message
    return refused.value.code


def test_an_encrypted_log_key_needs_its_password(tmp_path: Path) -> None:
    password, file = secret(tmp_path / "password"), tmp_path / "log.pem"
    made = create_log_key(file, name=ORIGIN, password_file=password)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_log_key(file, name=ORIGIN, password_file=password).public == made.public
    assert failure(file, None) == "log-key-password"
    assert failure(file, secret(tmp_path / "other", "wrong")) == "log-key-password"
    assert failure(file, secret(tmp_path / "empty", "")) == "empty-password"
    assert failure(file, tmp_path / "none") == "no-password-file"
    password.chmod(0o640)
    assert failure(file, password) == "key-file-readable"


def test_a_plain_log_key_is_taken_with_or_without_a_password(tmp_path: Path) -> None:
    file = tmp_path / "log.pem"
    made = create_log_key(file, name=ORIGIN)
    assert load_log_key(file, name=ORIGIN).public == made.public
    assert load_log_key(file, name=ORIGIN, password_file=secret(tmp_path / "p")).public == made.public
    file.chmod(0o604)
    assert failure(file, None) == "key-file-readable"


def test_a_log_with_an_encrypted_key(tmp_path: Path) -> None:
    password, root = secret(tmp_path / "password"), tmp_path / "log"
    given = ("--key-password-file", str(password), *backends.init_options())
    done = call("init", str(root), "--origin", ORIGIN, *given)
    assert done.code == 0, done
    services = open_services(open_settings(root, environ={}))
    assert services.signer.name == ORIGIN
    services.close()
    shown = call("key", "show", "--data", str(root)).json
    assert shown == {"origin": ORIGIN, "vkey": done.out.decode().strip(), "vkeys": []}
    password.unlink()
    missing = call("key", "show", "--data", str(root))
    assert (missing.code, "no-password-file" in missing.err) == (2, True)


def test_nothing_is_made_with_a_password_file_that_others_can_read(tmp_path: Path) -> None:
    password, root = secret(tmp_path / "password"), tmp_path / "log"
    password.chmod(0o644)
    with pytest.raises(InvalidConfig) as refused:
        init_log(root, origin=ORIGIN, key_password_file=password, storage=backends.storage())
    assert refused.value.code == "key-file-readable"
    assert not root.exists()


def test_keys_are_made_and_not_overwritten(tmp_path: Path) -> None:
    password = secret(tmp_path / "password")
    log, operator = tmp_path / "log.pem", tmp_path / "operator.json"
    new_log = ("key", "new", "log", "--file", str(log), "--origin", ORIGIN, "--password-file", str(password))
    made = call(*new_log)
    assert made.out.startswith(ORIGIN.encode() + b"+")
    again = call(*new_log)
    assert (again.code, "key-file-exists" in again.err) == (2, True)
    # In a process of its own, because web3's libraries are heavy to import.
    new_operator = ("key", "new", "operator", "--file", str(operator), "--password-file", str(password))
    done = notary(*new_operator)
    assert (done.code, len(done.out)) == (0, 43)
    assert call(*new_operator).code == 2
    assert {path.stat().st_mode & 0o777 for path in (log, operator)} == {0o600}
    everything = b"".join((one.out + one.err.encode()) for one in (made, again, done))
    assert CANARY.encode() not in everything


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["new"], "no-key-kind"),
        (["new", "log"], "no-key-kind"),
        (["new", "log", "--file", "x.pem"], "bad-origin"),
        (["new", "log", "--file", "x.pem", "--origin", "a b"], "bad-origin"),
        (["new", "operator", "--file", "x.json"], "no-password-file"),
        (["new", "operator", "--file", "x.json", "--password-file", "missing"], "key-file-missing"),
        (["new", "log", "--file", "no/such/x.pem", "--origin", ORIGIN], "key-file-unwritable"),
    ],
)
def test_what_cannot_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("key", *arguments)
    assert (done.code, f"({code})" in done.err) == (2, True), done
    assert list(tmp_path.iterdir()) == []
