"""A deployed registry on a real node, and what tests do with it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account as EthAccount

from notary.core.jcs import Json, dumps
from notary.ethereum.deploy import Deployment, deploy
from notary.ethereum.keys import Account
from notary.ethereum.rpc import Rpc
from notary.ethereum.tx import Outcome, SignedTx, build_anchor_tx, send_raw
from tests.endpoint import Request, Script, answer
from tests.node.anvil import Anvil

ORIGIN = "notary.example/log/test"
SECOND = bytes.fromhex("22" * 20)


def account(number: int) -> Account:
    """Return one of any number of accounts; their keys are public."""
    return Account(EthAccount.from_key(number.to_bytes(32, "big")))


def root_of(size: int) -> bytes:
    """Return a root for the tree head of this size."""
    return bytes([size % 256]) * 32


@dataclass
class World:
    """A node with a registry and one log, whose admin and operator is ``operator``."""

    node: Anvil
    deployment: Deployment
    operator: Account = field(default_factory=lambda: account(1))

    def prepare(self, size: int, *, root: bytes | None = None, nonce: int | None = None) -> SignedTx:
        """Return a signed anchor."""
        return build_anchor_tx(
            self.node.rpc,
            self.operator,
            chain_id=self.deployment.chain_id,
            nonce=self.node.rpc.nonce(self.operator.address) if nonce is None else nonce,
            registry=self.deployment.registry,
            log_id=self.deployment.log_id,
            size=size,
            root=root_of(size) if root is None else root,
        )

    def anchor(self, size: int) -> bytes:
        """Anchor on a node that mines at once, and return the transaction's hash when it is mined."""
        signed = self.prepare(size)
        self.send(signed)
        return self.mined(signed)

    def send(self, signed: SignedTx) -> None:
        """Send a transaction that the node must take."""
        sent = send_raw(self.node.rpc, signed.raw)
        assert sent.outcome is Outcome.ACCEPTED, sent

    def mined(self, signed: SignedTx) -> bytes:
        """Return the transaction's hash when it is in a block: anvil answers a moment before it mines."""
        deadline = time.monotonic() + 10
        while self.node.rpc.receipt(signed.hash) is None:
            assert time.monotonic() < deadline, "not mined"
            time.sleep(0.01)
        return signed.hash


def build(node: Anvil) -> World:
    """Deploy the registry and register a log."""
    operator = account(1)
    node.fund(operator.address)
    return World(node, deploy(node.url, operator, origin=ORIGIN, operator=operator.address), operator)


def in_front_of(url: str, change: Callable[[dict[str, Any], Any], Any]) -> Script:
    """Return the script of an endpoint that asks the one at ``url`` and changes what it says, call by call."""
    rpc = Rpc(url)

    def one(call: dict[str, Any]) -> Json:
        found = rpc.ask(call["method"], call["params"])
        response: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        if found.fault is None:
            response["result"] = found.value
        else:
            response["error"] = {"code": found.fault.code, "message": found.fault.message}
        changed: Json = change(call, response)
        return changed

    def script(connection: socket.socket, request: Request) -> None:
        call = request.json
        response = [one(each) for each in call] if isinstance(call, list) else one(call)
        connection.sendall(answer(dumps(response)))

    return script
