"""Keystores: real encryption at a low cost, real files with real permissions."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from notary.errors import InvalidConfig
from notary.ethereum.keys import create_keystore, load_keystore, read_password

PRIVATE = bytes(range(1, 33))
ADDRESS = "0x6370eF2f4Db3611D657b90667De398a2Cc2a370C"
PASSWORD = "Böses Passwort 密码"
CHEAP = 2**4


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    return private(tmp_path / "password", f"{PASSWORD}\n".encode())


def private(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def code(file: Path, password_file: Path) -> str:
    with pytest.raises(InvalidConfig) as refused:
        load_keystore(file, password_file)
    assert PASSWORD not in refused.value.message
    assert refused.value.__cause__ is None
    return refused.value.code


def test_create_then_load(tmp_path: Path, password_file: Path) -> None:
    file = tmp_path / "key.json"
    created = create_keystore(file, password_file, cost=CHEAP)
    assert load_keystore(file, password_file).address == created.address
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes())["version"] == 3


def test_each_new_key_is_another(tmp_path: Path, password_file: Path) -> None:
    made = [create_keystore(tmp_path / f"{n}.json", password_file, cost=CHEAP).address for n in range(2)]
    assert made[0] != made[1]


def test_a_key_that_is_given(tmp_path: Path, password_file: Path) -> None:
    account = create_keystore(tmp_path / "key.json", password_file, private_key=PRIVATE, cost=CHEAP)
    assert account.checksum_address == ADDRESS
    assert account.address == bytes.fromhex(ADDRESS[2:])


def test_the_key_shows_nowhere(tmp_path: Path, password_file: Path) -> None:
    account = create_keystore(tmp_path / "key.json", password_file, private_key=PRIVATE, cost=CHEAP)
    shown = repr(account) + str(account) + (tmp_path / "key.json").read_text()
    assert ADDRESS in shown
    assert PRIVATE.hex() not in shown
    assert repr(PRIVATE) not in shown


def test_a_keystore_of_other_software(tmp_path: Path) -> None:
    """The example of the Web3 Secret Storage Definition, with PBKDF2."""
    stored = {
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
            "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "kdf": "pbkdf2",
            "kdfparams": {
                "c": 262144,
                "dklen": 32,
                "prf": "hmac-sha256",
                "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
            },
            "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
        },
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "version": 3,
    }
    file = private(tmp_path / "key.json", json.dumps(stored).encode())
    account = load_keystore(file, private(tmp_path / "password", b"testpassword"))
    assert account.checksum_address == "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"


def test_an_existing_file_is_not_overwritten(tmp_path: Path, password_file: Path) -> None:
    file = private(tmp_path / "key.json", b"something")
    with pytest.raises(InvalidConfig) as refused:
        create_keystore(file, password_file, cost=CHEAP)
    assert refused.value.code == "key-file-exists"
    assert file.read_bytes() == b"something"


def test_a_folder_that_is_not_there(tmp_path: Path, password_file: Path) -> None:
    with pytest.raises(InvalidConfig) as refused:
        create_keystore(tmp_path / "none" / "key.json", password_file, cost=CHEAP)
    assert refused.value.code == "key-file-unwritable"


def test_the_wrong_password(tmp_path: Path, password_file: Path) -> None:
    file = tmp_path / "key.json"
    create_keystore(file, password_file, cost=CHEAP)
    assert code(file, private(tmp_path / "other", b"another")) == "key-file-password"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_files_that_others_can_get_at_are_refused(tmp_path: Path, password_file: Path, mode: int) -> None:
    file = tmp_path / "key.json"
    create_keystore(file, password_file, cost=CHEAP)
    file.chmod(mode)
    assert code(file, password_file) == "key-file-permissions"
    file.chmod(0o400)
    load_keystore(file, password_file)
    password_file.chmod(mode)
    assert code(file, password_file) == "key-file-permissions"


def test_files_that_are_not_there(tmp_path: Path, password_file: Path) -> None:
    assert code(tmp_path / "key.json", password_file) == "key-file-missing"
    assert code(tmp_path / "key.json", tmp_path / "none") == "key-file-missing"
    assert code(tmp_path, password_file) == "key-file-unreadable"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"7",
        b"\xff",
        b'{"version":3}',
        b'{"version":1,"crypto":{}}',
        b'{"version":3,"crypto":{"kdf":"none"}}',
        b'{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":3,"r":1,"p":1,"dklen":32,"salt":"00"},"ciphertext":"00"}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_keystore(tmp_path: Path, password_file: Path, data: bytes) -> None:
    assert code(private(tmp_path / "key.json", data), password_file) == "key-file-malformed"


@pytest.mark.parametrize(
    ("data", "password"),
    [(b"secret", "secret"), (b"secret\n", "secret"), (b"secret\r\n", "secret"), (b"a\n\n", "a\n"), (b" a b ", " a b ")],
)
def test_one_line_end_is_not_part_of_the_password(tmp_path: Path, data: bytes, password: str) -> None:
    assert read_password(private(tmp_path / "password", data)) == password


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\xff\xfe"])
def test_no_password(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InvalidConfig) as refused:
        read_password(private(tmp_path / "password", data))
    assert refused.value.code == "key-file-password"
