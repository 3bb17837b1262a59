"""Every vector of the log's formats; ``docs/spec/log.md`` says what the members of a case mean."""

from __future__ import annotations

from typing import Any

import pytest

from notary.core import ed25519, merkle
from notary.core.checkpoint import parse_checkpoint
from notary.core.note import Note, format_note, parse_note, parse_vkey, verify_note
from notary.core.tlogproof import parse_tlog_proof
from notary.errors import NotaryError
from tests.cases import load

Case = dict[str, Any]
CASES = {
    f"{area}/{name}": case
    for area in ("merkle", "note", "checkpoint", "tlogproof")
    for name, case in load(area).items()
}


def octets(case: Case, name: str) -> bytes:
    """A text that is valid UTF-8 stands as it is, any other bytes as hex."""
    value = case[name].encode() if name in case else bytes.fromhex(case[f"{name}_hex"])
    assert isinstance(value, bytes)
    return value


def hashes(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def merkle_root(case: Case) -> None:
    root = merkle.root([merkle.leaf_hash(entry) for entry in hashes(case["entries"])])
    assert root.hex() == case["root"]


def merkle_inclusion(case: Case) -> None:
    merkle.verify_inclusion(
        leaf=bytes.fromhex(case["leaf"]),
        index=int(case["index"]),
        size=int(case["size"]),
        proof=hashes(case["proof"]),
        root=bytes.fromhex(case["root"]),
    )


def merkle_consistency(case: Case) -> None:
    merkle.verify_consistency(
        old=int(case["old"]),
        old_root=bytes.fromhex(case["old_root"]),
        new=int(case["new"]),
        new_root=bytes.fromhex(case["new_root"]),
        proof=hashes(case["proof"]),
    )


def note_vkey(case: Case) -> None:
    key = parse_vkey(case["vkey"])
    assert (key.name, key.key_id.hex(), key.public.hex()) == (case["name"], case["key_id"], case["public"])
    assert key.encode() == case["vkey"]


def note_parse(case: Case) -> None:
    note = parse_note(octets(case, "note"))
    assert note.text.decode() == case["text"]
    assert [
        {"name": one.name, "key_id": one.key_id.hex(), "value": one.value.hex()} for one in note.signatures
    ] == case["signatures"]
    assert format_note(Note(note.text, note.signatures)) == octets(case, "note")


def note_verify(case: Case) -> None:
    keys = [parse_vkey(key) for key in case["keys"]]
    signer = verify_note(parse_note(octets(case, "note")), keys, strict=case["strict"])
    assert signer.encode() == case["signer"]


def note_ed25519(case: Case) -> None:
    public, message, signature = hashes([case["public"], case["message"], case["signature"]])
    assert ed25519.verify(public=public, message=message, signature=signature) is case["valid"]


def checkpoint(case: Case) -> None:
    parsed = parse_checkpoint(octets(case, "text"))
    assert (parsed.origin, str(parsed.size), parsed.root.hex()) == (case["origin"], case["size"], case["root"])
    assert parsed.encode() == octets(case, "text")


def tlogproof_parse(case: Case) -> None:
    proof = parse_tlog_proof(octets(case, "proof"))
    assert str(proof.index) == case["index"]
    assert [one.hex() for one in proof.hashes] == case["hashes"]
    assert proof.checkpoint.decode() == case["checkpoint"]
    assert (None if proof.extra is None else proof.extra.hex()) == case.get("extra")
    assert proof.encode() == octets(case, "proof")


def tlogproof_verify(case: Case) -> None:
    proof = parse_tlog_proof(octets(case, "proof"))
    note = parse_note(proof.checkpoint)
    verify_note(note, [parse_vkey(key) for key in case["keys"]], strict=True)
    head = parse_checkpoint(note.text)
    leaf = merkle.leaf_hash(bytes.fromhex(case["entry"]))
    merkle.verify_inclusion(leaf=leaf, index=proof.index, size=head.size, proof=proof.hashes, root=head.root)


RUNNERS = {
    "merkle/root": merkle_root,
    "merkle/inclusion": merkle_inclusion,
    "merkle/consistency": merkle_consistency,
    "note/vkey": note_vkey,
    "note/parse": note_parse,
    "note/verify": note_verify,
    "note/ed25519": note_ed25519,
    "checkpoint/parse": checkpoint,
    "tlogproof/parse": tlogproof_parse,
    "tlogproof/verify": tlogproof_verify,
}


@pytest.mark.parametrize("name", CASES)
def test_vector(name: str) -> None:
    case = CASES[name]
    run = RUNNERS[f"{name.partition('/')[0]}/{case.get('kind', 'parse')}"]
    if "error" not in case:
        run(case)
        return
    with pytest.raises(NotaryError) as caught:
        run(case)
    assert caught.value.code == case["error"]


def test_there_are_good_and_bad_cases_of_every_kind() -> None:
    kinds = {f"{name.partition('/')[0]}/{case.get('kind', 'parse')}" for name, case in CASES.items()}
    assert kinds == set(RUNNERS)
    for area in ("merkle", "note", "checkpoint", "tlogproof"):
        assert load(area, bad=True)
        assert load(area, bad=False)
