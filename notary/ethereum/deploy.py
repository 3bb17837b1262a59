"""Put a log on a chain: deploy the registry contract, or take one that is there, and register the log with it.

Done once for a log, by a person, with web3. Its own HTTP stack, which repeats requests and follows redirects, is not
used: :class:`_Provider` takes every request through :class:`notary.ethereum.rpc.Rpc`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from web3 import Web3
from web3.exceptions import ContractLogicError, TimeExhausted, Web3Exception, Web3RPCError
from web3.providers.base import JSONBaseProvider
from web3.types import Nonce, RPCEndpoint, RPCResponse, TxParams, Wei

from notary.core.evm import log_id as derive_log_id
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, Conflict, EndpointFailed
from notary.ethereum import registry as contract
from notary.ethereum.identity import Identity, check_endpoint, has_header_hash
from notary.ethereum.keys import Account
from notary.ethereum.rpc import Fault, Rpc, as_object, hexed, quantity, revert_data
from notary.ethereum.tx import Outcome, classify, send_raw

DEFAULT_WAIT = 180.0
_POLL = 0.25


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a log is anchored: what its trust file says of the chain. ``block`` is the one that registered the log."""

    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes
    block: int


def deploy(
    rpc_url: str,
    account: Account,
    *,
    origin: str,
    operator: bytes,
    registry: bytes | None = None,
    chain_id: int | None = None,
    legacy: bool = False,
    wait: float = DEFAULT_WAIT,
    progress: Callable[[str], None] = lambda _: None,
) -> Deployment:
    """Register the log ``origin`` with a new registry, or with the one at ``registry``, and return where it is.

    ``account`` pays and becomes the log's admin; ``operator`` may anchor. With ``chain_id`` the endpoint must be on
    that chain; ``legacy`` is for chains without a base fee. Doing it again for the same account, origin and operator at
    the same ``registry`` changes nothing.

    Raises :class:`EndpointFailed`; :class:`CannotCheck` with ``wrong-chain``, ``wrong-registry-code``, ``funds``,
    ``would-revert``, ``chain-without-base-fee``, ``transaction-failed``, ``not-mined`` (within ``wait`` seconds; it may
    be later); and :class:`Conflict` (``log-exists``) where the log is registered with another operator.
    """
    rpc = Rpc(rpc_url)
    found = rpc.chain_id()
    if chain_id is not None and found != chain_id:
        raise CannotCheck(f"{rpc.name} is on chain {found}, not on {chain_id}.", code="wrong-chain")
    newest = as_object(rpc.block("latest"), "block")
    if not has_header_hash(newest):
        progress(
            "The block hashes of this chain are not those of Ethereum headers: anchors will be storage-only. Readers "
            "must ask the registry online, and cannot pin a block."
        )
    if newest.get("baseFeePerGas") is None and not legacy:
        raise CannotCheck(
            f'The chain of {rpc.name} has no base fee: use --legacy-gas (chain.gas = "legacy").',
            code="chain-without-base-fee",
        )
    sender = _Sender(rpc, account, chain_id=found, legacy=legacy, wait=wait)
    if registry is None:
        progress("Deploying the registry contract.")
        registry = sender.create()
        progress(f"The registry is {hexed(registry)}.")
    codehash = keccak256(rpc.code(registry))
    if codehash != contract.artifact().codehash:
        raise CannotCheck(
            f"The code at {hexed(registry)} is not the registry of this version of Notary.", code="wrong-registry-code"
        )
    log_id = derive_log_id(account.address, origin)
    present = contract.operator_of(rpc, registry=registry, log_id=log_id)
    if present == bytes(20):
        progress(f"Registering {origin}.")
        block = sender.register(registry, origin, operator)
    elif present == operator:
        block = quantity(as_object(rpc.block("latest"), "block").get("number"), "number")
    else:
        raise Conflict(
            f"{origin} is registered at {hexed(registry)} with another operator, {hexed(present)}.", code="log-exists"
        )
    return Deployment(
        chain_id=found,
        genesis=rpc.genesis_hash(),
        registry=registry,
        registry_codehash=codehash,
        log_id=log_id,
        block=block,
    )


def set_operator(
    rpc_url: str,
    account: Account,
    *,
    identity: Identity,
    operator: bytes,
    legacy: bool = False,
    wait: float = DEFAULT_WAIT,
) -> bool:
    """Let ``operator`` anchor instead of whoever may now, and say whether that took a transaction.

    ``account`` is the log's admin and pays. Doing it again changes nothing. Raises :class:`EndpointFailed`, and
    :class:`CannotCheck` as :func:`deploy` (``would-revert`` where ``account`` is not the admin) and for an endpoint of
    another chain.
    """
    rpc = Rpc(rpc_url)
    check_endpoint(rpc, identity)
    target = identity.target
    if contract.operator_of(rpc, registry=target.registry, log_id=target.log_id) == operator:
        return False
    sender = _Sender(rpc, account, chain_id=target.chain_id, legacy=legacy, wait=wait)
    sender.set_operator(target.registry, target.log_id, operator)
    return True


