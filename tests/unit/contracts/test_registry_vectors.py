from __future__ import annotations

from typing import Any

import pytest

from notary.core import merkle
from notary.errors import ProofFailed
from tests import cases
from tests.unit.contracts import registry_vectors

CODES = {
    "RootMismatch": "root-mismatch",
    "InvalidProofLength": "proof-length",
    "IndexOutOfRange": "index-out-of-range",
}
VECTORS = cases.load("registry")


def test_files_are_what_the_merkle_module_makes() -> None:
    written = {path.name: path.read_bytes() for path in registry_vectors.FOLDER.iterdir()}
    assert written == registry_vectors.files()


@pytest.mark.parametrize("case", VECTORS.values(), ids=VECTORS.keys())
def test_python_agrees_with_the_contract(case: dict[str, Any]) -> None:
    def verify() -> None:
        merkle.verify_inclusion(
            leaf=unhex(case["leaf_hash"]),
            index=case["index"],
            size=case["size"],
            proof=[unhex(sibling) for sibling in case["proof"]],
            root=unhex(case["root"]),
        )

    if "error" not in case:
        verify()
        return
    with pytest.raises(ProofFailed) as caught:
        verify()
    assert caught.value.code == CODES[case["error"]]


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
