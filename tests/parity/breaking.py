"""Changes of form: bytes, JSON, notes and proofs as text, RLP; hashed and anchored anew where what is behind is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from notary.core import rlp
from notary.core.evm import ANCHORED_TOPIC
from notary.core.keccak import keccak256
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.trie import prove_receipt, receipts_root
from tests import worlds
from tests.parity.bundles import ONE_ANCHOR, PLAIN, Draft, Value, draft
from tests.parity.forging import BESIDES, EVIDENCE, FORGERIES, Changes
from tests.worlds import LOG_ID, REGISTRY

Change = Callable[[Draft], None]
SCALARS: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2**53 - 1, "", "x", "0x", "0xAA", "00" * 32, "0x" + "00" * 20, "é", "a b", "a\n", [], {}, ["x"], {"x": 1},
    "x" * 5000, "notary-bundle/1", "2026-02-30T00:00:00Z", "2026-02-28T00:00:00Z", "correction", [1, 1], "\ufeff", "\U0001f600", " a", "\u202e",
    "http://a.b:99999/", "https://a.b/", [[[[[[[[]]]]]]]],
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------------------- JSON


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a JSON value: container and name or index."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for at in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, at), *spots(value[at])]
    return found


def change_value(rng: Random, value: Value) -> None:
    """Change one place of a JSON value."""
    container, at = rng.choice(spots(value))
    old = container[at]
    kind = rng.randrange(6)
    if kind == 0:
        del container[at]
    elif kind == 1:
        container[at] = rng.choice(SCALARS)
    elif kind == 2 and isinstance(container, dict):
        container[rng.choice(("x", "spec", "é", "\U0001f600", "\uffee", "__proto__", "10", "text", "signature", "extra", "last"))] = rng.choice(SCALARS)
    elif kind == 3 and isinstance(old, list):
        old.append(old[0] if old else rng.choice(SCALARS))
    elif isinstance(old, int) and not isinstance(old, bool):
        container[at] = rng.choice((old + 1, old - 1, 0, -old, old * 2))
    elif isinstance(old, str) and old:
        place = rng.randrange(len(old))
        container[at] = old[:place] + rng.choice(("", "A", "0", " ", "\n", old[place].upper(), old[place] * 2)) + old[place + 1 :]
    else:
        container[at] = rng.choice(SCALARS)


def edit(one: Draft) -> None:
    one.edits.append(lambda value: change_value(one.rng, value))


def edit_record(one: Draft) -> None:
    def apply(value: Value) -> None:
        if isinstance(value.get("entry"), dict):
            change_value(one.rng, value["entry"])

    one.edits.append(apply)


def edit_meta(one: Draft) -> None:
    words: Any = {"publisher": "Roads office", "title": "a", "note": "b", "author": "c", "captions": ["x", "y"], "url": "https://roads.example/17"}

    def apply(value: Value) -> None:
        value["meta"] = {"salt": "00" * 32, "value": {name: words[name] for name in one.rng.sample(sorted(words), 4)}}
        change_value(one.rng, value["meta"])

    one.edits.append(apply)


def edit_trust(one: Draft) -> None:
    one.trust_edits.append(lambda value: change_value(one.rng, value))


def trust_endpoints(one: Draft) -> None:
    endpoints: Any = one.pick(

        {}, {"1": ["http://a"]}, {"01": ["http://a"]}, {"1": []}, {"1": ["ftp://a"]}, {"1": ["http://a\u0085b"]}, {"1": ["http://a\ufeffb"]}, [], {"1": "http://a"},
        {"1": ["http://" + "\U0001f600" * 2041]}, {"1": ["http://" + "\U0001f600" * 2042]}, {"1": ["https://a b"]},
    )  # fmt: skip
    one.trust_edits.append(lambda value: value.update(endpoints=endpoints))


def manifest(one: Draft) -> None:
    vkey = worlds.World().trust().keys[0].vkey.encode()
    value: Value = {
        "spec": "notary-manifest/1", "origin": worlds.ORIGIN, "vkeys": [{"vkey": vkey, "first": 0}], "time": 1,
        "chains": [{"chain_id": 1, "genesis": "0x" + "11" * 32, "registry": "0x" + "11" * 20, "registry_codehash": "0x" + "11" * 32,
                    "log_id": "0x" + "11" * 32}],
        "predecessor": {"origin": "other.example", "size": 4, "root": "22" * 32},
    }  # fmt: skip
    if one.rng.random() < 0.3:
        change_value(one.rng, value)
    one.edits.append(lambda bundle: bundle.update(entry=value))


# --------------------------------------------------------------------------------------------------------------- bytes


def edit_bytes(one: Draft) -> None:
    def apply(data: bytes) -> bytes:
        at, end = sorted(one.rng.choices(range(len(data)), k=2))
        byte = bytes((one.rng.choice((one.rng.randrange(256), *b'"{}[],:\\0-. \n')),))
        return one.rng.choice((
            data[:at] + byte + data[at + 1 :], data[:at] + byte + data[at:], data[:at] + data[at + 1 :], data[:at], data[:at] + data[end:],
            data[:end] + data[at:], data + byte, byte + data,
        ))  # fmt: skip

    one.bytes_edits.append(apply)


REPLACED = (
    (b'"chain_id":31337', b'"chain_id":31337.0'), (b'"chain_id":31337', b'"chain_id":1e3'), (b'"chain_id":31337', b'"chain_id":NaN'),
    (b'"chain_id":31337', b'"chain_id":-Infinity'), (b'"chain_id":31337', b'"chain_id":-0'), (b'"chain_id":31337', b'"chain_id":9007199254740992'),
    (b'"chain_id":31337', b'"chain_id":031337'), (b'"chain_id":31337', b'"chain_id": 31337'), (b'"chain_id":31337', b'"chain_id":31337,"chain_id":31337'),
    (b'{"anchors":', b'{"anchors":[],"anchors":'), (b"Old Mill", b"Old\\u0000Mill"), (b"Old Mill", b"Old\\ud800Mill"), (b"Old Mill", b"Old\\u0020Mill"),
    (b"Old Mill", b"Old\tMill"), (b"Old Mill", b"Old\xffMill"), (b"Old Mill", b"Old\xed\xa0\x80Mill"), (b"Old Mill", b"Old\\x20Mill"), (b"{", b"\xef\xbb\xbf{"),
    (b'{"anchors":', b'{"a":' + b"[" * 40 + b"]" * 40 + b',"anchors":'), (b'{"anchors":', b'{"\\u0000":1,"anchors":'), (b'{"anchors":', b'{"__proto__":1,"anchors":'),
    (b"notary-bundle/1", b"notary-bundle/2"), (b"}", b"}\n\n"), (b'"spec"', b"'spec'"), (b"}}", b"}},"), (b'"index":2', b'"index":2147483648'),
    (b'"index":2', b'"index":+2'), (b'"index":2', b'"index":.2'), (b'"index":2', b'"index":2.'), (b'"index":2', b'"index":true'), (b'"index":2', b'"index":nul'),
)  # fmt: skip


def replace_bytes(one: Draft) -> None:
    old, new = one.pick(*REPLACED)
    one.bytes_edits.append(lambda data: data.replace(old, new, 1))


def final_lf(one: Draft) -> None:
    one.bytes_edits.append(lambda data: data + b"\n")


# ---------------------------------------------------------------------------------------------------- notes and proofs


def texts(value: Any) -> list[tuple[Any, str]]:
    """Return where the texts of notes and proofs are."""
    return [(box, name) for box, name in spots(value) if name in {"proof", "statement"} and isinstance(box[name], str)]


def edit_text(one: Draft) -> None:
    """Change a line of a note or proof."""
    rng = one.rng

    def apply(value: Value) -> None:
        places = texts(value)
        if not places:
            return
        box, name = rng.choice(places)
        lines = box[name].split("\n")
        at = rng.randrange(len(lines))
        line = lines[at]
        place = rng.randrange(len(line) + 1)
        lines[at : at + 1] = rng.choice((
            [], [line, line], [line + "x"], [line + " "], ["", line], [line[:-1]], [line[:place] + rng.choice("A=+é\u00a0\r0 ") + line[place:]],
            [line[:place] + line[place + 1 :]], ["index 0" + line[6:]], [line.upper()], ["extra eA==", line], ["9223372036854775808"], [f"index {2**63 - 1}"],
            [line, *["AAAA"] * rng.choice((1, 64))], [line, "— x AAAAAAA="], [line, "— x AAAA"], [line, *(f"— x{i} AAAAAAA=" for i in range(33))],
        ))  # fmt: skip
        box[name] = "\n".join(lines)

    one.edits.append(apply)


def extra_line(one: Draft) -> None:
    one.edits.append(lambda value: [box.update({name: box[name].replace("index", "extra eA==\nindex", 1)}) for box, name in texts(value)] and None)


# ----------------------------------------------------------------------------------------------------------------- RLP


def items_of(data: bytes) -> list[Rlp]:
    items = rlp.decode(data)
    assert isinstance(items, list)
    return items


def reheaded(one: Draft, fields: dict[int, Rlp]) -> None:
    """Give the first anchor a header in which these fields, by number, are others."""
    items = items_of(one.anchor.header)
    for at, value in fields.items():
        items[at] = value
    one.swap(header=encode(items))


def header_field(one: Draft) -> None:
    """Change a field of the header, the root of receipts aside."""
    hashes, integers = (0, 1, 3, 4, 6, 13), (7, 8, 9, 10, 11, 15)
    fixed: list[Rlp] = [b"", bytes(31), bytes(33)]
    numbers: list[Rlp] = [b"\0", b"\xff" * 33, b"\0\x01"]
    rng = one.rng
    other = ((rng.choice((*hashes, 12, 14)), [b"x"]), (rng.choice(integers), [b"x"]), (0, rng.randbytes(32)), (12, rng.randbytes(40)), (8, b"\xff" * 8))
    at, value = one.pick((rng.choice(hashes), rng.choice(fixed)), (rng.choice(integers), rng.choice(numbers)), rng.choice(other))
    reheaded(one, {at: value})


def header_number(one: Draft) -> None:
    heights = (0, 16, 17, 18, 2**53 + 1, 2**63 - 1)
    reheaded(one, {8: encode_integer(one.pick(*heights)), 11: encode_integer(one.rng.choice((0, 2**63 - 1)))})


def header_count(one: Draft, *counts: int) -> None:
    more: list[Rlp] = [bytes(32), b"", b"\x07", bytes(32), bytes(32)]
    items = [*items_of(one.anchor.header), *more, *([b"new"] * 20)]
    one.swap(header=encode(items[: one.pick(*counts)]))


def nested(depth: int) -> Rlp:
    """Return lists in lists."""
    return [] if depth == 1 else [nested(depth - 1)]


def broken_encodings(data: bytes) -> tuple[bytes, ...]:
    """Return encodings, one for each rule of RLP that the outermost item can break."""
    long = b"\xfa" + (len(data) - 3).to_bytes(3, "big") + data[3:]
    return (data + b"\0", data[:-1], long, encode(nested(66)), b"", b"\xc2\x81\x05", b"\xb8\x05hello", b"\xf8", b"\x80", data[:1])


def header_encoding(one: Draft) -> None:
    data = one.anchor.header
    trailing, cut, long, deep, *others = broken_encodings(data)
    one.swap(header=one.pick(trailing, cut, long, deep, b"\x80", one.rng.choice((*others, random_break(one.rng, data)))))


def random_break(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(min(len(data), 12)) if rng.random() < 0.7 else rng.randrange(len(data))
    byte = rng.choice((0, 1, 0x80, 0x81, 0xB8, 0xBF, 0xC0, 0xF8, 0xFF, 0x02))
    return rng.choice((data[:at] + bytes((byte,)) + data[at + 1 :], data[:at] + b"\x81\x00" + data[at:], data[:at] + data[at + 1 :]))


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
    event: list[Rlp] = [REGISTRY, [ANCHORED_TOPIC, LOG_ID], size + head.root + bytes(32)]
    items: list[Rlp] = [b"\x01", encode_integer(52_700), bytes(256), [[bytes(20), [], b""], event]]
    kind = b"\x02"
    what = one.turn % 13
    if what == 0:
        items[0] = b""
    elif what == 1:
        items[0] = rng.choice((b"\x02", b"\0", bytes(32), []))
    elif what == 2:
        items[1] = rng.choice((b"\0", b"\x01" * 9, []))
    elif what == 3:
        items[2], event[0] = rng.choice(((bytes(255), REGISTRY), (bytes(256), bytes(19)), (bytes(257), REGISTRY)))
    elif what == 4:
        items[3] = rng.choice((b"", [b"x", event], [[bytes(20), b"", b""], event], [[[], [], b""], event], [[bytes(20), [], []], event]))
    elif what == 5:
        items[3] = rng.choice(([[], event], [[bytes(20), [], b"", b""], event], [[bytes(20), [bytes(32)] * 5, b""], event]))
    elif what == 6:
        items.append(b"") if rng.random() < 0.5 else items.pop()
    elif what == 7:
        event[0] = bytes(20)
    elif what == 8:
        event[1] = rng.choice(([ANCHORED_TOPIC], [ANCHORED_TOPIC, bytes(32)], [bytes(32), LOG_ID], [ANCHORED_TOPIC, LOG_ID, LOG_ID], []))
    elif what == 9:
        event[2] = rng.choice((b"", bytes(95), bytes(97)))
    elif what == 10:
        event[2] = rng.choice((size + head.root + size, size + head.root + b"\xff" * 32, b"\xff" * 64 + bytes(32)))
    elif what == 11:
        kind = rng.choice((b"\x05", b"\0", b"\x7e", b"\xb8"))
    else:
        kind = rng.choice((b"", b"\x01", b"\x03", b"\x04"))
    proven(one, kind + encode(items))


def receipt_encoding(one: Draft) -> None:
    data = one.world.receipt()[1:]
    broken = one.pick(*broken_encodings(data)[:4], one.rng.choice(broken_encodings(data)), random_break(one.rng, data))
    proven(one, b"\x02" + broken)


# ---------------------------------------------------------------------------------------------------------------- trie


def place(one: Draft) -> None:
    rng = one.rng
    one.swap(**one.pick(  # type: ignore[arg-type]
        {"tx_index": rng.choice((2**31, 2**53 - 1))}, {"log_position": rng.choice((2, 3, 2**53 - 1))}, {"tx_index": rng.choice((77, 126, 2**31 - 1))},
    ))  # fmt: skip


def other_nodes(one: Draft) -> None:
    nodes, rng = one.anchor.nodes, one.rng
    last = nodes[-1]
    one.swap(nodes=one.pick(
        rng.choice((nodes[:-1], ())), rng.choice(((*nodes, last), (*nodes, b""))), rng.choice(((*nodes[:-1], last + b"\0"), (b"\xc0", *nodes))),
    ))  # fmt: skip


def rooted(one: Draft, node: bytes, *others: bytes) -> None:
    """Make ``node`` the root of the trie, and the proof these nodes."""
    reheaded(one, {5: keccak256(node)})
    one.swap(nodes=(node, *others))


def node(one: Draft) -> None:
    """Make a trie with something about it that no trie has, or that is only rare."""
    rng = one.rng
    number = bytes((one.anchor.tx_index or 0x80,))
    path, extension, value = b"\x20" + number, b"\x00" + number, one.world.receipt()
    leaf: list[Rlp] = [path, value]
    short: list[Rlp] = [b"\x20", b"v"]
    branch: list[Rlp] = [b""] * 17
    branch[number[0] >> 4] = rng.choice((b"x", bytes(31), [b"\x32", b"v"], [b"\x32", bytes(40)], [[]] * 40, [path, b""], encode(leaf)))
    made: Rlp = one.pick(
        leaf, [path, []], [path, b""], [b"\x20", value], [b"\x40" + number, value], [b"\x21" + number, value], [b"", value], [[], value], [path],
        [path, value, b""], b"x" * 40, [b"\x00", value], [b"\x10", value], [extension, keccak256(encode(leaf))], [extension, leaf], [extension, short],
        branch, [b"\x10", branch], [b"\x10", keccak256(encode(branch))], [], [extension, b"short"], [extension, b""], [b"\x01\x02", value], [extension, keccak256(encode(short))],
    )  # fmt: skip
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


FORMS: tuple[Change, ...] = (edit, edit_record, edit_trust, edit_text, edit_bytes)
ANCHORED: tuple[Change, ...] = (*FORMS, header_field, other_nodes, place)


def two(one: Draft) -> None:
    """Forge, and break something besides."""
    forge = one.rng.choice([change for bases, _, change in FORGERIES.values() if bases in {PLAIN, ONE_ANCHOR}])
    forge(one)
    one.rng.choice(ANCHORED if one.bundle.anchors else FORMS)(one)


WELL: tuple[Change, ...] = (
    header_number, lambda one: header_count(one, 15, 16, 18, 21, 32), lambda one: reheaded(one, {12: bytes(15_000)}), final_lf,
)  # fmt: skip
BREAKAGES: Changes = {
    "json": ((), 2, edit),
    "json-record": ((), 1, edit_record),
    "json-meta": (("plain",), 1, edit_meta),
    "json-trust": ((), 1, edit_trust),
    "endpoints": ((), 1, trust_endpoints),
    "manifest": ((), 1, manifest),
    "bytes": ((), 1, edit_bytes),
    "replaced": (ONE_ANCHOR, 1, replace_bytes),
    "text": ((), 2, edit_text),
    "extra": (ONE_ANCHOR, 1, extra_line),
    "well": (ONE_ANCHOR, 1, lambda one: one.pick(*WELL)(one)),
    "header-field": (ONE_ANCHOR, 3, header_field),
    "header-few": (ONE_ANCHOR, 1, lambda one: header_count(one, 0, 14, 33)),
    "header-large": (ONE_ANCHOR, 1, lambda one: reheaded(one, {12: bytes(one.pick(16_384, 20_000))})),
    "header-encoding": (ONE_ANCHOR, 6, header_encoding),
    "receipt": (ONE_ANCHOR, 13, receipt),
    "receipt-encoding": (ONE_ANCHOR, 1, receipt_encoding),
    "place": (ONE_ANCHOR, 3, place),
    "nodes": (ONE_ANCHOR, 3, other_nodes),
    "node": (ONE_ANCHOR, 3, node),
    "node-encoding": (ONE_ANCHOR, 1, node_encoding),
    "other-event": (ONE_ANCHOR, 1, other_event),
    "two": (PLAIN, 2, two),
}
CHANGES = FORGERIES | BREAKAGES
_ROTA = [(name, number) for name, (_, weight, _) in CHANGES.items() for number in range(weight)]
ROUND = len(_ROTA)


def make_bundle(seed: int, number: int) -> Value:
    """Return the case with this number of this seed; every :data:`ROUND` of them have every change."""
    name, repetition = _ROTA[number % ROUND]
    bases, weight, change = CHANGES[name]
    rng = Random(f"bundle/{seed}/{number}")
    one = draft(rng, number // ROUND * weight + repetition, bases)
    change(one)
    if name.startswith(BESIDES) and one.bundle.anchors and rng.random() < 0.5:
        EVIDENCE[number % len(EVIDENCE)](one)
    return one.finish()