class _Provider(JSONBaseProvider):
    """Takes web3's requests through our own client: bounded, without redirects, and none of them twice."""

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        request = json.loads(self.encode_rpc_request(method, params))
        answer = self._rpc.ask(method, request["params"])
        response: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        if answer.fault is None:
            response["result"] = answer.value
        else:
            response["error"] = {
                "code": answer.fault.code,
                "message": answer.fault.message,
                "data": answer.fault.data,
            }
        return cast(RPCResponse, response)


class _Sender:
    """Sends transactions of an admin and waits for each."""

    def __init__(self, rpc: Rpc, account: Account, *, chain_id: int, legacy: bool, wait: float) -> None:
        self._rpc = rpc
        self._legacy = legacy
        self._account = account
        self._chain_id = chain_id
        self._wait = wait
        self._web3 = Web3(_Provider(rpc))

    def create(self) -> bytes:
        """Deploy the registry and return its address."""
        artifact = contract.artifact()
        factory = self._web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        receipt = self._transact(lambda fields: factory.constructor().build_transaction(fields))
        return bytes.fromhex(receipt["contractAddress"][2:])

    def register(self, registry: bytes, origin: str, operator: bytes) -> int:
        """Register the log and return the number of the block that did it."""
        address = Web3.to_checksum_address(registry)
        functions = self._web3.eth.contract(address=address, abi=contract.artifact().abi).functions
        call = functions.register(origin, Web3.to_checksum_address(operator))
        return int(self._transact(call.build_transaction)["blockNumber"])

    def set_operator(self, registry: bytes, log_id: bytes, operator: bytes) -> None:
        """Name the operator."""
        address = Web3.to_checksum_address(registry)
        functions = self._web3.eth.contract(address=address, abi=contract.artifact().abi).functions
        self._transact(functions.setOperator(log_id, Web3.to_checksum_address(operator)).build_transaction)

    def _transact(self, build: Callable[[TxParams], TxParams]) -> Mapping[str, Any]:
        """Build, sign and send a transaction once, and return its receipt."""
        sender = Web3.to_checksum_address(self._account.address)
        nonce = self._rpc.nonce(self._account.address, "pending")
        try:
            base: TxParams = {"from": sender, "nonce": Nonce(nonce), "chainId": self._chain_id}
            if self._legacy:
                base["gasPrice"] = Wei(quantity(self._rpc.call("eth_gasPrice"), "gasPrice"))
            fields = dict(build(base))
            del fields["from"]
            raw, digest = self._account.sign_transaction(fields)
            self._send(raw)
            receipt = self._receipt(digest)
        except ContractLogicError as error:
            raise CannotCheck(f"The registry would refuse: {_reason(error)}.", code="would-revert") from None
        except Web3RPCError as error:
            raise self._explain(error) from None
        except Web3Exception as error:
            raise EndpointFailed(f"{self._rpc.name} did not answer as expected: {error}", code="rpc-shape") from None
        if receipt["status"] != 1:
            raise CannotCheck(f"Transaction {hexed(digest)} failed.", code="transaction-failed")
        return receipt

    def _send(self, raw: bytes) -> None:
        sent = send_raw(self._rpc, raw)
        if sent.outcome is Outcome.INSUFFICIENT_FUNDS:
            raise self._no_funds()
        # After an unclear answer it may have been sent all the same: then there will be a receipt.
        if sent.outcome not in {Outcome.ACCEPTED, Outcome.ALREADY_KNOWN, Outcome.UNKNOWN}:
            raise CannotCheck(f"{self._rpc.name} refused the transaction: {sent.message}.", code="transaction-refused")

    def _receipt(self, digest: bytes) -> Mapping[str, Any]:
        try:
            hexadecimal = cast(Any, hexed(digest))
            receipt = self._web3.eth.wait_for_transaction_receipt(hexadecimal, self._wait, poll_latency=_POLL)
        except TimeExhausted:
            raise CannotCheck(
                f"Transaction {hexed(digest)} is in no block after {self._wait:g} s; it may still get there.",
                code="not-mined",
            ) from None
        return cast(Mapping[str, Any], receipt)

    def _explain(self, error: Web3RPCError) -> CannotCheck:
        response: Any = error.rpc_response or {}
        message = str(response.get("error", {}).get("message", error.message))
        if classify(Fault(0, message)) is Outcome.INSUFFICIENT_FUNDS:
            return self._no_funds()
        return EndpointFailed(f"{self._rpc.name} answered with an error: {message}.", code="rpc-error")

    def _no_funds(self) -> CannotCheck:
        return CannotCheck(
            f"The account {self._account.checksum_address} holds too little to pay for a transaction.", code="funds"
        )


def _reason(error: ContractLogicError) -> str:
    """Return the name of the contract's error, or what the node says."""
    data = revert_data(Fault(0, "", error.data if isinstance(error.data, str) else None))
    return contract.error_name(data) or str(error.message)
