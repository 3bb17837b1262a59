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
from notary.errors import InvalidRlp
from tests import worlds
from tests.parity.bundles import ONE_ANCHOR, Draft, Value, draft
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
    one.edits.append(lambda value: change_value(one.rng, value["entry"]))


def edit_meta(one: Draft) -> None:
    words: Any = {"publisher": "Roads office", "title": "a", "note": "b", "author": "c", "captions": ["x", "y"], "url": "https://roads.example/17"}

    def apply(value: Value) -> None:
        value["meta"] = {"salt": "00" * 32, "value": {name: words[name] for name in one.rng.sample(sorted(words), 4)}}
        change_value(one.rng, value["meta"])

    one.edits.append(apply)


def edit_trust(one: Draft) -> None:
    one.trust_edits.append(lambda value: change_value(one.rng, value))


def trust_endpoints(one: Draft) -> None:
    endpoints: Any = one.rng.choice((
        {}, {"1": ["http://a"]}, {"01": ["http://a"]}, {"1": []}, {"1": ["ftp://a"]}, {"1": ["http://a\u0085b"]}, {"1": ["http://a\ufeffb"]}, [], {"1": "http://a"},
        {"1": ["http://" + "\U0001f600" * 2041]}, {"1": ["http://" + "\U0001f600" * 2042]}, {"1": ["https://a b"]},
    ))  # fmt: skip
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
    old, new = one.rng.choice(REPLACED)
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


def rehead(one: Draft, **fields: Rlp) -> None:
    """Give the first anchor a header in which these fields, by number, are others."""
    items = rlp.decode(one.anchor().header)
    assert isinstance(items, list)
    for at, value in fields.items():
        items[int(at.removeprefix("f"))] = value
    one.swap(header=encode(items))


def leaf_of(receipt: bytes, one: Draft) -> None:
    """Make ``receipt`` that of the anchor's transaction, and prove it."""
    others = [b"\x02" + encode([b"\x01", encode_integer(21_000 * (i + 1)), bytes(256), []]) for i in range(4)]
    receipts = [*others[:2], receipt, *others[2:]]
    rehead(one, f5=receipts_root(receipts))
    one.swap(nodes=tuple(prove_receipt(receipts, 2)), tx_index=2)


def receipt(one: Draft) -> None:
    """Change something in the receipt."""
    rng = one.rng
    head = one.world.checkpoint()
    size = head.size.to_bytes(32, "big")
    event: list[Rlp] = [REGISTRY, [ANCHORED_TOPIC, LOG_ID], size + head.root + bytes(32)]
    items: list[Rlp] = [b"\x01", encode_integer(52_700), bytes(256), [[bytes(20), [], b""], event]]
    prefix = b"\x02"

    def of(at: int, values: tuple[Rlp, ...]) -> Callable[[list[Rlp]], None]:
        return lambda box: box.__setitem__(at, rng.choice(values))

    changes: dict[str, Callable[[], object]] = {
        "status": lambda: of(0, (b"", b"", b"\x02", b"\0", bytes(32), []))(items),
        "gas": lambda: of(1, (b"\0", b"\x01" * 9, []))(items),
        "bloom": lambda: of(2, (bytes(255), []))(items),
        "logs": lambda: of(3, (b"", [], [event], [b"x"], [[]], [[bytes(20), [], b"", b""], event]))(items),
        "address": lambda: of(0, (bytes(20), bytes(19), []))(event),
        "topics": lambda: of(1, ([ANCHORED_TOPIC], [ANCHORED_TOPIC, bytes(32)], [bytes(32), LOG_ID], [bytes(31)], [bytes(32)] * 5, b"", [[]],
                                [ANCHORED_TOPIC, LOG_ID, LOG_ID]))(event),
        "data": lambda: of(2, (b"", bytes(95), bytes(97), [], size + head.root + size, size + head.root + b"\xff" * 32, b"\xff" * 96))(event),
        "fields": lambda: items.append(b"") if rng.random() < 0.5 else items.pop(),
        "type": lambda: None,
    }  # fmt: skip
    name = rng.choice(list(changes))
    changes[name]()
    if name == "type":
        prefix = rng.choice((b"", b"\x01", b"\x04", b"\x05", b"\0", b"\x7e", b"\xb8"))
    leaf_of(prefix + encode(items), one)


