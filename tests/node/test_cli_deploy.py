"""`notary deploy` against a real node: what it prints, what it writes, what it refuses before it spends anything."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from notary.compose import open_settings
from notary.core.evm import log_id
from notary.ethereum import registry
from notary.ethereum.keys import Account, create_keystore, load_keystore
from tests.node.anvil import Anvil
from tests.node.world import account
from tests.program import Done, call

pytestmark = pytest.mark.node

ORIGIN = "notary.example/log/deploy-test"
ADMIN = account(1)


@dataclass(frozen=True)
class Desk:
    """An operator's desk: a node, a log, the admin's key with money."""

    node: Anvil
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def deploy(self, *options: str | Path, key: str = "admin") -> Done:
        """Run `notary deploy` with one of the keys on the desk."""
        keys = ("--keystore", self.folder / f"{key}.json", "--password-file", self.folder / f"{key}.password")
        return call("deploy", "--rpc", self.node.url, *keys, *options)

    def key(self, name: str, number: int) -> Account:
        """Make a keystore."""
        password = self.folder / f"{name}.password"
        password.touch(mode=0o600)
        password.write_text(f"password of {name}\n")
        secret = number.to_bytes(32, "big")
        return create_keystore(self.folder / f"{name}.json", password, private_key=secret, cost=2**10)

    def refused(self, done: Done, exit_code: int, code: str) -> None:
        """Hold a run against what must be: refused for this reason, nothing sent, nothing written."""
        assert (done.code, done.out) == (exit_code, b"")
        assert f"({code}" in done.err
        assert self.node.rpc.nonce(ADMIN.address) == 0
        assert open_settings(self.log, environ={}).chain is None


@pytest.fixture
def desk(node: Anvil, tmp_path: Path) -> Desk:
    made = Desk(node, tmp_path)
    call("init", made.log, "--origin", ORIGIN)
    node.fund(made.key("admin", 1).address)
    return made


def test_it_deploys_registers_and_writes_the_settings(desk: Desk) -> None:
    done = desk.deploy("--data", desk.log, "--endpoint", "https://one.example", "--endpoint", "https://two.example")
    assert done.code == 0, done.err
    told = done.json
    assert told["chain_id"] == 31337
    assert (told["origin"], told["admin"]) == (ORIGIN, "0x" + ADMIN.address.hex())
    assert told["log_id"] == "0x" + log_id(ADMIN.address, ORIGIN).hex()

    chain = open_settings(desk.log, environ={}).chain
    assert chain is not None
    assert ("0x" + chain.registry.hex(), "0x" + chain.log_id.hex()) == (told["registry"], told["log_id"])
    assert chain.rpc == (desk.node.url,)
    assert chain.endpoints == ("https://one.example", "https://two.example")
    # The worker's key is a new one, and the contract lets it anchor.
    operator = load_keystore(chain.keystore, chain.password_file).address
    assert "0x" + operator.hex() == told["operator"] != told["admin"]
    assert registry.operator_of(desk.node.rpc, registry=chain.registry, log_id=chain.log_id) == operator
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (desk.log / "keys").iterdir()}
    assert modes == dict.fromkeys(("log.pem", "operator.json", "operator.password"), 0o600)
    # Named as inside the folder, so that the folder can be moved.
    assert 'keystore = "keys/operator.json"' in (desk.log / "notary.toml").read_text()
    assert f"0x{operator.hex()} needs money" in done.err
    assert "password of" not in done.err

    nonce = desk.node.rpc.nonce(ADMIN.address)
    again = desk.deploy("--data", desk.log)
    assert (again.code, again.out) == (2, b"")
    assert "chain-exists" in again.err
    assert desk.node.rpc.nonce(ADMIN.address) == nonce


def test_a_further_log_in_the_same_registry_with_a_key_that_is_there(desk: Desk) -> None:
    first = desk.deploy("--origin", "notary.example/log/other").json
    assert first["operator"] == first["admin"]
    operator = desk.key("worker", 7)
    keystore, password = desk.folder / "worker.json", desk.folder / "worker.password"
    options = ("--operator-keystore", keystore, "--operator-password-file", password)
    done = desk.deploy("--data", desk.log, "--registry", first["registry"], "--chain-id", "31337", *options)
    assert done.code == 0, done.err
    assert (done.json["registry"], done.json["operator"]) == (first["registry"], "0x" + operator.address.hex())
    chain = open_settings(desk.log, environ={}).chain
    assert chain is not None
    assert chain.keystore == desk.folder / "worker.json"


def test_an_operator_by_address_without_a_log(desk: Desk) -> None:
    address = "0x" + account(9).address.hex()
    assert desk.deploy("--origin", ORIGIN, "--operator", address).json["operator"] == address


def test_what_was_interrupted_goes_on_with_the_same_operator(desk: Desk) -> None:
    """The first attempt made the worker's key and got no further, for want of money."""
    desk.node.fund(ADMIN.address, 0)
    poor = desk.deploy("--data", desk.log)
    desk.refused(poor, 3, "funds")
    operator = (desk.log / "keys" / "operator.json").read_bytes()
    desk.node.fund(ADMIN.address)
    assert desk.deploy("--data", desk.log).code == 0
    assert (desk.log / "keys" / "operator.json").read_bytes() == operator


@pytest.mark.parametrize(
    ("options", "exit_code", "code"),
    [
        ([], 2, "no-origin"),
        (["--data", "LOG", "--origin", "other.example/log"], 2, "wrong-origin"),
        (["--data", "LOG", "--operator", "0x" + "11" * 20], 2, "operator-key-needed"),
        (["--data", "LOG", "--operator-keystore", "admin.json"], 2, "operator-key-needed"),
        (["--data", "LOG", "--registry", "0x1234"], 2, "bad-address"),
        (["--data", "LOG", "--registry", "registry"], 2, "bad-address"),
        (["--origin", "other.example/log", "--operator", "0x"], 2, "bad-address"),
        (["--data", "LOG", "--chain-id", "1"], 3, "wrong-chain"),
        (["--data", "LOG", "--registry", "0x" + "77" * 20], 3, "wrong-registry-code"),
        (["--data", "nowhere"], 2, "no-data-directory"),
        (["--data", "LOG", "--rpc", "http://127.0.0.1:1"], 3, "endpoint-unreachable"),
        (["--data", "LOG", "--rpc", "ftp://127.0.0.1"], 3, "endpoint-url"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_nothing_is_spent_on_a_mistake(desk: Desk, options: list[str], exit_code: int, code: str) -> None:
    done = desk.deploy(*(str(desk.log) if option == "LOG" else option for option in options))
    desk.refused(done, exit_code, code)


def test_a_key_that_others_can_read_or_with_another_password(desk: Desk) -> None:
    desk.key("other", 2)
    (desk.folder / "admin.password").write_bytes((desk.folder / "other.password").read_bytes())
    desk.refused(desk.deploy("--data", desk.log), 2, "key-file-password")
    (desk.folder / "admin.json").chmod(0o644)
    desk.refused(desk.deploy("--data", desk.log), 2, "key-file-permissions")
    desk.refused(desk.deploy("--data", desk.log, key="missing"), 2, "key-file-missing")
