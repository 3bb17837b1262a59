"""Changes of form: bytes, JSON, and notes and proofs as text."""

from __future__ import annotations

from random import Random
from typing import Any

from tests import worlds
from tests.parity.bundles import Draft, Value

SCALARS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**53 - 1,
    "",
    "x",
    "0x",
    "0xAA",
    "00" * 32,
    "0x" + "00" * 20,
    "é",
    "a b",
    "a\n",
    [],
    {},
    ["x"],
    {"x": 1},
    "x" * 5000,
    "notary-bundle/1",
    "2026-02-30T00:00:00Z",
    "2026-02-28T00:00:00Z",
    "correction",
    [1, 1],
    "\ufeff",
    "\U0001f600",
    " a",
    "\u202e",
    "http://a.b:99999/",
    "https://a.b/",
    [[[[[[[[]]]]]]]],
)

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
        container[
            rng.choice(
                ("x", "spec", "é", "\U0001f600", "\uffee", "__proto__", "10", "text", "signature", "extra", "last")
            )
        ] = rng.choice(SCALARS)
    elif kind == 3 and isinstance(old, list):
        old.append(old[0] if old else rng.choice(SCALARS))
    elif isinstance(old, int) and not isinstance(old, bool):
        container[at] = rng.choice((old + 1, old - 1, 0, -old, old * 2))
    elif isinstance(old, str) and old:
        place = rng.randrange(len(old))
        container[at] = (
            old[:place] + rng.choice(("", "A", "0", " ", "\n", old[place].upper(), old[place] * 2)) + old[place + 1 :]
        )
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
    words: Any = {
        "publisher": "Roads office",
        "title": "a",
        "note": "b",
        "author": "c",
        "captions": ["x", "y"],
        "url": "https://roads.example/17",
    }

    def apply(value: Value) -> None:
        value["meta"] = {"salt": "00" * 32, "value": {name: words[name] for name in one.rng.sample(sorted(words), 4)}}
        change_value(one.rng, value["meta"])

    one.edits.append(apply)


def edit_trust(one: Draft) -> None:
    one.trust_edits.append(lambda value: change_value(one.rng, value))


def trust_endpoints(one: Draft) -> None:
    endpoints: Any = one.pick(
        {},
        {"1": ["http://a"]},
        {"01": ["http://a"]},
        {"1": []},
        {"1": ["ftp://a"]},
        {"1": ["http://a\u0085b"]},
        {"1": ["http://a\ufeffb"]},
        [],
        {"1": "http://a"},
        {"1": ["http://" + "\U0001f600" * 2041]},
        {"1": ["http://" + "\U0001f600" * 2042]},
        {"1": ["https://a b"]},
    )
    one.trust_edits.append(lambda value: value.update(endpoints=endpoints))


def manifest(one: Draft) -> None:
    vkey = worlds.World().trust().keys[0].vkey.encode()
    value: Value = {
        "spec": "notary-manifest/1",
        "origin": worlds.ORIGIN,
        "vkeys": [{"vkey": vkey, "first": 0}],
        "time": 1,
        "chains": [
            {
                "chain_id": 1,
                "genesis": "0x" + "11" * 32,
                "registry": "0x" + "11" * 20,
                "registry_codehash": "0x" + "11" * 32,
                "log_id": "0x" + "11" * 32,
            }
        ],
        "predecessor": {"origin": "other.example", "size": 4, "root": "22" * 32},
    }
    if one.rng.random() < 0.3:
        change_value(one.rng, value)
    one.edits.append(lambda bundle: bundle.update(entry=value))


# --------------------------------------------------------------------------------------------------------------- bytes


def edit_bytes(one: Draft) -> None:
    def apply(data: bytes) -> bytes:
        at, end = sorted(one.rng.choices(range(len(data)), k=2))
        byte = bytes((one.rng.choice((one.rng.randrange(256), *b'"{}[],:\\0-. \n')),))
        return one.rng.choice(
            (
                data[:at] + byte + data[at + 1 :],
                data[:at] + byte + data[at:],
                data[:at] + data[at + 1 :],
                data[:at],
                data[:at] + data[end:],
                data[:end] + data[at:],
                data + byte,
                byte + data,
            )
        )

    one.bytes_edits.append(apply)


REPLACED = (
    (b'"chain_id":31337', b'"chain_id":31337.0'),
    (b'"chain_id":31337', b'"chain_id":1e3'),
    (b'"chain_id":31337', b'"chain_id":NaN'),
    (b'"chain_id":31337', b'"chain_id":-Infinity'),
    (b'"chain_id":31337', b'"chain_id":-0'),
    (b'"chain_id":31337', b'"chain_id":9007199254740992'),
    (b'"chain_id":31337', b'"chain_id":031337'),
    (b'"chain_id":31337', b'"chain_id": 31337'),
    (b'"chain_id":31337', b'"chain_id":31337,"chain_id":31337'),
    (b'{"anchors":', b'{"anchors":[],"anchors":'),
    (b"Old Mill", b"Old\\u0000Mill"),
    (b"Old Mill", b"Old\\ud800Mill"),
    (b"Old Mill", b"Old\\u0020Mill"),
    (b"Old Mill", b"Old\tMill"),
    (b"Old Mill", b"Old\xffMill"),
    (b"Old Mill", b"Old\xed\xa0\x80Mill"),
    (b"Old Mill", b"Old\\x20Mill"),
    (b"{", b"\xef\xbb\xbf{"),
    (b'{"anchors":', b'{"a":' + b"[" * 40 + b"]" * 40 + b',"anchors":'),
    (b'{"anchors":', b'{"\\u0000":1,"anchors":'),
    (b'{"anchors":', b'{"__proto__":1,"anchors":'),
    (b"notary-bundle/1", b"notary-bundle/2"),
    (b"}", b"}\n\n"),
    (b'"spec"', b"'spec'"),
    (b"}}", b"}},"),
    (b'"index":2', b'"index":2147483648'),
    (b'"index":2', b'"index":+2'),
    (b'"index":2', b'"index":.2'),
    (b'"index":2', b'"index":2.'),
    (b'"index":2', b'"index":true'),
    (b'"index":2', b'"index":nul'),
)


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
        lines[at : at + 1] = rng.choice(
            (
                [],
                [line, line],
                [line + "x"],
                [line + " "],
                ["", line],
                [line[:-1]],
                [line[:place] + rng.choice("A=+é\u00a0\r0 ") + line[place:]],
                [line[:place] + line[place + 1 :]],
                ["index 0" + line[6:]],
                [line.upper()],
                ["extra eA==", line],
                ["9223372036854775808"],
                [f"index {2**63 - 1}"],
                [line, *["AAAA"] * rng.choice((1, 64))],
                [line, "— x AAAAAAA="],
                [line, "— x AAAA"],
                [line, *(f"— x{i} AAAAAAA=" for i in range(33))],
            )
        )
        box[name] = "\n".join(lines)

    one.edits.append(apply)


def extra_line(one: Draft) -> None:
    def apply(value: Value) -> None:
        for box, name in texts(value):
            box[name] = box[name].replace("index", "extra eA==\nindex", 1)

    one.edits.append(apply)
