"""A signing service in web3signer's manner, and a real node: used, away, lying; and its address told to nobody."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as EthAccount

from notary.compose import open_chain
from notary.core.verify import Verdict
from notary.ethereum.keys import load_keystore
from notary.model.anchors import AnchorState
from tests.endpoint import Request, Script, answer, serve
from tests.node import logs
from tests.node.anvil import Anvil
from tests.node.bench import Bench

pytestmark = pytest.mark.node
TOKEN = "secret-token-9fQ"
Change = Callable[[dict[str, Any]], dict[str, Any]]


def service(key: bytes, change: Change, *, wrapped: bool = False) -> Script:
    """Return a service that signs what it is asked to, after changing it."""

    def script(connection: socket.socket, request: Request) -> None:
        call = request.json
        assert call["method"] == "eth_signTransaction"
        [fields] = call["params"]
        numbers = {"type", "chainId", "nonce", "value", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"}
        asked = change(fields)
        signer = EthAccount.from_key(asked.pop("key", key))
        assert asked.pop("from")
        wanted = {name: int(one, 16) if name in numbers else bytes.fromhex(one[2:]) for name, one in asked.items()}
        raw = "0x" + bytes(signer.sign_transaction(wanted).raw_transaction).hex()
        result = {"raw": raw, "tx": {}} if wrapped else raw
        connection.sendall(answer(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()))

    return script


class Signed(Bench):
    """A bench whose operator's key is with a service."""

    def use(self, url: str) -> None:
        """Sign at ``url`` from now on."""
        settings = self.services.settings
        assert settings.chain is not None
        changed = replace(settings.chain, signer_url=f"{url}/{TOKEN}?key={TOKEN}", signer_address=self.chain.sender)
        self.services = replace(self.services, settings=replace(settings, chain=changed))
        chain = open_chain(self.services.settings)
        assert chain is not None
        assert TOKEN not in repr(vars(chain))
        self.chain = chain
        self.renew()


@pytest.fixture
def bench(tmp_path: Path, node: Anvil) -> Iterator[Signed]:
    made = Signed(tmp_path / "log", node)
    yield made
    made.services.close()


@contextmanager
def signing(bench: Signed, change: Change = lambda fields: fields, *, wrapped: bool = False) -> Iterator[None]:
    """Run a service with the operator's key, and use it."""
    keys = bench.directory.root / "keys"
    account = load_keystore(keys / "operator.json", keys / "operator.password")
    with serve(service(bytes(account._signer.key), change, wrapped=wrapped)) as endpoint:
        bench.use(endpoint.url)
        yield


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_anchor_signed_elsewhere(bench: Signed, wrapped: bool) -> None:
    leaf = bench.submit(1)
    with signing(bench, wrapped=wrapped):
        bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


LIES: dict[str, Change] = {
    "to": lambda fields: {**fields, "to": "0x" + "11" * 20},
    "value": lambda fields: {**fields, "value": "0x1"},
    "data": lambda fields: {**fields, "data": "0x00"},
    "nonce": lambda fields: {**fields, "nonce": "0x63"},
    "gas": lambda fields: {**fields, "gas": "0x186a0"},
    "maxFeePerGas": lambda fields: {**fields, "maxFeePerGas": hex(10**12)},
    "chainId": lambda fields: {**fields, "chainId": "0x1"},
    "signed by": lambda fields: {**fields, "key": b"o" * 32},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_service_that_signs_something_else_is_refused(bench: Signed, lie: str) -> None:
    bench.submit(1)
    with signing(bench, LIES[lie]):
        problem = bench.anchorer.tick()
    assert problem is not None
    assert problem.code == "blocked-chain"
    assert lie in problem.message
    assert bench.attempts() == []
    assert bench.anchor().state is AnchorState.QUEUED


def test_a_service_that_is_away_is_said_to_be_and_anchoring_goes_on_when_it_is_back(bench: Signed) -> None:
    leaf = bench.submit(1)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    bench.use(url)
    problem = bench.anchorer.tick()
    assert problem is not None
    assert problem.code == "blocked-chain"
    assert "The signing service gave no signature" in problem.message
    assert TOKEN not in problem.message
    assert {one.failures for one in bench.chain.endpoints()} == {0}, "the chain's endpoints are not to blame"
    with signing(bench):
        bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH
