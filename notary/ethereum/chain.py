"""The chain that anchors go to, through one or several endpoints of the operator: a :class:`notary.ports.Chain`.

What is read for deciding comes from all endpoints and counts by a quorum (:mod:`notary.ethereum.observing`); what can
be checked by itself, or costs no more than a fee, from any of them. What is sent goes to all of them, once. An endpoint
that is down, slow, behind or on another chain hinders nothing as long as enough others answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from notary.errors import CannotCheck, EndpointFailed, ProofFailed
from notary.ethereum import registry as contract
from notary.ethereum.endpoints import Endpoint, Endpoints, Said, no_endpoint
from notary.ethereum.identity import Identity, check_endpoint, has_header_hash, not_provable
from notary.ethereum.observing import (
    FINALIZED,
    Finality,
    First,
    Question,
    View,
    ask_blocks,
    ask_first,
    final_tag,
    heights,
    merge,
)
from notary.ethereum.receipts import capture
from notary.ethereum.rpc import Call, JsonObject, Rpc, as_object, hex_bytes, hexed, optional_object, quantity
from notary.ethereum.tx import Outcome, Sent, read_market, send_raw, sign_anchor
from notary.model.anchors import AnchorProof, AnchorRecord, Captured, Fees, Place, SignedTransaction, Target
from notary.model.chain import ChainStanding, Doubt, EndpointHealth, Market, Observation, Sending, SendOutcome
from notary.ports import TransactionSigner


@dataclass(frozen=True, slots=True)
class Rules:
    """How this chain is used: with legacy transactions or not, and what is final."""

    legacy: bool = False
    finality: Finality = FINALIZED


class EthereumChain:
    """Anchors of one log at one registry. Not for several threads at once."""

    def __init__(
        self, endpoints: Endpoints, account: TransactionSigner, identity: Identity, *, rules: Rules | None = None
    ) -> None:
        """Use endpoints that the operator gave, and an account that pays."""
        self._endpoints = endpoints
        self._account = account
        self._identity = identity
        self._rules = rules or Rules()
        self._storage_only = False

    @property
    def target(self) -> Target:
        """Where anchors go."""
        return self._identity.target

    @property
    def sender(self) -> bytes:
        """The address that signs and pays, 20 bytes."""
        return self._account.address

    def endpoints(self) -> tuple[EndpointHealth, ...]:
        """Return how well each endpoint is."""
        return self._endpoints.health()

    def check(self) -> None:
        """Find the endpoints that show the configured chain and registry; set others aside.

        Where block hashes are not those of headers by a quorum, and are by nobody's word, anchors are storage-only.
        Raises :class:`CannotCheck` where there is no usable endpoint: ``wrong-chain``, ``wrong-genesis``,
        ``wrong-registry-code``, ``unsupported-chain``, or the codes of :class:`EndpointFailed`, of the first endpoint.
        """
        said = self._endpoints.each(self._check, self._endpoints.to_check())
        lacking = [one for one in said if one.value is False]
        self._storage_only = len(lacking) >= self._endpoints.quorum and not any(one.value for one in said)
        problems: list[CannotCheck | ProofFailed] = []
        for one in said:
            error = one.error
            if one.value is False and not self._storage_only:
                error = not_provable(one.endpoint.name)
            if error is None:
                one.endpoint.accept()
                continue
            problems.append(error)
            if isinstance(error, CannotCheck) and not isinstance(error, EndpointFailed):
                one.endpoint.refuse(error)
        if not self._endpoints.usable():
            # What an endpoint answers says more than that another does not.
            raise next((e for e in problems if not isinstance(e, EndpointFailed)), None) or (
                problems[0] if problems else no_endpoint()
            )

    def _check(self, rpc: Rpc) -> bool:
        return check_endpoint(rpc, self._identity)

    @property
    def storage_only(self) -> bool:
        """Whether, as of the last :meth:`check`, no receipt can be proven on this chain."""
        return self._storage_only

    def may_anchor(self) -> None:
        """Raise :class:`CannotCheck` (``not-operator``) unless the registry lets our account anchor."""
        registry, log_id = self.target.registry, self.target.log_id
        # One is enough to go on: an anchor without the right fails, and costs its gas.
        found = self._endpoints.any(lambda rpc: contract.operator_of(rpc, registry=registry, log_id=log_id))
        if found != self.sender:
            raise CannotCheck(
                f"The registry lets 0x{found.hex()} anchor this log, not our account 0x{self.sender.hex()}.",
                code="not-operator",
            )

    def head_size(self) -> int:
        """Return the size of the latest anchor in the registry, 0 where there is none.

        The highest that a quorum has reached: an endpoint that is behind does not hide an anchor.
        """
        target = self.target
        said = self._endpoints.each(lambda rpc: contract.head(rpc, registry=target.registry, log_id=target.log_id).size)
        sizes = sorted((one.value for one in said if one.value is not None), reverse=True)
        if len(sizes) < self._endpoints.quorum:
            raise self._missing(said)
        return sizes[self._endpoints.quorum - 1]

    def is_anchored(self, *, size: int, root: bytes) -> bool:
        """Say whether the registry holds this tree head."""
        registry, log_id = self.target.registry, self.target.log_id
        return self._endpoints.agreed(
            lambda rpc: contract.anchored(rpc, registry=registry, log_id=log_id, size=size, root=root) is not None,
            about=f"whether size {size} is anchored",
        )

    def next_nonce(self) -> int:
        """Return the sender's next nonce, which no reorganisation can lower any more."""
        latest, final = self._endpoints.agreed(self._nonces, about="the number of our transactions")
        if latest != final:
            raise CannotCheck(
                f"Our account has {latest} transactions on the chain, {final} of them final; waiting for the others.",
                code="nonce-unsettled",
            )
        return latest

    def _nonces(self, rpc: Rpc) -> tuple[int, int]:
        tags = ("latest", final_tag(rpc, self._rules.finality))
        calls: list[Call] = [("eth_getTransactionCount", [hexed(self.sender), which]) for which in tags]
        latest, final = (quantity(answer.get(), "nonce") for answer in rpc.batch(calls))
        return latest, final

    def observe(self, *, tx_hashes: Sequence[bytes], size: int, root: bytes, place: Place | None) -> Observation:
        """Look for receipts of these transactions, which anchor ``(size, root)``, and at the block of ``place``."""
        question = Question(
            target=self.target,
            sender=self.sender,
            tx_hashes=tuple(tx_hashes),
            size=size,
            root=root,
            place=place,
            finality=self._rules.finality,
        )
        firsts = self._endpoints.each(lambda rpc: ask_first(rpc, question))
        answered = {one.endpoint.name: one.value for one in firsts if one.value is not None}
        wanted = heights(list(answered.values()), place)
        among = [one.endpoint for one in firsts if one.value is not None]
        blocks = self._endpoints.each(lambda rpc: ask_blocks(rpc, wanted), among)
        views = [
            _view(one.endpoint, first.value, one.value)
            for first, one in zip([f for f in firsts if f.value is not None], blocks, strict=True)
            if one.value is not None and first.value is not None
        ]
        if not views:
            raise self._missing([*firsts, *blocks])
        present = [view for view, behind in views if not behind]
        seen = merge(present, place=place, quorum=self._endpoints.quorum)
        return (
            seen
            if seen.doubts
            else _with_shortage(seen, self._endpoints, present, [v for v, behind in views if behind])
        )

    def market(self, *, size: int, root: bytes) -> Market:
        """Return what sending the anchor of ``(size, root)`` takes now."""
        registry, log_id, legacy = self.target.registry, self.target.log_id, self._rules.legacy
        return self._endpoints.any(
            lambda rpc: read_market(
                rpc, self.sender, registry=registry, log_id=log_id, size=size, root=root, legacy=legacy
            )
        )

    def standing(self) -> ChainStanding:
        """Return how account and chain stand, by what the first usable endpoint says: for people."""
        return self._endpoints.any(self._standing)

    def _standing(self, rpc: Rpc) -> ChainStanding:
        balance, price, latest, settled = rpc.batch(
            [
                ("eth_getBalance", [hexed(self.sender), "latest"]),
                ("eth_gasPrice", []),
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_getBlockByNumber", [final_tag(rpc, self._rules.finality), False]),
            ]
        )
        head = as_object(latest.get(), "block")
        final = None if settled.fault is not None else optional_object(settled.get(), "block")
        return ChainStanding(
            sender=self.sender,
            balance=quantity(balance.get(), "balance"),
            gas_price=quantity(price.get(), "gasPrice"),
            head=quantity(head.get("number"), "number"),
            head_time=quantity(head.get("timestamp"), "timestamp"),
            final=None if final is None else quantity(final.get("number"), "number"),
            final_time=None if final is None else quantity(final.get("timestamp"), "timestamp"),
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
            legacy=self._rules.legacy,
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
        # Also to those that rest or were never reached: a send may get through where reads do not.
        among = [one for one in self._endpoints.all if not one.set_aside]
        answers = [
            _sending(said.value) for said in self._endpoints.each(lambda rpc: _sent(rpc, raw), among) if said.value
        ]
        order = [SendOutcome.TAKEN, SendOutcome.UNKNOWN, SendOutcome.REFUSED]
        nobody = Sending(SendOutcome.REFUSED, "chain", "No endpoint is usable.")
        return min(answers, key=lambda sending: order.index(sending.outcome), default=nobody)

    def capture(self, place: Place, *, size: int, root: bytes) -> Captured:
        """Return the re-checked proof that the event for ``(size, root)`` is in the block of ``place``.

        On a chain that is :attr:`storage_only`, and was when that block was made, what a quorum says that the registry
        holds since then.
        """
        is_stored = self._storage_only and not self._is_provable(place)
        return self._record(place, size, root) if is_stored else self._proof(place, size, root)

    def _is_provable(self, place: Place) -> bool:
        """Say whether any endpoint shows the block with a header that hashes: what is kept of an anchor, is kept."""
        said = self._endpoints.each(lambda rpc: rpc.block_by_hash(place.block_hash))
        return any(one.value is not None and _is_block(one.value, place.block_hash) for one in said)

    def _record(self, place: Place, size: int, root: bytes) -> AnchorRecord:
        registry, log_id = self.target.registry, self.target.log_id
        time, _, block = self._endpoints.agreed(
            lambda rpc: contract.point(rpc, registry=registry, log_id=log_id, size=size, root=root),
            about=f"what the registry holds of size {size}",
        )
        return AnchorRecord(block_number=block, block_hash=place.block_hash, time=time)

    def _proof(self, place: Place, size: int, root: bytes) -> AnchorProof:
        target = self.target
        proof = self._endpoints.any(
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

    def _missing(self, said: Sequence[Said[Any]]) -> CannotCheck:
        """Return why there are too few answers: what the first endpoint says that gave none, if it is known."""
        for one in said:
            if isinstance(one.error, CannotCheck):
                return one.error
        return self._endpoints.too_few(sum(one.error is None for one in said))


def _is_block(block: JsonObject, block_hash: bytes) -> bool:
    try:
        return hex_bytes(block.get("hash"), "hash") == block_hash and has_header_hash(block)
    except EndpointFailed:
        return False


def _view(endpoint: Endpoint, first: First, blocks: tuple[int, dict[int, bytes]]) -> tuple[View, bool]:
    """Return what an endpoint says, and whether that is of the past."""
    head, hashes = blocks
    return View(endpoint.name, first, head, hashes), endpoint.saw(head=head, final=first.final)


def _with_shortage(
    seen: Observation, endpoints: Endpoints, present: Sequence[View], past: Sequence[View]
) -> Observation:
    """Add to an observation that too few endpoints speak of the present, where it is so."""
    if len(present) >= endpoints.quorum:
        return seen
    late = f" Behind what it showed before: {', '.join(view.name for view in past)}." if past else ""
    message = (
        f"{len(present)} of {len(endpoints.all)} endpoints speak of the present of this chain; {endpoints.quorum} must "
        f"agree on what is final (chain.quorum).{late}"
    )
    return replace(seen, doubts=(Doubt("endpoints-too-few", message),))


def _sent(rpc: Rpc, raw: bytes) -> Sent:
    return send_raw(rpc, raw)


def _sending(sent: Sent) -> Sending:
    if sent.outcome in {Outcome.ACCEPTED, Outcome.ALREADY_KNOWN}:
        return Sending(SendOutcome.TAKEN)
    message = f"Sending: {sent.outcome}: {sent.message}"
    if sent.outcome in {Outcome.UNKNOWN, Outcome.NONCE_TOO_LOW}:
        # A nonce that is too low may be our own transaction, mined already.
        return Sending(SendOutcome.UNKNOWN, "chain", message)
    code = {Outcome.UNDERPRICED: "fee", Outcome.INSUFFICIENT_FUNDS: "funds"}.get(sent.outcome, "chain")
    return Sending(SendOutcome.REFUSED, code, message)
