"""The bundle: one JSON file that holds all that is needed to verify one entry with the operator gone.

Byte-exact canonical JSON, one final LF tolerated. The container is parsed here; what it claims is judged by
:mod:`notary.core.verify`. See ``docs/spec/bundle.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

from notary.core import jcs
from notary.core.entry import Entry, parse_leaf
from notary.core.meta import parse_meta
from notary.core.shape import Fields
from notary.core.tlogproof import TlogProof, parse_tlog_proof
from notary.errors import InvalidBundle, InvalidInput

MAX_BUNDLE_BYTES = 16 << 20
SPEC = "notary-bundle/1"
SPEC_STORAGE = "notary-bundle/2"
"""Version 2 is for bundles with a storage-only anchor, and for no others: a bundle has one form."""
_MAX_INTEGER = jcs.MAX_INTEGER
_MAX_ANCHORS = 16
_MAX_LATER = 1000


@dataclass(frozen=True, slots=True)
class Meta:
    """The disclosed meta object with the salt that hides it when it is not disclosed."""

    salt: bytes
    value: dict[str, jcs.Json]


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor: an inclusion proof to a checkpoint, and the receipt of the transaction that anchored it.

    ``tx_index`` is the transaction's place in the block, ``log_position`` the event's place in that receipt, ``nodes``
    are the nodes of the receipt trie from the root to the receipt.
    """

    chain_id: int
    registry: bytes
    log_id: bytes
    proof: TlogProof
    header: bytes
    tx_index: int
    log_position: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StorageAnchor:
    """An anchor that nothing but the registry's storage shows, asked online; its block hash is no hash of a header.

    The registry holds the checkpoint since ``block``, whose time was ``time``.
    """

    chain_id: int
    registry: bytes
    log_id: bytes
    proof: TlogProof
    block: int
    time: int


@dataclass(frozen=True, slots=True)
class Later:
    """A later entry about the same document, with its inclusion proof to a signed checkpoint."""

    entry: Entry
    proof: TlogProof


