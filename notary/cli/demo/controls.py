"""Forgeries that verification must not let through: an operator who rewrites an entry, with the log's own key.

The rewritten log is perfect in itself: a tree with an altered text, a checkpoint signed by the log. What the forger
does not have is an anchor of it in the trusted registry, in a final block of the trusted chain. Each control tries to
get around that in another way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from notary.cli import children
from notary.cli.demo.folder import Folder
from notary.cli.demo.node import DevNode
from notary.cli.demo.samples import SAMPLES
from notary.cli.demo.setup import ORIGIN, key_pair, register
from notary.core import merkle
from notary.core.bundle import Anchor, Bundle, parse_bundle
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.evm import ANCHORED_TOPIC, parse_header
from notary.core.note import parse_note, sign_note
from notary.core.record import TextDigest
from notary.core.rlp import Rlp, decode, encode, encode_integer
from notary.core.text import canonical_plain
from notary.core.tlogproof import TlogProof
from notary.core.trie import prove_receipt, receipts_root
from notary.errors import CannotCheck
from notary.ethereum.deploy import Deployment
from notary.ethereum.keys import Account
from notary.ethereum.receipts import CapturedProof, capture
from notary.ethereum.rpc import Rpc
from notary.ethereum.tx import Outcome, build_anchor_tx, send_raw
from notary.logkey import LogKey, load_log_key

_MINED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Control:
    """A forged bundle, where to ask, and what verification must say."""

    group: str
    name: str
    bundle: Path
    rpc: str
    exit: int
    verdict: str


def make(folder: Folder, node: DevNode) -> Iterator[Control]:
    """Yield the controls, each with its bundle written to a temporary folder."""
    genuine = parse_bundle((folder.bundles / f"{SAMPLES[0].name}.bundle.json").read_bytes())
    forger = _Forger(genuine, load_log_key(folder.log / "keys" / "log.pem", name=ORIGIN))
    with tempfile.TemporaryDirectory(prefix="notary-controls-") as temporary:

        def control(group: str, name: str, bundle: Bundle, *, rpc: str = node.url, refuted: bool = True) -> Control:
            path = Path(temporary) / "forged.bundle.json"
            path.write_bytes(bundle.encode())
            return Control(group, name, path, rpc, 1 if refuted else 3, "refuted" if refuted else "cannot-check")

        group = "control: forged receipt proof"
        yield control(group, "an invented receipt under the genuine block header", forger.with_invented_receipt())
        yield control(group, "an invented receipt and a header made to fit it", forger.with_invented_header())
        group = "control: another registry"
        elsewhere = forger.with_other_registry(folder, node)
        yield control(group, "anchored in another registry on the same chain", elsewhere)
        yield control(group, "the same, claiming the trusted registry", forger.claiming_the_registry(elsewhere))
        with _second_chain() as second:
            group = "control: second chain, same chain id"
            forged = forger.with_second_chain(folder, second)
            yield control(group, "anchored there, in a registry with the same address", forged)
            yield control(group, "a genuine bundle, asked there", genuine, rpc=second.url, refuted=False)


@contextmanager
def _second_chain() -> Iterator[DevNode]:
    with tempfile.TemporaryDirectory(prefix="notary-second-chain-") as temporary:
        second = DevNode(Path(temporary))
        try:
            second.start()
            yield second
        finally:
            children.stop([second.child])


class _Forger:
    """Rewrites one entry of a log that it has the key of."""

    def __init__(self, genuine: Bundle, key: LogKey) -> None:
        text = canonical_plain(SAMPLES[0].altered().encode())
        content = TextDigest(sha256=text.sha256, lines=len(text.lines), lines_root=text.lines_root)
        record = replace(genuine.entry.record, content=content)
        self._entry = replace(genuine.entry, record=record)
        self._genuine = genuine
        anchor = genuine.receipt_anchors[0]
        size = parse_checkpoint(parse_note(anchor.proof.checkpoint).text).size
        leaves = [merkle.leaf_hash(b"%d" % i) for i in range(size)]
        leaves[anchor.proof.index] = self._entry.leaf_hash()
        self._head = Checkpoint(ORIGIN, len(leaves), merkle.root(leaves))
        note = sign_note(self._head.encode(), name=ORIGIN, sign=key.sign, public=key.public)
        hashes = tuple(merkle.inclusion_proof(leaves, index=anchor.proof.index))
        self._proof = TlogProof(index=anchor.proof.index, hashes=hashes, checkpoint=note, extra=None)
        self._text = text.data.decode()

    def _bundle(self, anchor: Anchor) -> Bundle:
        forged = replace(anchor, proof=self._proof)
        return replace(self._genuine, entry=self._entry, text=self._text, anchors=(forged,), current=None)

    def _invented(self) -> list[bytes]:
        anchor = self._genuine.receipt_anchors[0]
        data = self._head.size.to_bytes(32, "big") + self._head.root + bytes(32)
        event: list[Rlp] = [anchor.registry, [ANCHORED_TOPIC, anchor.log_id], data]
        return [b"\x02" + encode([b"\x01", encode_integer(52_000), bytes(256), [event]])]

    def with_invented_receipt(self) -> Bundle:
        """The receipt is invented; the header is the genuine one, whose receipts root does not fit."""
        receipts = self._invented()
        anchor = replace(
            self._genuine.receipt_anchors[0], tx_index=0, log_position=0, nodes=tuple(prove_receipt(receipts, 0))
        )
        return self._bundle(anchor)

    def with_invented_header(self) -> Bundle:
        """Receipt and header are invented and fit each other; only the chain does not know such a block."""
        receipts = self._invented()
        fields = decode(self._genuine.receipt_anchors[0].header)
        if not isinstance(fields, list):
            raise CannotCheck("The genuine header is not a list.", code="control-failed")
        fields[5] = receipts_root(receipts)
        anchor = replace(
            self._genuine.receipt_anchors[0],
            header=encode(fields),
            tx_index=0,
            log_position=0,
            nodes=tuple(prove_receipt(receipts, 0)),
        )
        return self._bundle(anchor)

    def with_other_registry(self, folder: Folder, node: DevNode) -> Bundle:
        """Everything is real, but for the registry: one that the forger deployed."""
        forger = key_pair(folder, "forger")
        made = register(node.url, forger, forger)
        return self._anchored_at(node.url, forger, made)

    def claiming_the_registry(self, bundle: Bundle) -> Bundle:
        """Name the trusted registry, in a bundle whose receipt shows another one."""
        trusted = self._genuine.receipt_anchors[0]
        anchor = replace(bundle.anchors[0], registry=trusted.registry, log_id=trusted.log_id)
        return replace(bundle, anchors=(anchor,))

    def with_second_chain(self, folder: Folder, second: DevNode) -> Bundle:
        """Everything is real, registry address and log id are the trusted ones, but the chain is another."""
        operator = key_pair(folder, "operator")
        made = register(second.url, key_pair(folder, "admin"), operator)
        return self._anchored_at(second.url, operator, made)

    def _anchored_at(self, url: str, account: Account, made: Deployment) -> Bundle:
        proof = _anchor(url, account, made, size=self._head.size, root=self._head.root)
        return self._bundle(
            Anchor(
                chain_id=made.chain_id,
                registry=made.registry,
                log_id=made.log_id,
                proof=self._proof,
                header=proof.header_rlp,
                tx_index=proof.tx_index,
                log_position=proof.log_position,
                nodes=proof.nodes,
            )
        )


def _anchor(url: str, account: Account, made: Deployment, *, size: int, root: bytes) -> CapturedProof:
    """Anchor a tree head for real and return the proof of it, once its block is final."""
    rpc = Rpc(url)
    transaction = build_anchor_tx(
        rpc,
        account,
        chain_id=made.chain_id,
        nonce=rpc.nonce(account.address),
        registry=made.registry,
        log_id=made.log_id,
        size=size,
        root=root,
    )
    if send_raw(rpc, transaction.raw).outcome is not Outcome.ACCEPTED:
        raise CannotCheck("The development chain did not take the control's transaction.", code="control-failed")
    deadline = time.monotonic() + _MINED_SECONDS
    while time.monotonic() < deadline:
        if rpc.receipt(transaction.hash) is not None:
            captured = capture(rpc, tx_hash=transaction.hash, registry=made.registry, log_id=made.log_id)
            if _is_final(rpc, parse_header(captured.header_rlp).number):
                return captured
        time.sleep(0.2)
    raise CannotCheck("The control's transaction did not become final.", code="control-failed")


def _is_final(rpc: Rpc, number: int) -> bool:
    block = rpc.block("finalized")
    return block is not None and int(str(block["number"]), 16) >= number
