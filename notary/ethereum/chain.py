"""The chain that anchors go to, through one or several endpoints of the operator: a :class:`notary.ports.Chain`.

Reading, all endpoints that are on the right chain are asked, and what is called final must be so for each of them that
answers. Sending, all of them get the same bytes. An endpoint that is down hinders nothing as long as another answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from notary.core.evm import Log, parse_anchored, parse_receipt
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, EndpointFailed, InvalidRlp, ProofFailed
from notary.ethereum import registry as contract
from notary.ethereum.keys import Account
from notary.ethereum.receipts import capture, encode_receipt
from notary.ethereum.rpc import Answer, Call, JsonObject, Rpc, hex_bytes, hexed, optional_object, quantity, tag
from notary.ethereum.tx import Outcome, Sent, read_market, send_raw, sign_anchor
from notary.model import (
    AnchorProof,
    Fees,
    Market,
    Observation,
    Place,
    Sending,
    SendOutcome,
    Sighting,
    SignedTransaction,
    Target,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """How the configured chain and registry are recognised."""

    target: Target
    genesis: bytes
    registry_codehash: bytes


class EthereumChain:
    """Anchors of one log at one registry. Not for several threads at once."""

    def __init__(self, urls: Sequence[str], account: Account, identity: Identity) -> None:
        """Use endpoints that the operator gave, and an account that pays."""
        self._all = [Rpc(url) for url in urls]
        self._usable: list[Rpc] = []
        self._account = account
        self._identity = identity

    @property
    def target(self) -> Target:
        """Where anchors go."""
        return self._identity.target

    @property
    def sender(self) -> bytes:
        """The address that signs and pays, 20 bytes."""
        return self._account.address

    def check(self) -> None:
        """Find the endpoints that show the configured chain and registry.

        Raises :class:`CannotCheck` where there is none: ``wrong-chain``, ``wrong-genesis``, ``wrong-registry-code``, or
        the codes of :class:`EndpointFailed`, of the first endpoint.
        """
        self._usable = []
        problems: list[CannotCheck] = []
        for rpc in self._all:
            try:
                self._check(rpc)
            except CannotCheck as error:
                problems.append(error)
            else:
                self._usable.append(rpc)
        if not self._usable:
            raise problems[0]

    def _check(self, rpc: Rpc) -> None:
        target = self.target
        chain_id, genesis, code = rpc.batch(
            [
                ("eth_chainId", []),
                ("eth_getBlockByNumber", [tag(0), False]),
                ("eth_getCode", [hexed(target.registry), "latest"]),
            ]
        )
        if (found := quantity(chain_id.get(), "chainId")) != target.chain_id:
            raise CannotCheck(f"{rpc.name} is on chain {found}, not on {target.chain_id}.", code="wrong-chain")
        if _hash(optional_object(genesis.get(), "block")) != self._identity.genesis:
            raise CannotCheck(f"{rpc.name} has another genesis block than configured.", code="wrong-genesis")
        if keccak256(hex_bytes(code.get(), "code")) != self._identity.registry_codehash:
            raise CannotCheck(
                f"{rpc.name} has other code at the registry's address than configured.", code="wrong-registry-code"
            )

    def may_anchor(self) -> None:
        """Raise :class:`CannotCheck` (``not-operator``) unless the registry lets our account anchor."""
        target = self.target
        operator = self._any(lambda rpc: contract.operator_of(rpc, registry=target.registry, log_id=target.log_id))
        if operator != self.sender:
            raise CannotCheck(
                f"The registry lets 0x{operator.hex()} anchor this log, not our account 0x{self.sender.hex()}.",
                code="not-operator",
            )

    def head_size(self) -> int:
        """Return the size of the latest anchor in the registry, 0 where there is none."""
        target = self.target
        return self._any(lambda rpc: contract.head(rpc, registry=target.registry, log_id=target.log_id).size)

    def is_anchored(self, *, size: int, root: bytes) -> bool:
        """Say whether the registry holds this tree head."""
        registry, log_id = self.target.registry, self.target.log_id
        block = self._any(lambda rpc: contract.anchored(rpc, registry=registry, log_id=log_id, size=size, root=root))
        return block is not None

    def next_nonce(self) -> int:
        """Return the sender's next nonce, which no reorganisation can lower any more."""
        calls: list[Call] = [
            ("eth_getTransactionCount", [hexed(self.sender), which]) for which in ("latest", "finalized")
        ]
        latest, final = (quantity(answer.get(), "nonce") for answer in self._any(lambda rpc: rpc.batch(calls)))
        if latest != final:
            raise CannotCheck(
                f"Our account has {latest} transactions on the chain, {final} of them final; waiting for the others.",
                code="nonce-unsettled",
            )
        return latest

    def observe(self, *, tx_hashes: Sequence[bytes], size: int, root: bytes, place: Place | None) -> Observation:
        """Look for receipts of these transactions, which anchor ``(size, root)``, and at the block of ``place``."""
        seen: list[Observation] = []
        problems: list[EndpointFailed] = []
        for rpc in self._usable:
            try:
                seen.append(self._observe(rpc, tx_hashes, size=size, root=root, place=place))
            except EndpointFailed as error:
                problems.append(error)
        if not seen:
            raise problems[0] if problems else _no_endpoint()
        return _merge(seen)

    def _observe(
        self, rpc: Rpc, tx_hashes: Sequence[bytes], *, size: int, root: bytes, place: Place | None
    ) -> Observation:
        calls: list[Call] = [
            # First, so that what is said of the blocks below cannot be older than what is said to be final.
            ("eth_getBlockByNumber", ["finalized", False]),
            ("eth_getTransactionCount", [hexed(self.sender), "finalized"]),
        ]
        calls += [("eth_getTransactionReceipt", [hexed(tx_hash)]) for tx_hash in tx_hashes]
        final, nonce, *answers = rpc.batch(calls)
        receipts = [receipt for answer in answers if (receipt := optional_object(answer.get(), "receipt")) is not None]
        found = [(_place(receipt), self._anchors(receipt, size=size, root=root)) for receipt in receipts]
        heights = [one.block_number for one, _ in found] + ([place.block_number] if place is not None else [])
        blocks = rpc.batch([("eth_getBlockByNumber", [tag(height), False]) for height in heights])
        hashes = [_hash(optional_object(answer.get(), "block")) for answer in blocks]
        return Observation(
            final_height=_final_height(final),
            final_nonce=None if nonce.fault is not None else quantity(nonce.get(), "nonce"),
            sightings=tuple(
                Sighting(
                    place=one,
                    anchored=anchored,
                    canonical=canonical == one.block_hash,
                    gas_used=_optional(receipt, "gasUsed"),
                    gas_price=_optional(receipt, "effectiveGasPrice"),
                )
                for (one, anchored), receipt, canonical in zip(found, receipts, hashes, strict=False)
            ),
            hash_at_place=None if place is None else hashes[-1],
        )

    def _anchors(self, receipt: JsonObject, *, size: int, root: bytes) -> bool:
        """Say whether a receipt, as the node tells it, shows success and our event. The proof is captured later."""
        try:
            parsed = parse_receipt(encode_receipt(receipt))
        except InvalidRlp:
            return False
        return parsed.status == 1 and any(self._head(log) == (size, root) for log in parsed.logs)

    def _head(self, log: Log) -> tuple[int, bytes] | None:
        """Return the tree head that a log entry of a receipt is about, None if it is not about our log's."""
        try:
            event = parse_anchored(log, registry=self.target.registry, log_id=self.target.log_id)
        except ProofFailed:
            return None
        return event.size, event.root

    def market(self, *, size: int, root: bytes) -> Market:
        """Return what sending the anchor of ``(size, root)`` takes now."""
        registry, log_id = self.target.registry, self.target.log_id
        return self._any(
            lambda rpc: read_market(rpc, self._account, registry=registry, log_id=log_id, size=size, root=root)
        )

    def sign(self, *, size: int, root: bytes, nonce: int, fees: Fees) -> SignedTransaction:
        """Sign (and not send) the transaction that anchors ``(size, root)``; asks no endpoint."""
        target = self.target
        signed = sign_anchor(
            self._account,
            chain_id=target.chain_id,
            nonce=nonce,
            registry=target.registry,
            log_id=target.log_id,
            size=size,
            root=root,
            fees=fees,
        )
        return SignedTransaction(
            sender=self.sender,
            nonce=nonce,
            tx_hash=signed.hash,
            raw=signed.raw,
            calldata=signed.calldata,
            fees=fees,
        )

    def send(self, raw: bytes) -> Sending:
        """Hand a transaction to every endpoint, once, and say what they claim."""
        answers = [_sending(send_raw(rpc, raw)) for rpc in self._usable]
        order = [SendOutcome.TAKEN, SendOutcome.UNKNOWN, SendOutcome.REFUSED]
        nobody = Sending(SendOutcome.REFUSED, "chain", "No endpoint is usable.")
        return min(answers, key=lambda sending: order.index(sending.outcome), default=nobody)

    def capture(self, place: Place, *, size: int, root: bytes) -> AnchorProof:
        """Return the re-checked proof that the event for ``(size, root)`` is in the block of ``place``."""
        target = self.target
        proof = self._any(
            lambda rpc: capture(
                rpc,
                tx_hash=place.tx_hash,
                registry=target.registry,
                log_id=target.log_id,
                size=size,
                root=root,
                block_hash=place.block_hash,
            )
        )
        return AnchorProof(
            block_number=proof.number,
            block_hash=proof.block_hash,
            header=proof.header_rlp,
            tx_index=proof.tx_index,
            log_position=proof.log_position,
            nodes=proof.nodes,
        )

    def _any(self, ask: Callable[[Rpc], T]) -> T:
        """Return the answer of the first usable endpoint that gives one."""
        failed: EndpointFailed | None = None
        for rpc in self._usable:
            try:
                return ask(rpc)
            except EndpointFailed as error:
                failed = failed or error
        raise failed or _no_endpoint()