@dataclass(frozen=True, slots=True)
class Current:
    """What the log says about revisions: its signed statement, and every entry after this one, in order."""

    statement: bytes
    later: tuple[Later, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A parsed bundle. ``text`` is the disclosed canonical text; ``proof`` is there only before the first anchor."""

    entry: Entry
    anchors: tuple[Anchor | StorageAnchor, ...]
    text: str | None = None
    meta: Meta | None = None
    profile: dict[str, jcs.Json] | None = None
    proof: TlogProof | None = None
    current: Current | None = None

    @property
    def receipt_anchors(self) -> tuple[Anchor, ...]:
        """The anchors that carry a header and a receipt."""
        return tuple(anchor for anchor in self.anchors if isinstance(anchor, Anchor))

    def to_json(self) -> dict[str, jcs.Json]:
        """Return the JSON value of the bundle; absent parts are absent members."""
        stored = any(isinstance(anchor, StorageAnchor) for anchor in self.anchors)
        value: dict[str, jcs.Json] = {
            "spec": SPEC_STORAGE if stored else SPEC,
            "entry": self.entry.to_json(),
            "anchors": [_anchor_json(anchor) for anchor in self.anchors],
        }
        if self.text is not None:
            value["text"] = self.text
        if self.meta is not None:
            value["meta"] = {"salt": self.meta.salt.hex(), "value": self.meta.value}
        if self.profile is not None:
            value["profile"] = self.profile
        if self.proof is not None:
            value["proof"] = self.proof.encode().decode()
        if self.current is not None:
            value["current"] = {
                "statement": self.current.statement.decode(),
                "later": [
                    {"entry": later.entry.to_json(), "proof": later.proof.encode().decode()}
                    for later in self.current.later
                ],
            }
        return value

    def encode(self) -> bytes:
        """Return the bytes of the bundle file (RFC 8785, no final LF)."""
        return jcs.dumps(self.to_json())


def parse_bundle(data: bytes) -> Bundle:
    """Return the bundle in ``data``.

    Raises :class:`InvalidBundle` for everything that is not byte for byte a bundle of a known version, including parts
    of it that are malformed; ``code``, ``field`` and ``position`` say which.
    """
    try:
        return _parse(jcs.loads_exact(data, max_bytes=MAX_BUNDLE_BYTES))
    except InvalidBundle:
        raise
    except InvalidInput as error:
        raise InvalidBundle(
            f"Not a bundle: {error.message}", code=error.code, field=error.field, position=error.position
        ) from None


def _parse(value: jcs.Json) -> Bundle:
    top = Fields(value, path="bundle", error=InvalidBundle)
    spec = top.one_of("spec", SPEC, SPEC_STORAGE)
    bundle = Bundle(
        entry=_parse_entry(top.take("entry")),
        anchors=tuple(
            _parse_anchor(item, i, spec) for i, item in enumerate(top.array("anchors", max_items=_MAX_ANCHORS))
        ),
        text=top.optional_string("text", max_length=MAX_BUNDLE_BYTES),
        meta=_parse_meta(top.child("meta")) if top.has("meta") else None,
        profile=_parse_profile(top) if top.has("profile") else None,
        proof=_parse_proof(top) if top.has("proof") else None,
        current=_parse_current(top.child("current")) if top.has("current") else None,
    )
    top.done()
    if spec == SPEC_STORAGE and not any(isinstance(anchor, StorageAnchor) for anchor in bundle.anchors):
        raise top.fail("spec", f"must be {SPEC!r} where no anchor is storage-only", code="unknown-version")
    if len(set(bundle.anchors)) != len(bundle.anchors):
        raise top.fail("anchors", "holds the same anchor twice", code="duplicate")
    if bundle.proof is not None and bundle.anchors:
        raise top.fail("proof", "has no place beside anchors, which carry their own", code="unexpected-field")
    return bundle


def _parse_entry(value: jcs.Json) -> Entry:
    # The entry stands in the bundle as an object: its canonical form is unique, so these are the logged bytes.
    leaf = parse_leaf(jcs.dumps(value))
    if not isinstance(leaf, Entry):
        raise InvalidBundle("The bundle holds a manifest, not an entry.", code="not-an-entry", field="bundle.entry")
    return leaf


def _parse_anchor(value: jcs.Json, i: int, spec: str) -> Anchor | StorageAnchor:
    fields = Fields(value, path=f"bundle.anchors[{i}]", error=InvalidBundle)
    if spec == SPEC_STORAGE and fields.has("block"):
        return _parse_storage_anchor(fields)
    receipt = fields.child("receipt")
    anchor = Anchor(
        chain_id=fields.integer("chain_id", low=1, high=_MAX_INTEGER),
        registry=fields.hex("registry", size=20, prefix="0x"),
        log_id=fields.hex("log_id", size=32, prefix="0x"),
        proof=_parse_proof(fields),
        header=fields.hex("header", prefix="0x"),
        tx_index=receipt.integer("index", low=0, high=_MAX_INTEGER),
        log_position=receipt.integer("log", low=0, high=_MAX_INTEGER),
        nodes=tuple(_parse_node(receipt, node) for node in receipt.array("nodes", max_items=64)),
    )
    receipt.done()
    fields.done()
    return anchor


def _parse_storage_anchor(fields: Fields) -> StorageAnchor:
    anchor = StorageAnchor(
        chain_id=fields.integer("chain_id", low=1, high=_MAX_INTEGER),
        registry=fields.hex("registry", size=20, prefix="0x"),
        log_id=fields.hex("log_id", size=32, prefix="0x"),
        proof=_parse_proof(fields),
        block=fields.integer("block", low=1, high=_MAX_INTEGER),
        time=fields.integer("time", low=0, high=_MAX_INTEGER),
    )
    fields.done()
    return anchor


def _parse_node(receipt: Fields, value: jcs.Json) -> bytes:
    node = Fields({"nodes": value}, path=receipt.path, error=InvalidBundle)
    return node.hex("nodes", prefix="0x")


def _parse_proof(fields: Fields) -> TlogProof:
    proof = parse_tlog_proof(fields.string("proof", max_length=1 << 16).encode())
    if proof.extra is not None:
        # Nobody signs the extra line: a bundle holds nothing that is not authenticated.
        raise fields.fail("proof", "must not have an extra line", code="unauthenticated")
    return proof


def _parse_meta(fields: Fields) -> Meta:
    meta = Meta(salt=fields.hex("salt", size=32), value=parse_meta(fields.take("value")))
    fields.done()
    return meta


def _parse_profile(top: Fields) -> dict[str, jcs.Json]:
    profile = top.take("profile")
    if not isinstance(profile, dict):
        raise top.fail("profile", "must be an object", code="wrong-type")
    return profile


def _parse_current(fields: Fields) -> Current:
    statement = fields.string("statement", max_length=1 << 14).encode()
    later: list[Later] = []
    for i, item in enumerate(fields.array("later", max_items=_MAX_LATER)):
        one = Fields(item, path=f"bundle.current.later[{i}]", error=InvalidBundle)
        later.append(Later(entry=_parse_entry(one.take("entry")), proof=_parse_proof(one)))
        one.done()
    fields.done()
    return Current(statement=statement, later=tuple(later))


def _anchor_json(anchor: Anchor | StorageAnchor) -> dict[str, jcs.Json]:
    value: dict[str, jcs.Json] = {
        "chain_id": anchor.chain_id,
        "registry": "0x" + anchor.registry.hex(),
        "log_id": "0x" + anchor.log_id.hex(),
        "proof": anchor.proof.encode().decode(),
    }
    if isinstance(anchor, StorageAnchor):
        return value | {"block": anchor.block, "time": anchor.time}
    return value | {
        "header": "0x" + anchor.header.hex(),
        "receipt": {
            "index": anchor.tx_index,
            "log": anchor.log_position,
            "nodes": ["0x" + node.hex() for node in anchor.nodes],
        },
    }
