"""The log's statement of the latest revision of a document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.current import CurrentStatement, parse_current, verify_current
from notary.core.note import parse_note, parse_vkey, sign_note, verifier_key
from notary.errors import InvalidNote, NotaryError, ProofFailed
from tests import cases
from tests.strategies import documents, hashes, origins, publisher_ids, sizes, times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from notary.core.note import VerifierKey

GOOD = cases.load("current", bad=False)
BAD = cases.load("current", bad=True)

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SIGNER.public_key().public_bytes_raw()

statements = st.builds(
    CurrentStatement,
    origin=origins,
    publisher=publisher_ids,
    document=documents,
    latest=hashes,
    size=sizes,
    root=hashes,
    time=times,
)
STATEMENT = CurrentStatement(
    origin="log.example", publisher="a", document="b", latest=bytes(32), size=10, root=bytes(32), time=5
)


def keys(*vkeys: VerifierKey) -> Callable[[int], Sequence[VerifierKey]]:
    return lambda _: list(vkeys)


def from_json(value: dict[str, Any]) -> CurrentStatement:
    hexes = {"latest": bytes.fromhex(value["latest"]), "root": bytes.fromhex(value["root"])}
    return CurrentStatement(**(value | hexes))


@pytest.mark.parametrize("name", GOOD)
def test_vector_verifies(name: str) -> None:
    case = GOOD[name]
    statement = verify_current(case["note"].encode(), keys_for=keys(parse_vkey(case["vkey"])))
    assert statement == from_json(case["statement"])
    assert case["note"].startswith(statement.encode().decode() + "\n")


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(NotaryError) as caught:
        verify_current(case["note"].encode(), keys_for=keys(parse_vkey(case["vkey"])))
    assert (caught.value.code, caught.value.field) == (case["error"], case.get("field"))
    assert isinstance(caught.value, InvalidNote | ProofFailed)


@given(statements)
def test_format_then_parse_is_the_statement(statement: CurrentStatement) -> None:
    text = statement.encode()
    assert parse_current(text) == statement
    assert parse_current(text).encode() == text


@given(statements, st.data())
def test_a_changed_byte_is_refused_or_another_statement(statement: CurrentStatement, data: st.DataObject) -> None:
    changed = bytearray(statement.encode())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = parse_current(bytes(changed))
    except InvalidNote:
        return
    assert other.encode() == changed
    assert other != statement


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_in_an_orderly_way(data: bytes) -> None:
    for text in (data, b"notary-current/1\n" + data, b"notary-current/1\n" + data + b"\n" * 6):
        with pytest.raises(InvalidNote):
            parse_current(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "a b"},
        {"origin": "o" * 201},
        {"publisher": "A"},
        {"publisher": "a b"},
        {"document": ""},
        {"document": "a\n"},
        {"latest": bytes(31)},
        {"size": 0},
        {"size": 2**53},
        {"root": bytes(33)},
        {"time": -1},
    ],
)
def test_a_statement_made_by_hand_is_checked_before_it_is_encoded(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidNote):
        replace(STATEMENT, **changes).encode()


def test_the_longest_names() -> None:
    statement = replace(STATEMENT, origin="o" * 200, publisher="p" * 63, document="d" * 128)
    assert parse_current(statement.encode()) == statement


@given(statements)
def test_a_statement_is_never_a_checkpoint(statement: CurrentStatement) -> None:
    with pytest.raises(InvalidNote):
        parse_checkpoint(statement.encode())
    # Nor for a reader that takes further lines as extensions, as C2SP allows, even in a log that is named like the tag.
    third = statement.encode().split(b"\n")[2]
    assert b" " in third


@given(origins, sizes, hashes)
def test_a_checkpoint_is_never_a_statement(origin: str, size: int, root: bytes) -> None:
    for name in (origin, "notary-current/1"):
        with pytest.raises(InvalidNote):
            parse_current(Checkpoint(name, size, root).encode())


def test_the_keys_are_those_for_the_size_in_the_statement() -> None:
    note = sign_note(STATEMENT.encode(), name="log.example", sign=SIGNER.sign, public=PUBLIC)
    key = verifier_key("log.example", PUBLIC)
    asked: list[int] = []

    def keys_for(size: int) -> list[VerifierKey]:
        asked.append(size)
        return [key] if size == 10 else []

    assert verify_current(note, keys_for=keys_for) == STATEMENT
    assert asked == [10]
    with pytest.raises(ProofFailed) as caught:
        verify_current(note, keys_for=lambda _: [])
    assert caught.value.code == "no-known-signature"


def test_a_key_of_another_log_does_not_sign_for_this_one() -> None:
    # Both keys are known, say to a reader who trusts two logs.
    ours, theirs = verifier_key("log.example", PUBLIC), verifier_key("log.other", PUBLIC)
    note = sign_note(STATEMENT.encode(), name="log.other", sign=SIGNER.sign, public=PUBLIC)
    assert parse_note(note).text == STATEMENT.encode()
    with pytest.raises(ProofFailed) as caught:
        verify_current(note, keys_for=keys(ours, theirs))
    assert caught.value.code == "no-known-signature"


@pytest.mark.parametrize("text", [STATEMENT.encode()[:-1], STATEMENT.encode() + b"x", STATEMENT.encode() + b"\n"])
def test_a_statement_ends_with_its_seventh_line(text: bytes) -> None:
    with pytest.raises(InvalidNote) as caught:
        parse_current(text)
    assert caught.value.code == "current-lines"
