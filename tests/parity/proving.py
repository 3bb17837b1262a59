"""Changes of what is shown of the chain: header, receipt and trie, hashed anew where what is behind is meant."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from notary.core import rlp
from notary.core.evm import ANCHORED_TOPIC
from notary.core.keccak import keccak256
from notary.core.rlp import encode, encode_integer
from notary.core.trie import prove_receipt, receipts_root
from tests.parity.bundles import Draft
from tests.worlds import LOG_ID, REGISTRY

# ----------------------------------------------------------------------------------------------------------------- RLP


def items_of(data: bytes) -> list[Any]:
    items = rlp.decode(data)
    assert isinstance(items, list)
    return items


def reheaded(one: Draft, fields: dict[int, Any]) -> None:
    """Give the first anchor a header in which these fields, by number, are others."""
    items = items_of(one.anchor.header)
    for at, value in fields.items():
        items[at] = value
    one.swap(header=encode(items))


def header_field(one: Draft) -> None:
    """Change a field of the header, the root of receipts aside."""
    hashes, integers = (0, 1, 3, 4, 6, 13), (7, 8, 9, 10, 11, 15)
    fixed: list[Any] = [b"", bytes(31), bytes(33)]
    numbers: list[Any] = [b"\0", b"\xff" * 33, b"\0\x01"]
    rng = one.rng
    other = (
        (rng.choice((*hashes, 12, 14)), [b"x"]),
        (rng.choice(integers), [b"x"]),
        (0, rng.randbytes(32)),
        (12, rng.randbytes(40)),
        (8, b"\xff" * 8),
    )
    at, value = one.pick(
        (rng.choice(hashes), rng.choice(fixed)), (rng.choice(integers), rng.choice(numbers)), rng.choice(other)
    )
    reheaded(one, {at: value})


def header_number(one: Draft) -> None:
    heights = (0, 16, 17, 18, 2**53 + 1, 2**63 - 1)
    reheaded(one, {8: encode_integer(one.pick(*heights)), 11: encode_integer(one.rng.choice((0, 2**63 - 1)))})


def header_count(one: Draft, *counts: int) -> None:
    more: list[Any] = [bytes(32), b"", b"\x07", bytes(32), bytes(32)]
    items = [*items_of(one.anchor.header), *more, *([b"new"] * 20)]
    one.swap(header=encode(items[: one.pick(*counts)]))


def nested(depth: int) -> Any:
    """Return lists in lists."""
    return [] if depth == 1 else [nested(depth - 1)]


def broken_encodings(data: bytes) -> tuple[bytes, ...]:
    """Return encodings, one for each rule of RLP that the outermost item can break."""
    long = b"\xfa" + (len(data) - 3).to_bytes(3, "big") + data[3:]
    return (
        data + b"\0",
        data[:-1],
        long,
        encode(nested(66)),
        b"",
        b"\xc2\x81\x05",
        b"\xb8\x05hello",
        b"\xf8",
        b"\x80",
        data[:1],
    )


def header_encoding(one: Draft) -> None:
    data = one.anchor.header
    trailing, cut, long, deep, *others = broken_encodings(data)
    one.swap(
        header=one.pick(trailing, cut, long, deep, b"\x80", one.rng.choice((*others, random_break(one.rng, data))))
    )


def random_break(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(min(len(data), 12)) if rng.random() < 0.7 else rng.randrange(len(data))
    byte = rng.choice((0, 1, 0x80, 0x81, 0xB8, 0xBF, 0xC0, 0xF8, 0xFF, 0x02))
    return rng.choice(
        (data[:at] + bytes((byte,)) + data[at + 1 :], data[:at] + b"\x81\x00" + data[at:], data[:at] + data[at + 1 :])
    )


# ------------------------------------------------------------------------------------------------------------- receipt


def proven(one: Draft, receipt: bytes) -> None:
    """Make ``receipt`` that of the anchor's transaction, and prove it."""
    others = [b"\x02" + encode([b"\x01", encode_integer(21_000 * (i + 1)), bytes(256), []]) for i in range(4)]
    receipts = [*others[:2], receipt, *others[2:]]
    reheaded(one, {5: receipts_root(receipts)})
    one.swap(nodes=tuple(prove_receipt(receipts, 2)), tx_index=2)


