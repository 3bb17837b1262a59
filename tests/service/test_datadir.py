"""The data directory: made once, whole or not at all, for one process of a role."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from notary.compose import init_log, open_services, open_settings
from notary.config import ChainSettings
from notary.datadir import DataDir
from notary.errors import InvalidConfig, NotaryError
from notary.logkey import create_log_key, load_log_key
from tests import backends
from tests.service.locallog import ORIGIN

CHAIN = ChainSettings(
    rpc=("http://127.0.0.1:8545", "https://node.example/key"),
    chain_id=31337,
    genesis=b"\x11" * 32,
    registry=b"\x22" * 20,
    registry_codehash=b"\x33" * 32,
    log_id=b"\x44" * 32,
    keystore=Path('keys/a "quoted" \\ name.json'),
    password_file=Path("/run/secrets/密码"),
    endpoints=("http://127.0.0.1:8545",),
)


def code_of(error: pytest.ExceptionInfo[NotaryError]) -> str:
    return error.value.code


def test_a_new_directory_holds_what_it_must_and_no_secret_is_open(tmp_path: Path) -> None:
    root = tmp_path / "a" / "log"
    key = init_log(root, origin=ORIGIN, storage=backends.storage())
    assert key.verifier.encode().startswith(f"{ORIGIN}+")
    expected = {"format", "notary.toml", "instance", "keys"}
    assert {path.name for path in root.iterdir()} == expected | (set() if backends.on_postgresql() else {"notary.db"})
    assert stat.S_IMODE((root / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "keys" / "log.pem").stat().st_mode) == 0o600
    assert open_settings(root, environ={}).origin == ORIGIN


def test_an_empty_directory_may_be_there(tmp_path: Path) -> None:
    init_log(tmp_path, origin=ORIGIN, development=True, storage=backends.storage())
    assert open_settings(tmp_path, environ={}).development


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidConfig) as caught:
        init_log(tmp_path, origin=ORIGIN, storage=backends.storage())
    assert code_of(caught) == "not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("origin", ["", "https://a", "a b", "a//b", "a+b", "x" * 201])
def test_a_bad_origin_makes_nothing(tmp_path: Path, origin: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        init_log(tmp_path / "log", origin=origin)
    assert code_of(caught) == "bad-origin"
    assert not (tmp_path / "log").exists()


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidConfig) as caught:
        init_log(tmp_path / "file", origin=ORIGIN, storage=backends.storage())
    assert code_of(caught) == "not-writable"


def test_what_is_no_data_directory_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InvalidConfig) as caught:
            open_settings(path, environ={})
        assert code_of(caught) == "no-data-directory"


def test_a_half_made_directory_is_refused(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    (tmp_path / "log" / "format").unlink()
    with pytest.raises(InvalidConfig) as caught:
        open_settings(tmp_path / "log", environ={})
    assert code_of(caught) == "half-made-directory"


@pytest.mark.parametrize("content", ["2\n", "x", ""])
def test_another_format_is_refused(tmp_path: Path, content: str) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    (tmp_path / "log" / "format").write_text(content)
    with pytest.raises(InvalidConfig) as caught:
        open_settings(tmp_path / "log", environ={})
    assert code_of(caught) == "newer-format"


def test_a_chain_is_added_once_and_read_back(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    directory = DataDir(tmp_path / "log")
    directory.add_chain(CHAIN)
    chain = open_settings(directory.root, environ={}).chain
    assert chain is not None
    assert (chain.rpc, chain.endpoints, chain.genesis) == (CHAIN.rpc, CHAIN.endpoints, CHAIN.genesis)
    assert chain.keystore == directory.root / CHAIN.keystore
    assert chain.password_file == CHAIN.password_file
    with pytest.raises(InvalidConfig) as caught:
        directory.add_chain(CHAIN)
    assert code_of(caught) == "chain-exists"


def test_a_role_is_held_by_one_process_and_falls_with_it(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    directory = DataDir(tmp_path / "log")
    program = (
        "import sys; from pathlib import Path; from notary.datadir import DataDir\n"
        "with DataDir(Path(sys.argv[1])).lock('worker'):\n    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(directory.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(InvalidConfig) as caught, directory.lock("worker"):
            pass
        assert code_of(caught) == "locked"
        with directory.lock("web"):
            pass
        holder.kill()
    with directory.lock("worker"):
        pass


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "log"
    init_log(root, origin=ORIGIN, storage=backends.storage())
    for mode in (0o640, 0o604, 0o660):
        (root / "keys" / "log.pem").chmod(mode)
        with pytest.raises(InvalidConfig) as caught:
            open_services(open_settings(root, environ={}))
        assert code_of(caught) == "key-file-readable"


def test_another_logs_key_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "log"
    init_log(root, origin=ORIGIN, storage=backends.storage())
    (root / "keys" / "log.pem").unlink()
    create_log_key(root / "keys" / "log.pem", name=ORIGIN)
    with pytest.raises(InvalidConfig) as caught:
        open_services(open_settings(root, environ={}))
    assert code_of(caught) == "other-key"


def test_another_origin_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "log"
    init_log(root, origin=ORIGIN, storage=backends.storage())
    with pytest.raises(InvalidConfig) as caught:
        open_services(open_settings(root, flags={"log.origin": "notary.example/other"}, environ={}))
    assert code_of(caught) == "other-origin"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_log_key(tmp_path / "log.pem", name=ORIGIN)
    with pytest.raises(FileExistsError):
        create_log_key(tmp_path / "log.pem", name=ORIGIN)


@pytest.mark.parametrize(
    "content", [b"", b"not pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_bad_key_file_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InvalidConfig) as caught:
        load_log_key(path, name=ORIGIN)
    assert code_of(caught) == "bad-log-key"


def test_a_missing_key_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        load_log_key(tmp_path / "none.pem", name=ORIGIN)
    assert code_of(caught) == "no-log-key"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    path = tmp_path / "log.pem"
    path.touch(0o600)
    path.write_bytes(
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(InvalidConfig) as caught:
        load_log_key(path, name=ORIGIN)
    assert code_of(caught) == "bad-log-key"
