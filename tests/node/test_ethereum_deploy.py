"""Deploying and registering on a real node."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from notary.core.evm import log_id
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, Conflict, EndpointFailed
from notary.ethereum import registry
from notary.ethereum.deploy import deploy
from notary.ethereum.receipts import encode_header
from notary.ethereum.rpc import hex_bytes
from tests.endpoint import serve
from tests.node.anvil import Anvil
from tests.node.world import ORIGIN, account, in_front_of

pytestmark = pytest.mark.node

ADMIN, OPERATOR = account(1), account(2)
StartAnvil = Callable[..., Anvil]


def test_deploy_and_register(node: Anvil) -> None:
    node.fund(ADMIN.address)
    said: list[str] = []
    made = deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, progress=said.append)
    assert made.chain_id == 31337
    assert made.genesis == node.rpc.genesis_hash()
    assert made.log_id == log_id(ADMIN.address, ORIGIN)
    assert made.registry_codehash == keccak256(node.rpc.code(made.registry)) == registry.artifact().codehash
    assert registry.operator_of(node.rpc, registry=made.registry, log_id=made.log_id) == OPERATOR.address
    assert registry.head(node.rpc, registry=made.registry, log_id=made.log_id) == registry.Head(size=0, time=0)
    assert made.block == 2
    assert len(said) == 3


def test_a_registry_that_is_there_serves_further_logs(node: Anvil) -> None:
    node.fund(ADMIN.address)
    first = deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address)
    node.fund(OPERATOR.address)
    second = deploy(node.url, OPERATOR, origin=ORIGIN, operator=OPERATOR.address, registry=first.registry)
    assert second.registry == first.registry
    assert second.log_id == log_id(OPERATOR.address, ORIGIN) != first.log_id


def test_registering_again_changes_nothing(node: Anvil) -> None:
    node.fund(ADMIN.address)
    first = deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address)
    again = deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, registry=first.registry)
    assert again == first
    assert node.rpc.nonce(ADMIN.address) == 2


def test_registering_with_another_operator_is_refused(node: Anvil) -> None:
    node.fund(ADMIN.address)
    first = deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address)
    with pytest.raises(Conflict) as refused:
        deploy(node.url, ADMIN, origin=ORIGIN, operator=ADMIN.address, registry=first.registry)
    assert refused.value.code == "log-exists"


@pytest.mark.parametrize("code", [b"", b"\x60\x00"])
def test_an_address_without_the_registrys_code_is_refused(node: Anvil, code: bytes) -> None:
    node.fund(ADMIN.address)
    node.call("anvil_setCode", "0x" + "77" * 20, "0x" + code.hex())
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, registry=bytes.fromhex("77" * 20))
    assert refused.value.code == "wrong-registry-code"
    assert node.rpc.nonce(ADMIN.address) == 0


def test_an_account_without_money(node: Anvil) -> None:
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, account(99), origin=ORIGIN, operator=OPERATOR.address)
    assert refused.value.code == "funds"
    assert account(99).checksum_address in refused.value.message


def test_another_chain_than_expected(node: Anvil) -> None:
    node.fund(ADMIN.address)
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, chain_id=1)
    assert refused.value.code == "wrong-chain"
    assert node.rpc.nonce(ADMIN.address) == 0


def test_an_operator_that_the_contract_refuses(node: Anvil) -> None:
    node.fund(ADMIN.address)
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, ADMIN, origin=ORIGIN, operator=bytes(20))
    assert refused.value.code == "would-revert"
    assert "InvalidOperator" in refused.value.message


def test_nothing_is_mined(start_anvil: StartAnvil) -> None:
    node = start_anvil(["--no-mining"])
    node.fund(ADMIN.address)
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, wait=0.6)
    assert refused.value.code == "not-mined"


def test_blocks_at_intervals(start_anvil: StartAnvil) -> None:
    node = start_anvil(["--block-time", "1"])
    node.fund(ADMIN.address)
    assert deploy(node.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address).chain_id == 31337


def test_a_node_that_is_down() -> None:
    with pytest.raises(EndpointFailed) as refused:
        deploy("http://127.0.0.1:1", ADMIN, origin=ORIGIN, operator=OPERATOR.address)
    assert refused.value.code == "endpoint-unreachable"


def test_an_answer_to_a_send_that_gets_lost_is_waited_for_and_not_sent_again(node: Anvil) -> None:
    node.fund(ADMIN.address)
    sent: list[str] = []

    def lose(call: dict[str, object], response: object) -> object:
        if call["method"] == "eth_sendRawTransaction":
            sent.append(str(call["params"]))
            return None
        return response

    with serve(in_front_of(node.url, lose)) as endpoint:
        made = deploy(endpoint.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address)
    assert len(sent) == len(set(sent)) == 2
    assert node.rpc.nonce(ADMIN.address) == 2
    assert registry.operator_of(node.rpc, registry=made.registry, log_id=made.log_id) == OPERATOR.address


def test_a_chain_whose_block_hashes_are_no_header_hashes_is_told(node: Anvil) -> None:
    node.fund(ADMIN.address)
    node.mine()

    def own_hashes(call: dict[str, object], response: dict[str, dict[str, str]]) -> object:
        if call["method"] == "eth_getBlockByNumber" and response["result"]["number"] != "0x0":
            response["result"]["hash"] = "0x" + "ab" * 32
        return response

    told: list[str] = []
    with serve(in_front_of(node.url, own_hashes)) as endpoint:
        made = deploy(endpoint.url, ADMIN, origin=ORIGIN, operator=OPERATOR.address, progress=told.append)
    assert "anchors will be storage-only" in told[0]
    assert registry.operator_of(node.rpc, registry=made.registry, log_id=made.log_id) == OPERATOR.address


@pytest.mark.parametrize("fork", ["london", "paris", "shanghai", "cancun", "prague", "osaka"])
def test_headers_of_the_forks(start_anvil: StartAnvil, fork: str) -> None:
    node = start_anvil(["--hardfork", fork])
    node.mine(2)
    block = node.rpc.block("latest")
    assert block is not None
    assert keccak256(encode_header(block)) == hex_bytes(block["hash"], "hash", size=32)