def receipt(one: Draft) -> None:
    """Change something in the receipt, by turns one thing for each code."""
    rng = one.rng
    head = one.world.checkpoint()
    size = head.size.to_bytes(32, "big")
    event: list[Any] = [REGISTRY, [ANCHORED_TOPIC, LOG_ID], size + head.root + bytes(32)]
    items: list[Any] = [b"\x01", encode_integer(52_700), bytes(256), [[bytes(20), [], b""], event]]
    kind = b"\x02"
    more: list[list[Any]] = [[*items, b""], items[:3]]
    short: list[Any] = [bytes(20), [], b""]
    # Where in the receipt, and what may stand there: by turns one place for each code.
    options: tuple[tuple[list[Any], int, Any], ...] = (
        (items, 0, (b"",)),
        (items, 0, (b"\x02", b"\0", bytes(32), [])),
        (items, 1, (b"\0", b"\x01" * 9, [])),
        (items, 2, (bytes(255), bytes(257))),
        (
            items,
            3,
            (b"", [b"x", event], [[bytes(20), b"", b""], event], [[[], [], b""], event], [[bytes(20), [], []], event]),
        ),
        (
            items,
            3,
            ([[], event], [[*short, b""], event], [[bytes(20), [bytes(32)] * 5, b""], event], [[bytes(19), [], b""]]),
        ),
        (event, 0, (bytes(20),)),
        (
            event,
            1,
            ([ANCHORED_TOPIC], [ANCHORED_TOPIC, bytes(32)], [bytes(32), LOG_ID], [ANCHORED_TOPIC, LOG_ID, LOG_ID], []),
        ),
        (event, 2, (b"", bytes(95), bytes(97))),
        (event, 2, (size + head.root + size, size + head.root + b"\xff" * 32, b"\xff" * 64 + bytes(32))),
        ([], 0, ()),
        ([], 1, ()),
        ([], 2, ()),
    )
    box, at, values = one.pick(*options)
    if box:
        box[at] = rng.choice(values)
    elif at == 0:
        items = rng.choice(more)
    else:
        kind = rng.choice((b"", b"\x01", b"\x03", b"\x04") if at == 1 else (b"\x05", b"\0", b"\x7e", b"\xb8"))
    proven(one, kind + encode(items))


def receipt_encoding(one: Draft) -> None:
    data = one.world.receipt()[1:]
    broken = one.pick(*broken_encodings(data)[:4], one.rng.choice(broken_encodings(data)), random_break(one.rng, data))
    proven(one, b"\x02" + broken)


# ---------------------------------------------------------------------------------------------------------------- trie


def place(one: Draft) -> None:
    rng = one.rng
    one.swap(
        **one.pick(
            {"tx_index": rng.choice((2**31, 2**53 - 1))},
            {"log_position": rng.choice((2, 3, 2**53 - 1))},
            {"tx_index": rng.choice((77, 126, 2**31 - 1))},
        )
    )


def other_nodes(one: Draft) -> None:
    nodes, rng = one.anchor.nodes, one.rng
    last = nodes[-1]
    one.swap(
        nodes=one.pick(
            rng.choice((nodes[:-1], ())),
            rng.choice(((*nodes, last), (*nodes, b""))),
            rng.choice(((*nodes[:-1], last + b"\0"), (b"\xc0", *nodes))),
        )
    )


def rooted(one: Draft, node: bytes, *others: bytes) -> None:
    """Make ``node`` the root of the trie, and the proof these nodes."""
    reheaded(one, {5: keccak256(node)})
    one.swap(nodes=(node, *others))


def node(one: Draft) -> None:
    """Make a trie with something about it that no trie has, or that is only rare."""
    rng = one.rng
    number = bytes((one.anchor.tx_index or 0x80,))
    path, extension, value = b"\x20" + number, b"\x00" + number, one.world.receipt()
    leaf: list[Any] = [path, value]
    short: list[Any] = [b"\x20", b"v"]
    branch: list[Any] = [b""] * 17
    branch[number[0] >> 4] = rng.choice(
        (b"x", bytes(31), [b"\x32", b"v"], [b"\x32", bytes(40)], [[]] * 40, [path, b""], encode(leaf))
    )
    made: Any = one.pick(
        leaf,
        [path, []],
        [path, b""],
        [b"\x20", value],
        [b"\x40" + number, value],
        [b"\x21" + number, value],
        [b"", value],
        [[], value],
        [path],
        [path, value, b""],
        b"x" * 40,
        [b"\x00", value],
        [b"\x10", value],
        [extension, keccak256(encode(leaf))],
        [extension, leaf],
        [extension, short],
        branch,
        [b"\x10", branch],
        [b"\x10", keccak256(encode(branch))],
        [],
        [extension, b"short"],
        [extension, b""],
        [b"\x01\x02", value],
        [extension, keccak256(encode(short))],
    )
    rooted(one, encode(made), *rng.choice(((), (encode(leaf),), (encode(short),), (encode(branch),))))


def node_encoding(one: Draft) -> None:
    data = one.anchor.nodes[0]
    broken = broken_encodings(data)
    rooted(one, one.pick(*broken[:4], one.rng.choice(broken), random_break(one.rng, data)))


def other_event(one: Draft) -> None:
    """Claim the trusted registry or log id for an event of another."""
    wrong: dict[str, Any] = one.pick({"registry": bytes(20)}, {"log_id": bytes(32)})
    anchor = replace(one.world, **wrong).anchor()
    one.swap(header=anchor.header, nodes=anchor.nodes)
