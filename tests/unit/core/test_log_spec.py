"""The worked example of the specification is made anew from its stated key and entries, and must stand there."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notary.core import checkpoint, ed25519, merkle, note, tiles, tlogproof
from notary.core.checkpoint import Checkpoint
from notary.core.tlogproof import TlogProof
from tests import cases

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "log.md").read_text(encoding="utf-8")
EXAMPLE = SPEC[SPEC.index("## 7. Example") :]
ORIGIN = "notary.example/log/2026"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
ENTRIES = [b"entry 0", b"entry 1", b"entry 2"]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
HEAD = Checkpoint(ORIGIN, 3, merkle.root(LEAVES))
SIGNED = note.sign_note(HEAD.encode(), name=ORIGIN, sign=PRIVATE.sign, public=PUBLIC)


def indented(data: bytes) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in data.decode().splitlines())


def test_tree_and_proofs() -> None:
    hashes = [*LEAVES, merkle.node_hash(LEAVES[0], LEAVES[1]), HEAD.root]
    for value in hashes:
        assert f"    {value.hex()}\n" in EXAMPLE
    proofs = {f"inclusion of {i}": merkle.inclusion_proof(LEAVES, index=i) for i in range(3)}
    proofs |= {f"consistency of {i} with 3": merkle.consistency_proof(LEAVES, old=i, new=3) for i in (1, 2)}
    for name, proof in proofs.items():
        assert f"| {name} | {' '.join(f'`{one.hex()[:8]}`' for one in proof)} |\n" in EXAMPLE


def test_tiles() -> None:
    assert f"`{tiles.tile_path(0, 0, 3)}`" in EXAMPLE
    assert f"`{tiles.tile_path('entries', 0, 3)}`" in EXAMPLE
    assert f"    {tiles.encode_entries(ENTRIES).hex()}\n" in EXAMPLE
    assert f"({32 * 3} bytes)" in EXAMPLE


def test_key_checkpoint_and_proof() -> None:
    key = note.verifier_key(ORIGIN, PUBLIC)
    assert f"    {PUBLIC.hex()}\n    {key.encode()}\n" in EXAMPLE
    assert indented(SIGNED) in EXAMPLE
    assert f"{len(SIGNED)} bytes, of which the first {len(HEAD.encode())} are signed" in EXAMPLE
    proof = TlogProof(1, tuple(merkle.inclusion_proof(LEAVES, index=1)), SIGNED).encode()
    assert EXAMPLE.endswith(indented(proof))
    assert f"entry 1, {len(proof)} bytes" in EXAMPLE
    assert cases.load("tlogproof")["verify-1-of-3"]["proof"] == proof.decode()


def test_the_limits_are_those_of_the_program() -> None:
    for limit in (
        note.MAX_NOTE_BYTES,
        tlogproof.MAX_TLOG_PROOF_BYTES,
        tlogproof.MAX_EXTRA_BYTES,
        tiles.MAX_ENTRY_BYTES,
    ):
        assert f"{limit:,} bytes" in SPEC.replace("\n", " ")
    assert f"more than {note.MAX_SIGNATURES} signature lines" in SPEC
    assert f"`{checkpoint.ORIGIN_PATTERN.pattern.replace('?:', '')}`, at most {checkpoint.MAX_ORIGIN_LENGTH}" in SPEC
    for y in ed25519._SMALL_ORDER - {0, 1, 2**255 - 20}:
        assert f"`{y.to_bytes(32, 'little').hex()}`" in SPEC
    assert f"none to {merkle.MAX_PROOF_LENGTH}," in SPEC
