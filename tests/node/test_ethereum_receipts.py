"""Anchoring on a real node: send, capture, prove, lose blocks; and endpoints that lie about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth_account import Account as EthAccount

from notary.core.chain import Wanted
from notary.core.evm import AnchoredEvent, parse_header, verify_anchored
from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, EndpointFailed, ProofFailed
from notary.ethereum import registry as contract
from notary.ethereum.evidence import gather
from notary.ethereum.receipts import CapturedProof, capture
from notary.ethereum.rpc import Rpc, as_list, hex_bytes, quantity
from notary.ethereum.tx import Outcome, SignedTx, build_anchor_tx, send_raw
from notary.fees import FeeCaps
from tests.endpoint import serve
from tests.node import anvil
from tests.node.anvil import Anvil
from tests.node.world import SECOND, World, account, build, in_front_of, root_of

pytestmark = pytest.mark.node
Change = Callable[[dict[str, Any], Any], Any]
ZERO = "0x" + "00" * 32


@pytest.fixture
def world(node: Anvil) -> World:
    return build(node)


@pytest.fixture(scope="module")
def anchored() -> Iterator[tuple[World, bytes]]:
    """A world with three anchors, that no test changes, and the hash of the second."""
    with anvil.running() as node:
        world = build(node)
        world.anchor(1)
        tx_hash = world.anchor(5)
        world.anchor(9)
        yield world, tx_hash


def capture_from(world: World, tx_hash: bytes, *, rpc: Rpc | None = None, **more: Any) -> CapturedProof:
    place = {"registry": world.deployment.registry, "log_id": world.deployment.log_id}
    return capture(rpc or world.node.rpc, tx_hash=tx_hash, **{**place, **more})


def event(world: World, size: int, prev_size: int) -> AnchoredEvent:
    place = {"registry": world.deployment.registry, "log_id": world.deployment.log_id}
    return AnchoredEvent(**place, size=size, root=root_of(size), prev_size=prev_size)


def test_an_anchor_is_captured_and_proven(anchored: tuple[World, bytes]) -> None:
    world, tx_hash = anchored
    proof = capture_from(world, tx_hash)
    header = parse_header(proof.header_rlp)
    block = world.node.rpc.block(proof.number)
    assert block is not None
    assert header.hash == proof.block_hash == bytes.fromhex(str(block["hash"])[2:])
    assert header.timestamp == quantity(block["timestamp"], "timestamp")
    proven = verify_anchored(
        header=header,
        tx_index=proof.tx_index,
        log_position=proof.log_position,
        nodes=proof.nodes,
        registry=world.deployment.registry,
        log_id=world.deployment.log_id,
    )
    assert proven == proof.event == event(world, 5, 1)


def test_what_the_registry_says(anchored: tuple[World, bytes]) -> None:
    world, _ = anchored
    place: dict[str, Any] = {"registry": world.deployment.registry, "log_id": world.deployment.log_id}
    rpc = world.node.rpc
    assert contract.head(rpc, **place).size == 9
    number = contract.anchored(rpc, **place, size=5, root=root_of(5))
    assert number is not None
    assert contract.anchored(rpc, **place, size=5, root=root_of(6)) is None
    assert contract.anchored(rpc, **place, size=5, root=root_of(5), which=number - 1) is None
    assert contract.operator_of(rpc, **place) == world.operator.address
    with pytest.raises(EndpointFailed, match="registry"):
        contract.head(rpc, registry=SECOND, log_id=place["log_id"])


@pytest.mark.slow
def test_types_0_to_4_in_one_block(world: World) -> None:
    node, keys = world.node, [EthAccount.from_key((50 + n).to_bytes(32, "big")) for n in range(5)]
    node.rpc = Rpc(node.url, timeout=60)  # checking a blob takes anvil its time at first
    for key in keys:
        node.fund(bytes.fromhex(key.address[2:]))
    node.call("evm_setAutomine", False)
    fees = {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9}
    authorization = keys[4].sign_authorization(
        {"chainId": 31337, "address": "0x" + world.deployment.registry.hex(), "nonce": 0}
    )
    kinds: list[dict[str, Any]] = [
        {"gasPrice": 10**10},
        {"gasPrice": 10**10, "type": 1, "accessList": [{"address": "0x" + "22" * 20, "storageKeys": []}]},
        {"type": 3, "maxFeePerBlobGas": 10**10, **fees},
        {"type": 4, "authorizationList": [authorization], **fees},
    ]
    for key, kind in zip(keys, kinds, strict=False):
        fields = {"chainId": 31337, "nonce": 0, "to": SECOND, "value": 1, "gas": 100_000, **kind}
        blobs = [bytes(131072)] if kind.get("type") == 3 else None
        signed = key.sign_transaction(fields, blobs=blobs)
        assert send_raw(node.rpc, bytes(signed.raw_transaction)).outcome is Outcome.ACCEPTED
    anchor = world.prepare(3)
    world.send(anchor)
    node.mine()
    proof = capture_from(world, anchor.hash)
    block = node.rpc.block(proof.number)
    assert block is not None
    hashes = [hex_bytes(one, "hash") for one in as_list(block["transactions"], "transactions")]
    receipts = [node.rpc.receipt(one) for one in hashes]
    assert sorted(str(receipt["type"]) for receipt in receipts if receipt) == ["0x0", "0x1", "0x2", "0x3", "0x4"]
    assert proof.event == event(world, 3, 0)


def test_every_place_in_a_block_of_many(start_anvil: Callable[..., Anvil]) -> None:
    """Receipts 0, 127 and 128 have keys of their own kind: 0x80, 0x7f and 0x8180."""
    node = start_anvil(["--order", "fifo"])
    world = build(node)
    node.call("evm_setAutomine", False)
    node.fund(bytes.fromhex("44" * 20))
    node.call("anvil_impersonateAccount", "0x" + "44" * 20)
    nonce = node.rpc.nonce(world.operator.address)
    wanted: dict[int, bytes] = {}
    for number in range(131):
        if number in {0, 64, 127, 128, 130}:
            signed = world.prepare(1 + number, nonce=nonce + len(wanted))
            world.send(signed)
            wanted[number] = signed.hash
        else:
            fields = {"from": "0x" + "44" * 20, "to": "0x" + "22" * 20, "gas": "0x5208", "value": hex(number)}
            node.call("eth_sendTransaction", {**fields, "gasPrice": hex(10**10)})
    node.mine()
    proofs = [capture_from(world, tx_hash) for tx_hash in wanted.values()]
    assert {proof.number for proof in proofs} == {proofs[0].number}
    block = node.rpc.block(proofs[0].number)
    assert block is not None
    assert len(as_list(block["transactions"], "transactions")) == 131
    assert [proof.tx_index for proof in proofs] == list(wanted)
    assert [proof.event.size for proof in proofs] == [1 + number for number in wanted]
    for proof in proofs:
        for other in proofs:
            if other is not proof:
                with pytest.raises(ProofFailed):
                    verify_anchored(
                        header=parse_header(proof.header_rlp),
                        tx_index=other.tx_index,
                        log_position=0,
                        nodes=proof.nodes,
                        registry=world.deployment.registry,
                        log_id=world.deployment.log_id,
                    )


def test_a_deposit_of_the_op_stack_in_the_same_block(start_anvil: Callable[..., Anvil]) -> None:
    node = start_anvil(["--network", "optimism"])
    world = build(node)
    node.call("evm_setAutomine", False)
    depositor = "0x" + "44" * 20
    node.fund(bytes.fromhex("44" * 20))
    node.call("anvil_impersonateAccount", depositor)
    deposit: dict[str, Json] = {"from": depositor, "to": "0x" + "22" * 20, "gas": "0x30000", "value": "0x1"}
    more: dict[str, Json] = {"sourceHash": "0x" + "ab" * 32, "mint": "0x1", "isSystemTx": False}
    deposited = node.call("eth_sendTransaction", {**deposit, **more})
    anchor = world.prepare(3)
    world.send(anchor)
    node.mine()
    receipt = node.rpc.receipt(hex_bytes(deposited, "hash"))
    assert receipt is not None
    assert quantity(receipt["type"], "type") == 0x7E
    proof = capture_from(world, anchor.hash)
    assert receipt["blockHash"] == "0x" + proof.block_hash.hex()
    assert proof.event == event(world, 3, 0)


def test_a_head_that_is_anchored_again_is_proven_again(world: World) -> None:
    world.anchor(4)
    again = world.anchor(4)
    assert capture_from(world, again, size=4, root=root_of(4)).event == event(world, 4, 0)


# --------------------------------------------------------------------------------------------------------- not there


def test_what_the_transaction_did_not_do(anchored: tuple[World, bytes]) -> None:
    world, tx_hash = anchored
    for wrong in ({"size": 6}, {"root": root_of(6)}, {"registry": SECOND}, {"log_id": bytes(32)}):
        with pytest.raises(ProofFailed) as refused:
            capture_from(world, tx_hash, **wrong)
        assert refused.value.code == "event-missing"


def test_a_transaction_that_failed(world: World) -> None:
    world.anchor(5)
    # Signed by hand: estimating its gas would have shown that it fails.
    fields = {
        "type": 2,
        "chainId": world.deployment.chain_id,
        "nonce": world.node.rpc.nonce(world.operator.address),
        "to": world.deployment.registry,
        "value": 0,
        "data": contract.encode_anchor(log_id=world.deployment.log_id, size=4, root=root_of(4)),
        "gas": 100_000,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9,
    }
    raw, tx_hash = world.operator.sign_transaction(fields)
    send_raw(world.node.rpc, raw)
    world.node.mine()
    with pytest.raises(ProofFailed) as refused:
        capture_from(world, tx_hash)
    assert refused.value.code == "receipt-failed"


def test_a_transaction_that_is_in_no_block(anchored: tuple[World, bytes]) -> None:
    world, _ = anchored
    with pytest.raises(EndpointFailed) as refused:
        capture_from(world, bytes(32))
    assert refused.value.code == "receipt-unavailable"


def test_a_transaction_that_is_in_another_block(anchored: tuple[World, bytes]) -> None:
    world, tx_hash = anchored
    with pytest.raises(EndpointFailed) as refused:
        capture_from(world, tx_hash, block_hash=bytes(32))
    assert refused.value.code == "receipt-moved"
    where = capture_from(world, tx_hash).block_hash
    assert capture_from(world, tx_hash, block_hash=where).block_hash == where


def test_a_reorganised_anchor(world: World) -> None:
    world.node.mine(3)
    signed = world.prepare(5)
    world.send(signed)
    before = capture_from(world, world.mined(signed))
    world.node.call("anvil_reorg", 2, [])
    with pytest.raises(EndpointFailed) as refused:
        capture_from(world, signed.hash)
    assert refused.value.code == "receipt-unavailable"
    (view,) = gather([world.node.url], [Wanted(31337, before.number, world.deployment.registry)])
    assert view.hashes[before.number] != before.block_hash
    # The same bytes again: another block, another proof.
    world.node.mine(2)
    world.send(signed)
    after = capture_from(world, world.mined(signed))
    assert after.block_hash != before.block_hash
    assert after.event == before.event


# ------------------------------------------------------------------------------------------------------------- liars


def change_result(method: str, change: Callable[[Any], Any]) -> Change:
    def changed(call: dict[str, Any], response: dict[str, Any]) -> Any:
        if call["method"] == method and "result" in response:
            response["result"] = change(response["result"])
        return response

    return changed


def fault(*methods: str, code: int = -32601) -> Change:
    def changed(call: dict[str, Any], response: dict[str, Any]) -> Any:
        if call["method"] in methods:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": code, "message": "not here"}}
        return response

    return changed


def forged(receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for receipt in receipts:
        for log in receipt["logs"]:
            log["data"] = log["data"].replace("05", "06")
    return receipts


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (change_result("eth_getTransactionReceipt", lambda _: None), "receipt-unavailable"),
        (change_result("eth_getBlockByHash", lambda _: None), "block-unavailable"),
        (change_result("eth_getBlockByHash", lambda b: {**b, "receiptsRoot": "0x" + "ab" * 32}), "header-mismatch"),
        (change_result("eth_getBlockByHash", lambda b: {**b, "number": "0x63"}), "header-mismatch"),
        (change_result("eth_getBlockByHash", lambda b: {**b, "nonce": "0x" + "01" * 8}), "header-mismatch"),
        (change_result("eth_getBlockByHash", lambda b: {**b, "transactions": []}), "receipts-mismatch"),
        (change_result("eth_getBlockByHash", lambda b: {**b, "transactions": None}), "rpc-shape"),
        (change_result("eth_getBlockReceipts", lambda _: None), "receipt-unavailable"),
        (change_result("eth_getBlockReceipts", lambda _: []), "receipts-mismatch"),
        (change_result("eth_getBlockReceipts", lambda r: [None] * len(r)), "receipt-unavailable"),
        (change_result("eth_getBlockReceipts", lambda r: [*r, r[0]]), "receipts-mismatch"),
        (change_result("eth_getBlockReceipts", forged), "receipts-mismatch"),
        (change_result("eth_getBlockReceipts", lambda _: "0x"), "rpc-shape"),
        (change_result("eth_getTransactionReceipt", lambda r: {**r, "transactionIndex": "0x5"}), "receipts-mismatch"),
        (change_result("eth_getTransactionReceipt", lambda r: {**r, "blockHash": ZERO}), "block-unavailable"),
        (fault("eth_getBlockByHash", code=4444), "rpc-error"),
        (fault("eth_getTransactionReceipt", code=4444), "rpc-error"),
    ],
)
def test_an_endpoint_that_lies_or_has_pruned_proves_nothing(
    anchored: tuple[World, bytes], change: Change, code: str
) -> None:
    world, tx_hash = anchored
    with serve(in_front_of(world.node.url, change)) as endpoint, pytest.raises(EndpointFailed) as refused:
        capture_from(world, tx_hash, rpc=Rpc(endpoint.url))
    assert refused.value.code == code


def test_an_endpoint_without_eth_getblockreceipts(anchored: tuple[World, bytes]) -> None:
    world, tx_hash = anchored
    with serve(in_front_of(world.node.url, fault("eth_getBlockReceipts"))) as endpoint:
        proof = capture_from(world, tx_hash, rpc=Rpc(endpoint.url))
    assert proof == capture_from(world, tx_hash)


def test_a_forged_receipt_alone_does_not_get_into_the_proof(anchored: tuple[World, bytes]) -> None:
    """What is captured comes from the receipts that hash to the block's root, not from the transaction's receipt."""
    world, tx_hash = anchored
    change = change_result("eth_getTransactionReceipt", lambda receipt: forged([receipt])[0])
    with serve(in_front_of(world.node.url, change)) as endpoint:
        proof = capture_from(world, tx_hash, rpc=Rpc(endpoint.url))
    assert proof.event == event(world, 5, 1)


# --------------------------------------------------------------------------------------------------------- observing


def test_finality_as_a_node_has_it(world: World) -> None:
    proof = capture_from(world, world.anchor(5))
    asked = [Wanted(31337, proof.number, world.deployment.registry)]
    (before,) = gather([world.node.url], asked)
    assert before.final_height == proof.number - 2
    world.node.mine(2)
    (after,) = gather([world.node.url], asked)
    assert after.final_height == proof.number
    assert after.hashes == before.hashes == {proof.number: proof.block_hash}
    assert after.genesis == world.deployment.genesis
    assert after.codehashes == {world.deployment.registry: world.deployment.registry_codehash}


def test_a_second_chain_with_the_same_id_has_another_genesis_and_no_registry(
    world: World, start_anvil: Callable[..., Anvil]
) -> None:
    other = start_anvil(["--timestamp", "1700000000"])
    proof = capture_from(world, world.anchor(5))
    (view,) = gather([other.url], [Wanted(31337, proof.number, world.deployment.registry)])
    assert view.problem is None
    assert view.chain_id == 31337
    assert view.genesis != world.deployment.genesis
    assert view.codehashes == {world.deployment.registry: keccak256(b"")}
    assert view.hashes == {}


# ----------------------------------------------------------------------------------------------------------- sending


def test_a_signed_transaction_is_what_it_says(world: World) -> None:
    signed = world.prepare(5)
    assert signed.hash == keccak256(signed.raw)
    assert signed.raw[0] == 2
    assert signed.calldata == contract.encode_anchor(log_id=world.deployment.log_id, size=5, root=root_of(5))
    world.send(signed)
    world.mined(signed)
    sent = world.node.call("eth_getTransactionByHash", "0x" + signed.hash.hex())
    assert (sent["nonce"], sent["input"]) == (hex(signed.nonce), "0x" + signed.calldata.hex())
    assert int(sent["gas"], 16) == signed.fees.gas
    assert int(sent["maxFeePerGas"], 16) == signed.fees.max_fee > signed.fees.tip > 0
    receipt = world.node.rpc.receipt(signed.hash)
    assert receipt is not None
    used = quantity(receipt["gasUsed"], "gas")
    assert used <= 53_000
    assert used < signed.fees.gas < 2 * used


def test_what_a_node_says_about_sending(world: World, start_anvil: Callable[..., Anvil]) -> None:
    world.node.call("evm_setAutomine", False)
    rpc = world.node.rpc
    signed = world.prepare(5)
    assert send_raw(rpc, signed.raw).outcome is Outcome.ACCEPTED
    assert send_raw(rpc, signed.raw).outcome is Outcome.ALREADY_KNOWN
    assert send_raw(rpc, world.prepare(6, nonce=signed.nonce).raw).outcome is Outcome.UNDERPRICED
    world.node.mine()
    assert send_raw(rpc, world.prepare(7, nonce=signed.nonce).raw).outcome is Outcome.NONCE_TOO_LOW
    pending = world.prepare(8)
    world.node.fund(world.operator.address, 0)
    assert send_raw(rpc, pending.raw).outcome is Outcome.INSUFFICIENT_FUNDS
    elsewhere = start_anvil(["--chain-id", "5"])
    elsewhere.fund(world.operator.address)
    assert send_raw(elsewhere.rpc, signed.raw).outcome is Outcome.REJECTED
    world.node.stop()
    assert send_raw(rpc, signed.raw).outcome is Outcome.UNKNOWN


def test_the_answer_to_a_send_that_gets_lost(world: World) -> None:
    signed = world.prepare(5)

    def lose(call: dict[str, Any], response: Any) -> Any:
        return None if call["method"] == "eth_sendRawTransaction" else response

    with serve(in_front_of(world.node.url, lose)) as endpoint:
        assert send_raw(Rpc(endpoint.url), signed.raw).outcome is Outcome.UNKNOWN
    assert capture_from(world, world.mined(signed)).event == event(world, 5, 0)


def prepare(world: World, size: int, caps: FeeCaps) -> SignedTx:
    return build_anchor_tx(
        world.node.rpc,
        world.operator,
        chain_id=world.deployment.chain_id,
        nonce=world.node.rpc.nonce(world.operator.address),
        registry=world.deployment.registry,
        log_id=world.deployment.log_id,
        size=size,
        root=root_of(size),
        caps=caps,
    )


@pytest.mark.parametrize(("caps", "code"), [(FeeCaps(max_fee=1000), "fee"), (FeeCaps(max_gas=30_000), "gas")])
def test_caps_that_are_too_low(world: World, caps: FeeCaps, code: str) -> None:
    with pytest.raises(CannotCheck) as refused:
        prepare(world, 5, caps)
    assert refused.value.code == code


def test_a_cap_between_the_base_fee_and_twice_of_it_is_kept(world: World) -> None:
    offered = world.prepare(5).fees
    base_fee = (offered.max_fee - offered.tip) // 2
    signed = prepare(world, 5, FeeCaps(max_fee=base_fee * 3 // 2, max_tip=1))
    assert (signed.fees.max_fee, signed.fees.tip) == (base_fee * 3 // 2, 1)
    assert send_raw(world.node.rpc, signed.raw).outcome is Outcome.ACCEPTED


def test_a_gas_cap_just_above_the_estimate_is_kept(world: World) -> None:
    gas = world.prepare(5).fees.gas
    assert prepare(world, 5, FeeCaps(max_gas=gas - 1)).fees.gas == gas - 1


def test_an_account_without_money(world: World) -> None:
    world.node.fund(world.operator.address, 10**9)
    with pytest.raises(CannotCheck) as refused:
        world.prepare(5)
    assert refused.value.code == "funds"


def test_anchors_that_the_registry_would_refuse(world: World) -> None:
    world.anchor(5)
    for size, root in ((4, root_of(4)), (5, root_of(6))):
        with pytest.raises(CannotCheck) as refused:
            world.prepare(size, root=root)
        assert refused.value.code == "would-revert"
        assert "SizeNotIncreased" in refused.value.message
    world.operator = account(7)
    world.node.fund(world.operator.address)
    with pytest.raises(CannotCheck, match="CallerIsNotOperator"):
        world.prepare(6)


def test_a_node_without_a_suggestion_for_the_tip(world: World) -> None:
    with serve(in_front_of(world.node.url, fault("eth_maxPriorityFeePerGas"))) as endpoint:
        world.node.rpc = Rpc(endpoint.url)
        assert world.prepare(5).fees.tip == 10**9


def test_a_chain_without_a_base_fee(start_anvil: Callable[..., Anvil]) -> None:
    node = start_anvil(["--hardfork", "berlin"])
    with pytest.raises(CannotCheck) as refused:
        build_anchor_tx(
            node.rpc, account(1), chain_id=31337, nonce=0, registry=SECOND, log_id=bytes(32), size=1, root=bytes(32)
        )
    assert refused.value.code == "chain-without-base-fee"
