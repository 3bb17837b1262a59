"""Is this endpoint on the configured chain, and may we anchor there: what is asked before anything else is believed."""

from __future__ import annotations

from dataclasses import dataclass

from notary.core.keccak import keccak256
from notary.errors import CannotCheck, EndpointFailed
from notary.ethereum.receipts import encode_header
from notary.ethereum.rpc import Answer, JsonObject, Rpc, as_object, hex_bytes, hexed, optional_object, quantity, tag
from notary.model.anchors import Target


@dataclass(frozen=True, slots=True)
class Identity:
    """How the configured chain and registry are recognised."""

    target: Target
    genesis: bytes
    registry_codehash: bytes


def check_endpoint(rpc: Rpc, identity: Identity) -> bool:
    """Require that an endpoint shows the configured chain and registry; one exchange.

    Returns whether the hash of its newest block is that of an Ethereum header: else no receipt could be proven. Raises
    :class:`EndpointFailed`, and :class:`CannotCheck`: ``wrong-chain``, ``wrong-genesis``, ``wrong-registry-code``.
    """
    target = identity.target
    chain_id, genesis, code, newest = rpc.batch(
        [
            ("eth_chainId", []),
            ("eth_getBlockByNumber", [tag(0), False]),
            ("eth_getCode", [hexed(target.registry), "latest"]),
            ("eth_getBlockByNumber", ["latest", False]),
        ]
    )
    if (found := quantity(chain_id.get(), "chainId")) != target.chain_id:
        raise CannotCheck(f"{rpc.name} is on chain {found}, not on {target.chain_id}.", code="wrong-chain")
    if _hash(genesis) != identity.genesis:
        raise CannotCheck(f"{rpc.name} has another genesis block than configured.", code="wrong-genesis")
    if keccak256(hex_bytes(code.get(), "code")) != identity.registry_codehash:
        raise CannotCheck(
            f"{rpc.name} has other code at the registry's address than configured.", code="wrong-registry-code"
        )
    return has_header_hash(as_object(newest.get(), "block"))


def has_header_hash(block: JsonObject) -> bool:
    """Say whether the hash of a block is that of its header, as Ethereum makes it: only then receipts can be proven.

    A genesis block says nothing of it, and is taken as one: development nodes make up one that no fork allows. Raises
    :class:`EndpointFailed` where number or hash are malformed.
    """
    number, found = quantity(block.get("number"), "number"), hex_bytes(block.get("hash"), "hash", size=32)
    if number == 0:
        return True
    try:
        return keccak256(encode_header(block)) == found
    except EndpointFailed:
        return False  # a header without what Ethereum's has


def not_provable(name: str) -> CannotCheck:
    """Return why an endpoint is not believed whose headers do not hash, while those of others do."""
    return CannotCheck(
        f"The block hashes of {name} are not those of Ethereum headers: anchors there could not be proven.",
        code="unsupported-chain",
    )


def _hash(answer: Answer) -> bytes:
    block = optional_object(answer.get(), "block")
    if block is None:
        raise EndpointFailed(f"{answer.endpoint} does not have block 0.", code="block-unavailable")
    return hex_bytes(block.get("hash"), "hash", size=32)
