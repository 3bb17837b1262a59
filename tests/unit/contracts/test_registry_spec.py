from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from notary.core.keccak import keccak256
from tests.unit.contracts import registry_example as example

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "registry.md").read_text(encoding="utf-8")
ARTIFACT = json.loads((ROOT / "notary" / "ethereum" / "registry.json").read_bytes())


def parameters(items: list[dict[str, Any]]) -> str:
    return ", ".join(
        " ".join([item["type"], *(["indexed"] if item.get("indexed") else []), item["name"]]) for item in items
    )


def test_tables_of_the_spec_are_the_abi() -> None:
    written = set(re.findall(r"^\| `(\w+\(.*\))` \| `(0x\w+)`", SPEC, re.MULTILINE))
    written |= set(re.findall(r"^\| `(\w+\([^`]*\))` \| .* \| `([^`]*)` \|$", SPEC, re.MULTILINE))
    compiled = set()
    for item in ARTIFACT["abi"]:
        signature = f"{item['name']}({parameters(item['inputs'])})"
        plain = f"{item['name']}({','.join(argument['type'] for argument in item['inputs'])})"
        digest = keccak256(plain.encode()).hex()
        compiled.add((signature, "0x" + (digest if item["type"] == "event" else digest[:8])))
        if item.get("outputs"):
            compiled.add((signature, parameters(item["outputs"])))
    # The event table ends in the function that emits, which is not an output.
    functions = {item["name"] for item in ARTIFACT["abi"] if item["type"] == "function"}
    assert {pair for pair in written if pair[1] not in functions} == compiled


def test_abi_has_no_constructor_and_takes_no_payment() -> None:
    assert {item["type"] for item in ARTIFACT["abi"]} == {"function", "event", "error"}
    assert {item["stateMutability"] for item in ARTIFACT["abi"] if item["type"] == "function"} == {
        "nonpayable",
        "view",
    }


def test_code_hash_is_that_of_the_code() -> None:
    deployed = bytes.fromhex(ARTIFACT["deployed_bytecode"].removeprefix("0x"))
    assert ARTIFACT["deployed_codehash"] == "0x" + keccak256(deployed).hex()
    assert deployed.hex() in ARTIFACT["bytecode"]


def test_worked_example_follows_from_the_rules() -> None:
    _, _, text = SPEC.partition("## Worked example")
    blocks = re.findall(r"(?:^    [0-9a-f]+\n)+", text, re.MULTILINE)
    log, point = ((slot + value).hex() for slot, value in example.storage().items())
    assert ["".join(block.split()) for block in blocks] == [
        example.LOG_ID.hex(),
        "".join(leaf.hex() for leaf in example.LEAVES),
        example.ROOT.hex(),
        example.calldata().hex(),
        example.event_data().hex(),
        log,
        point,
        example.PROOF.hex(),
    ]
    for value in (example.ORIGIN, "0x" + example.ADMIN.hex(), "0x" + example.OPERATOR.hex(), str(example.TIME)):
        assert value in text
