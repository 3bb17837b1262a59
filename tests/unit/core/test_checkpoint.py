"""Checkpoints have three lines and one spelling."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import checkpoint
from notary.core.checkpoint import Checkpoint
from notary.core.merkle import EMPTY_ROOT
from notary.errors import InvalidNote

ORIGIN = "notary.example/log/2026"
ROOT = bytes(range(32))
ROOT_TEXT = base64.b64encode(ROOT).decode()
TEXT = f"{ORIGIN}\n3\n{ROOT_TEXT}\n"

segments = st.text("abzAZ09._~-", min_size=1, max_size=9)
checkpoints = st.builds(
    Checkpoint,
    st.lists(segments, min_size=1, max_size=4).map("/".join),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)


def test_a_checkpoint_byte_for_byte() -> None:
    assert Checkpoint(ORIGIN, 3, ROOT).encode() == TEXT.encode()
    assert checkpoint.parse_checkpoint(TEXT.encode()) == Checkpoint(ORIGIN, 3, ROOT)


def test_the_example_of_the_c2sp_document() -> None:
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    parsed = checkpoint.parse_checkpoint(text)
    assert (parsed.origin, parsed.size) == ("example.com/behind-the-sofa", 20852163)
    assert parsed.encode() == text


def test_the_empty_tree_has_one_checkpoint() -> None:
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode()
    assert checkpoint.parse_checkpoint(text).size == 0
    with pytest.raises(InvalidNote) as caught:
        Checkpoint(ORIGIN, 0, ROOT)
    assert caught.value.code == "empty-root"


@given(checkpoints)
def test_checkpoints_come_back(value: Checkpoint) -> None:
    assert checkpoint.parse_checkpoint(value.encode()) == value


@settings(max_examples=300)
@given(checkpoints, st.data())
def test_bytes_that_parse_are_the_bytes_that_are_written(value: Checkpoint, data: st.DataObject) -> None:
    encoded = bytearray(value.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded[at : at + data.draw(st.integers(0, 1))] = data.draw(
            st.one_of(st.binary(max_size=2), st.sampled_from([b"0", b"+", b" ", b"\n", b"=", b"_"]))
        )
    try:
        parsed = checkpoint.parse_checkpoint(bytes(encoded))
    except InvalidNote:
        return
    assert parsed.encode() == encoded


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "checkpoint-lines"),
        (TEXT[:-1], "checkpoint-lines"),
        (TEXT + "\n", "checkpoint-lines"),
        (TEXT + "extension\n", "checkpoint-lines"),
        (TEXT + "extension", "checkpoint-lines"),
        ("\n" + TEXT, "checkpoint-lines"),
        (f"{ORIGIN}\n3\n", "checkpoint-lines"),
        (TEXT.replace("\n", "\r\n"), "wrong-number"),
        (f"\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"a b\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"a+b\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"https://a\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"a/\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"/a\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"a//b\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"é\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"{'a' * 201}\n3\n{ROOT_TEXT}\n", "wrong-origin"),
        (f"{ORIGIN}\n\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n03\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n00\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n+3\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n-3\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n 3\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n3 \n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n3.0\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n0x3\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n1_0\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n٣\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n{2**63}\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n{'9' * 5000}\n{ROOT_TEXT}\n", "wrong-number"),
        (f"{ORIGIN}\n3\n\n", "wrong-length"),
        (f"{ORIGIN}\n3\n{ROOT_TEXT[:-1]}\n", "wrong-base64"),
        (f"{ORIGIN}\n3\n{ROOT_TEXT} \n", "wrong-base64"),
        (f"{ORIGIN}\n3\n{ROOT_TEXT[:-2]}9=\n", "wrong-base64"),
        (f"{ORIGIN}\n3\n{ROOT.hex()}\n", "wrong-length"),
        (f"{ORIGIN}\n3\n{base64.b64encode(ROOT[:31]).decode()}\n", "wrong-length"),
        (f"{ORIGIN}\n3\n{base64.b64encode(ROOT + b'x').decode()}\n", "wrong-length"),
        (f"{ORIGIN}\n0\n{ROOT_TEXT}\n", "empty-root"),
    ],
)
def test_other_texts_are_no_checkpoints(text: str, code: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        checkpoint.parse_checkpoint(text.encode())
    assert caught.value.code == code


@pytest.mark.parametrize("text", [b"\xff\n3\n" + ROOT_TEXT.encode() + b"\n", TEXT.encode()[:-2] + b"\xff\n"])
def test_bytes_that_are_no_text_are_no_checkpoints(text: bytes) -> None:
    with pytest.raises(InvalidNote):
        checkpoint.parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "code"),
    [
        ("", 3, ROOT, "wrong-origin"),
        ("a\n", 3, ROOT, "wrong-origin"),
        ("a" * 201, 3, ROOT, "wrong-origin"),
        (ORIGIN, -1, ROOT, "wrong-number"),
        (ORIGIN, 2**63, ROOT, "wrong-number"),
        (ORIGIN, 3, ROOT[:31], "wrong-length"),
        (ORIGIN, 3, ROOT + b"\0", "wrong-length"),
        (ORIGIN, 0, ROOT, "empty-root"),
    ],
)
def test_there_are_no_other_checkpoints(origin: str, size: int, root: bytes, code: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        Checkpoint(origin, size, root)
    assert caught.value.code == code


def test_origins() -> None:
    assert checkpoint.is_origin(ORIGIN)
    assert checkpoint.is_origin("a" * 200)
    assert checkpoint.is_origin("A-z.0_9~/x")
    for text in ("", "a" * 201, "a b", "a+b", "/a", "a/", "a//b", "a\n", "é", "a:8080", "https://a", "a?b", "a%20"):
        assert not checkpoint.is_origin(text)
