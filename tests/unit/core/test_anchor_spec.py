"""``docs/spec/anchor.md`` says what the code does: its tables, and the worked example byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

from notary.core.evm import (
    ANCHORED_TOPIC,
    HEADER_FIELDS,
    MAX_HEADER_BYTES,
    MAX_HEADER_FIELDS,
    log_id,
    parse_header,
    verify_anchored,
)
from notary.core.keccak import keccak256
from notary.core.rlp import MAX_DEPTH
from tests.cases import load

SPEC = (Path(__file__).parents[3] / "docs/spec/anchor.md").read_text(encoding="utf-8")
RULES, EXAMPLE = SPEC.split("## 11. Worked example")
BLOCKS = [bytes.fromhex("".join(block.split())) for block in re.findall(r"(?m)(?:^ {4}[0-9a-f]+\n)+", EXAMPLE)]
HASHES = [bytes.fromhex(value) for value in re.findall(r"`([0-9a-f]{64}|[0-9a-f]{40})`", EXAMPLE)]


def test_the_table_of_header_fields() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \| \**(\w+?)\** \| ([^|]+) \|", RULES)
    assert [f"header.{name}" for _, name, _ in rows] == [name for name, _ in HEADER_FIELDS]
    assert [int(number) for number, _, _ in rows] == list(range(len(HEADER_FIELDS)))


def test_limits() -> None:
    assert f"at most {MAX_HEADER_BYTES:,} bytes" in RULES
    assert f"15 to {MAX_HEADER_FIELDS} items" in RULES
    assert f"more than {MAX_DEPTH} deep" in RULES
    assert f"`{keccak256(b'').hex()}`" in RULES
    assert f"`{ANCHORED_TOPIC.hex()}`" in RULES


def test_the_worked_example() -> None:
    header_rlp, node, data, preimage = BLOCKS
    block_hash, receipts_root, registry, topic, log, root, sender = HASHES
    header = parse_header(header_rlp)
    assert (header.hash, header.receipts_root) == (block_hash, receipts_root)
    assert keccak256(node) == receipts_root
    event = verify_anchored(header=header, tx_index=0, log_position=0, nodes=[node], registry=registry, log_id=log)
    assert (event.size, event.root, event.prev_size) == (17, root, 0)
    assert topic == ANCHORED_TOPIC
    assert data in node
    assert keccak256(preimage) == log == log_id(sender, "notary.example/log/2026")
    for said in (
        f"Header, {len(header_rlp)} bytes",
        f"one node of {len(node)} bytes",
        f"number {header.number}, timestamp {header.timestamp}",
    ):
        assert said in EXAMPLE
    assert load("evm")["anchored-captured"]["header"] == "0x" + header_rlp.hex()


def test_every_code_of_the_vectors_is_in_the_specification() -> None:
    codes = {case["error"] for area in ("rlp", "trie", "evm") for case in load(area, bad=True).values()}
    assert {code for code in codes if f"`{code}`" not in RULES} == set()
