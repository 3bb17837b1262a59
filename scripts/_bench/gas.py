"""What an anchor costs on a chain, beside the least a transaction can cost and beside EAS, on a development node."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from notary.cli import children, files
from notary.cli.demo.node import free_port
from notary.core.keccak import keccak256
from notary.errors import EndpointFailed
from notary.ethereum.deploy import deploy
from notary.ethereum.keys import create_keystore
from notary.ethereum.registry import encode_anchor
from notary.ethereum.rpc import Rpc, as_list, hex_bytes, hexed, quantity
from scripts._bench.harness import Aim, Row, Sample, Setting
from scripts._bench.sides import Absent, say
from scripts._dev import node
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRIES = 200
PAUSE = 0.05
ROOTS = 100
EMPTY = "0x" + "00" * 19 + "99"


def run(setting: Setting) -> list[Row]:
    """Measure; gas does not depend on the machine, so each is sent a few times to show that it is the same."""
    say("gas: anchors and attestations on anvil")
    with _anvil(setting.scratch) as url:
        rpc = Rpc(url)
        sender = hex_bytes(as_list(rpc.call("eth_accounts"), "eth_accounts")[0], "account", size=20)
        ours = Sample(tuple(_anchors(rpc, url, sender, setting)))
        floor = Sample(tuple(_send(rpc, sender, EMPTY, _root(i)) for i in range(3)))
        single, many = _eas(rpc, sender, setting.peers.eas())
    floor_what = "a transaction with the 32 bytes of a root, to nobody"
    why = single.why if isinstance(single, Absent) else ""
    rows = [
        Row(
            "gas.anchor",
            "one anchor, kept in storage for ever",
            "gas",
            ours,
            floor=floor,
            peer=None if isinstance(single, Absent) else single,
            floor_what=floor_what,
            peer_what="EAS.timestamp",
            aim=Aim("≤", 53_000),
            note=why,
        )
    ]
    for articles, bound in ((10**4, 5.3), (10**6, 0.06)):
        rows.append(
            Row(
                f"gas.article.{articles}",
                f"an article, {articles:,} under one anchor",
                "gas",
                _divided(ours, articles),
                floor=_divided(floor, articles),
                peer=None if isinstance(many, Absent) else many,
                floor_what=floor_what,
                peer_what=f"EAS.multiTimestamp of {ROOTS}, an article",
                aim=Aim("≤", bound),
                note=why,
            )
        )
    return rows


@contextmanager
def _anvil(folder: Path) -> Iterator[str]:
    """Run a node that makes a block for every transaction."""
    port = free_port()
    command = [str(node.native_binary("anvil")), "--host", "127.0.0.1", "--port", str(port), "--quiet"]
    child = children.start("anvil", command, log=folder / "anvil.log")
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(TRIES):
            try:
                Rpc(url).call("evm_mine")
                break
            except EndpointFailed:
                if not child.running:
                    raise
                time.sleep(PAUSE)
        else:
            raise SetupError("anvil does not answer")
        yield url
    finally:
        children.stop([child])


def _anchors(rpc: Rpc, url: str, operator: bytes, setting: Setting) -> Iterator[float]:
    """Register a log, anchor once to fill the slots that a log fills once, then yield what further anchors cost."""
    password = setting.scratch / "password"
    files.write_file(password, secrets.token_hex(16).encode(), mode=0o600)
    admin = create_keystore(setting.scratch / "admin.json", password, cost=2**12)
    rpc.call("anvil_setBalance", [hexed(admin.address), hex(10**21)])
    made = deploy(url, admin, origin="bench.example/log", operator=operator, wait=60)
    for number in range(setting.size(9, 3)):
        size = (number + 1) * 12_345
        gas = _send(rpc, operator, hexed(made.registry), encode_anchor(log_id=made.log_id, size=size, root=_root(size)))
        if number:
            yield gas


def _eas(rpc: Rpc, sender: bytes, contracts: dict[str, Any] | Absent) -> tuple[Sample | Absent, Sample | Absent]:
    """Deploy EAS; return what timestamping one root costs, and what each of many at once costs."""
    if isinstance(contracts, Absent):
        return contracts, contracts
    schemas = _create(rpc, sender, bytes.fromhex(contracts["SchemaRegistry"]["bytecode"][2:]))
    eas = _create(rpc, sender, bytes.fromhex(contracts["EAS"]["bytecode"][2:]) + bytes(12) + schemas)
    one = keccak256(b"timestamp(bytes32)")[:4]
    several = keccak256(b"multiTimestamp(bytes32[])")[:4] + (32).to_bytes(32, "big") + ROOTS.to_bytes(32, "big")
    single = [_send(rpc, sender, hexed(eas), one + _root(1000 + i)) for i in range(3)]
    many = []
    for turn in range(3):
        roots = b"".join(_root(10_000 * (turn + 1) + i) for i in range(ROOTS))
        many.append(_send(rpc, sender, hexed(eas), several + roots) / ROOTS)
    return Sample(tuple(single)), Sample(tuple(many))


def _create(rpc: Rpc, sender: bytes, code: bytes) -> bytes:
    receipt = _receipt(rpc, {"from": hexed(sender), "data": hexed(code)})
    return hex_bytes(receipt["contractAddress"], "contractAddress", size=20)


def _send(rpc: Rpc, sender: bytes, to: str, data: bytes) -> float:
    return float(quantity(_receipt(rpc, {"from": hexed(sender), "to": to, "data": hexed(data)})["gasUsed"], "gasUsed"))


def _receipt(rpc: Rpc, transaction: dict[str, Any]) -> dict[str, Any]:
    tx_hash = hex_bytes(rpc.call("eth_sendTransaction", [transaction]), "hash", size=32)
    for _ in range(TRIES):
        receipt = rpc.receipt(tx_hash)
        if receipt is not None:
            break
        time.sleep(PAUSE)
    else:
        raise SetupError("anvil does not mine")
    if quantity(receipt["status"], "status") != 1:
        raise SetupError(f"the transaction to {transaction.get('to')} failed")
    return dict(receipt)


def _root(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


def _divided(sample: Sample, by: int) -> Sample:
    return Sample(tuple(value / by for value in sample.values))