def _no_endpoint() -> EndpointFailed:
    return EndpointFailed("No endpoint is usable.", code="no-endpoint")


def _merge(seen: Sequence[Observation]) -> Observation:
    """Return what all endpoints agree on: the lowest finality, and a block hash only where none names another."""
    heights = [one.final_height for one in seen if one.final_height is not None]
    nonces = [one.final_nonce for one in seen if one.final_nonce is not None]
    hashes = {one.hash_at_place for one in seen}
    sightings = {sighting: None for one in seen for sighting in one.sightings}
    return Observation(
        final_height=min(heights) if len(heights) == len(seen) else None,
        final_nonce=min(nonces) if len(nonces) == len(seen) else None,
        sightings=tuple(sightings),
        hash_at_place=hashes.pop() if len(hashes) == 1 else None,
    )


def _sending(sent: Sent) -> Sending:
    if sent.outcome in {Outcome.ACCEPTED, Outcome.ALREADY_KNOWN}:
        return Sending(SendOutcome.TAKEN)
    message = f"Sending: {sent.outcome}: {sent.message}"
    if sent.outcome in {Outcome.UNKNOWN, Outcome.NONCE_TOO_LOW}:
        # A nonce that is too low may be our own transaction, mined already.
        return Sending(SendOutcome.UNKNOWN, "chain", message)
    code = {Outcome.UNDERPRICED: "fee", Outcome.INSUFFICIENT_FUNDS: "funds"}.get(sent.outcome, "chain")
    return Sending(SendOutcome.REFUSED, code, message)


def _final_height(answer: Answer) -> int | None:
    """Return the height of the final block; None where the node has no such thing."""
    block = None if answer.fault is not None else optional_object(answer.get(), "block")
    return None if block is None else quantity(block.get("number"), "number")


def _hash(block: JsonObject | None) -> bytes | None:
    return None if block is None else hex_bytes(block.get("hash"), "hash", size=32)


def _optional(receipt: JsonObject, name: str) -> int | None:
    """Return a quantity that says what was paid; nothing hangs on it, so a node may leave it out."""
    value = receipt.get(name)
    return None if value is None else quantity(value, name)


def _place(receipt: JsonObject) -> Place:
    return Place(
        tx_hash=hex_bytes(receipt.get("transactionHash"), "transactionHash", size=32),
        block_number=quantity(receipt.get("blockNumber"), "blockNumber"),
        block_hash=hex_bytes(receipt.get("blockHash"), "blockHash", size=32),
    )