def receipt_bytes(one: Draft) -> None:
    """Break the encoding of the receipt."""
    leaf_of(break_rlp(one.rng, one.world.receipt()) or b"\x02", one)


def break_rlp(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(min(len(data), 12)) if rng.random() < 0.7 else rng.randrange(len(data))
    return rng.choice((
        data[:at] + bytes((rng.choice((0, 1, 0x80, 0x81, 0xB8, 0xBF, 0xC0, 0xF8, 0xFF, 0x02)),)) + data[at + 1 :], data[: at + 1], data + b"\0", data[:-1],
        data[:at] + b"\x81\x00" + data[at:], b"\xc1" * 70 + b"\xc0", data[:at] + data[at + 1 :], b"\xf8\x00", b"",
        data[:1] + b"\xb8\x01\xff", encode([[]] * 3), b"\x80",
    ))  # fmt: skip


def header_field(one: Draft) -> None:
    """Change a field of the header, the root of receipts aside."""
    values: tuple[Rlp, ...] = (b"", b"\0", b"\x01", bytes(20), bytes(31), bytes(32), b"\xff" * 8, b"\xff" * 9, bytes(256), [], [[b"x"]], b"\x11\x22")
    at = one.rng.choice([field for field in range(16) if field != 5])
    rehead(one, **{f"f{at}": one.rng.choice(values)})


def header_number(one: Draft) -> None:
    rehead(one, f8=encode_integer(one.rng.choice((0, 16, 18, 2**53 + 1, 2**63 - 1, 2**63, 2**64))), f11=encode_integer(one.rng.choice((0, 2**63 - 1))))


def header_count(one: Draft) -> None:
    items = rlp.decode(one.anchor().header)
    assert isinstance(items, list)
    more: list[Rlp] = [bytes(32), b"", b"\x07", bytes(32), bytes(32)]
    count = one.rng.choice((0, 14, 15, 16, 18, 21, 32, 33))
    one.swap(header=encode([*items, *more, *([b"new"] * 20)][:count]))


def header_bytes(one: Draft) -> None:
    one.swap(header=break_rlp(one.rng, one.anchor().header))


def header_large(one: Draft) -> None:
    rehead(one, f12=bytes(one.rng.choice((16_384, 15_000, 20_000))))


def other_nodes(one: Draft) -> None:
    nodes = list(one.anchor().nodes)
    at = one.rng.randrange(len(nodes))
    one.swap(nodes=one.rng.choice((
        tuple(nodes[:at] + nodes[at + 1 :]), tuple(nodes[: at + 1] * 2), tuple(reversed(nodes)), (), (*nodes, nodes[-1]), (*nodes[:at], nodes[at] + b"\0"),
        tuple(nodes[:-1]),
    )))  # fmt: skip


def grown(one: Draft, node: bytes, *rest: bytes) -> None:
    """Make ``node`` the root of the trie."""
    rehead(one, f5=keccak256(node))
    one.swap(nodes=(node, *rest))


def leaf_node(one: Draft) -> None:
    """Make a trie of one node, or of two, with something about it that no trie has."""
    rng = one.rng
    index = one.anchor().tx_index
    path = b"\x20" + bytes((index or 0x80,))
    value = one.world.receipt()
    leaf: list[Rlp] = [path, value]
    branch: list[Rlp] = [b""] * 17
    branch[0] = rng.choice(((b"x"), bytes(31), [b"\x32", b"v"], [b"\x32", bytes(40)], [[]] * 40, [b"\x20" + bytes(3), b""], encode(leaf)))
    node: Rlp = rng.choice((
        leaf, [path, []], [path, b""], [b"\x20", value], [b"\x40" + path[1:], value], [b"\x21" + path[1:], value], [b"", value], [[], value], [path], [path, value, b""],
        b"x" * 40, [b"\x00", value], [b"\x10", value], [b"\x00" + path[1:], keccak256(encode(leaf))], [b"\x00" + path[1:], leaf], branch, [b"\x10", branch], [b"\x10", keccak256(value)],
        [b"\x00\x03", value], [], [b"\x00" + path[1:], b"short"], [b"\x00" + path[1:], b""],
    ))  # fmt: skip
    data = break_rlp(rng, encode(node)) if rng.random() < 0.15 else encode(node)
    grown(one, data, *rng.choice(((), (), (encode(leaf),), (encode([b"\x20", b"v"]),), (encode(branch),))))


def short_node(one: Draft) -> None:
    """Refer by hash to a node that must sit inside its parent."""
    short = encode([b"\x20", b"v"])
    grown(one, encode([b"\x00" + bytes((one.anchor().tx_index,)), keccak256(short)]), short)


def broken_node(one: Draft) -> None:
    grown(one, break_rlp(one.rng, one.anchor().nodes[0]))


def place(one: Draft) -> None:
    one.swap(**one.rng.choice((  # type: ignore[arg-type]
        {"tx_index": 2**31}, {"tx_index": 2**53 - 1}, {"tx_index": 1}, {"tx_index": 77}, {"log_position": 0}, {"log_position": 2}, {"log_position": 2**53 - 1},
    )))  # fmt: skip


def other_place(one: Draft) -> None:
    """Claim the trusted registry or log id for an event of another."""
    wrong = one.rng.choice(({"registry": bytes(20)}, {"log_id": bytes(32)}))
    anchor = replace(one.world, **wrong).anchor()  # type: ignore[arg-type]
    one.swap(**{"header": anchor.header, "nodes": anchor.nodes})


def repeat(name: str, count: int, change: Change, bases: tuple[str, ...] = ()) -> dict[str, tuple[tuple[str, ...], Change]]:
    return {f"{name}-{number}": (bases, change) for number in range(count)}


BREAKAGES: dict[str, tuple[tuple[str, ...], Change]] = {
    **repeat("json", 6, edit),
    **repeat("record", 4, edit_record),
    **repeat("meta", 2, edit_meta, ("plain",)),
    **repeat("trust", 4, edit_trust),
    **repeat("trust-endpoints", 1, trust_endpoints),
    **repeat("manifest", 1, manifest),
    **repeat("bytes", 4, edit_bytes),
    **repeat("replaced", 3, replace_bytes, ONE_ANCHOR),
    **repeat("final-lf", 1, final_lf),
    **repeat("text", 5, edit_text),
    **repeat("extra", 1, extra_line),
    **repeat("receipt", 9, receipt, ONE_ANCHOR),
    **repeat("receipt-bytes", 3, receipt_bytes, ONE_ANCHOR),
    **repeat("header-field", 4, header_field, ONE_ANCHOR),
    **repeat("header-number", 1, header_number, ONE_ANCHOR),
    **repeat("header-count", 2, header_count, ONE_ANCHOR),
    **repeat("header-bytes", 4, header_bytes, ONE_ANCHOR),
    **repeat("header-large", 1, header_large, ONE_ANCHOR),
    **repeat("nodes", 2, other_nodes, ONE_ANCHOR),
    **repeat("leaf-node", 4, leaf_node, ONE_ANCHOR),
    **repeat("short-node", 1, short_node, ONE_ANCHOR),
    **repeat("broken-node", 3, broken_node, ONE_ANCHOR),
    **repeat("place", 4, place, ONE_ANCHOR),
    **repeat("other-place", 1, other_place, ONE_ANCHOR),
}


def broken(rng: Random, name: str) -> Draft:
    """Return a case with the change of that name."""
    bases, change = BREAKAGES[name]
    one = draft(rng, *bases)
    change(one)
    return one
