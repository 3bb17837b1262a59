"""The manifest: the log's own statement of its keys and of the chains it anchors on. Entry 0 of every log is one.

A manifest is complete in itself: a later one replaces the earlier and may only add to it (:func:`check_follows`). It is
evidence, not trust: what a verifier believes stands in its trust file, and an audit holds the two against each other.
See ``docs/spec/record.md`` §9.
"""

from __future__ import annotations

from dataclasses import dataclass

from notary.core import jcs
from notary.core.checkpoint import MAX_ORIGIN_LENGTH, ORIGIN_PATTERN
from notary.core.jcs import Json
from notary.core.merkle import leaf_hash
from notary.core.note import VerifierKey, parse_vkey
from notary.core.record import MAX_TIME
from notary.core.shape import Fields
from notary.errors import InvalidNote, InvalidRecord

SPEC = "notary-manifest/1"
MAX_KEYS = 64
MAX_CHAINS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """A verifier key and the tree sizes it may sign, both included; ``last`` is None for the key in use."""

    vkey: str
    first: int
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainId:
    """One place where the log is anchored: the chain by id and genesis hash, the contract, the log's id in it."""

    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The log that this one continues, at the size where it ended."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One logged manifest; ``time`` is milliseconds since 1970-01-01T00:00:00Z by the log's clock."""

    origin: str
    vkeys: tuple[KeyRange, ...]
    chains: tuple[ChainId, ...]
    time: int
    predecessor: Predecessor | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the JSON value of the manifest, without checking it."""
        value: dict[str, Json] = {
            "spec": SPEC,
            "origin": self.origin,
            "vkeys": [_key_json(key) for key in self.vkeys],
            "chains": [_chain_json(chain) for chain in self.chains],
            "time": self.time,
        }
        if self.predecessor is not None:
            value["predecessor"] = {
                "origin": self.predecessor.origin,
                "size": self.predecessor.size,
                "root": self.predecessor.root.hex(),
            }
        return value

    def encode(self) -> bytes:
        """Return the canonical bytes of the manifest: the leaf.

        Raises :class:`InvalidRecord` where the manifest was made by hand and breaks a rule.
        """
        value = self.to_json()
        parse_manifest(value)
        return jcs.dumps(value)

    def leaf_hash(self) -> bytes:
        """Return the RFC 6962 leaf hash. Raises as :meth:`encode`."""
        return leaf_hash(self.encode())


def parse_manifest(value: Json, *, path: str = "manifest") -> Manifest:
    """Return the manifest in a JSON value; its :meth:`Manifest.to_json` is that value again.

    Raises :class:`InvalidRecord` with the dotted ``field``: codes of :class:`notary.core.shape.Fields`, those of
    :func:`notary.core.note.parse_vkey`, and ``wrong-name``, ``key-order``, ``duplicate``, ``own-predecessor``.
    """
    fields = Fields(value, path=path, error=InvalidRecord)
    fields.constant("spec", SPEC)
    origin = fields.string("origin", pattern=ORIGIN_PATTERN, max_length=MAX_ORIGIN_LENGTH)
    manifest = Manifest(
        origin=origin,
        vkeys=_keys(fields, origin),
        chains=_chains(fields),
        predecessor=_predecessor(fields.child("predecessor")) if fields.has("predecessor") else None,
        time=fields.integer("time", low=0, high=MAX_TIME),
    )
    fields.done()
    if manifest.predecessor is not None and manifest.predecessor.origin == origin:
        raise fields.fail("predecessor.origin", "must be another log", code="own-predecessor")
    return manifest


def check_follows(earlier: Manifest, later: Manifest) -> None:
    """Require that ``later`` may replace ``earlier`` in the same log: it adds, and takes nothing back.

    Raises :class:`InvalidRecord`: ``other-log``, ``earlier-time``, ``key-dropped``, ``chain-dropped``,
    ``predecessor-changed``. ``docs/spec/record.md`` §9.
    """
    if later.origin != earlier.origin:
        raise _unfit("origin", "must stay the same", code="other-log")
    if later.time < earlier.time:
        raise _unfit("time", "must not be earlier than that of the manifest before it", code="earlier-time")
    if later.predecessor != earlier.predecessor:
        raise _unfit("predecessor", "must stay the same", code="predecessor-changed")
    for i, old in enumerate(earlier.vkeys):
        new = later.vkeys[i] if i < len(later.vkeys) else None
        # A range may be closed once, as long as it was open; nothing else of it may change.
        if new is None or (new.vkey, new.first) != (old.vkey, old.first) or old.last not in {None, new.last}:
            raise _unfit(f"vkeys[{i}]", "must stay as it was, but for closing an open range", code="key-dropped")
    if later.chains[: len(earlier.chains)] != earlier.chains:
        raise _unfit("chains", "must begin with the chains of the manifest before it", code="chain-dropped")


def _unfit(name: str, problem: str, *, code: str) -> InvalidRecord:
    return InvalidRecord(f"manifest.{name} {problem}.", code=code, field=f"manifest.{name}")


def _keys(fields: Fields, origin: str) -> tuple[KeyRange, ...]:
    keys: list[KeyRange] = []
    for i, item in enumerate(fields.array("vkeys", max_items=MAX_KEYS)):
        key = _key(Fields(item, path=f"{fields.path}.vkeys[{i}]", error=InvalidRecord), origin)
        if keys and (keys[-1].last is None or key.first <= keys[-1].last):
            # One key for each size: two for the same one would double what a thief may steal.
            raise fields.fail(f"vkeys[{i}].first", "must come after the range before it", code="key-order")
        keys.append(key)
    if not keys:
        raise fields.fail("vkeys", "must name at least one key", code="wrong-length")
    return tuple(keys)


def _key(fields: Fields, origin: str) -> KeyRange:
    vkey = fields.string("vkey")
    first = fields.integer("first", low=0, high=jcs.MAX_INTEGER)
    last = fields.integer("last", low=first, high=jcs.MAX_INTEGER) if fields.has("last") else None
    fields.done()
    if _parse_vkey(fields, vkey).name != origin:
        raise fields.fail("vkey", "must have the log's origin as its name", code="wrong-name")
    return KeyRange(vkey=vkey, first=first, last=last)


def _parse_vkey(fields: Fields, vkey: str) -> VerifierKey:
    try:
        return parse_vkey(vkey)
    except InvalidNote as error:
        raise InvalidRecord(error.message, code=error.code, field=f"{fields.path}.vkey") from None


def _chains(fields: Fields) -> tuple[ChainId, ...]:
    chains = tuple(
        _chain(Fields(item, path=f"{fields.path}.chains[{i}]", error=InvalidRecord))
        for i, item in enumerate(fields.array("chains", max_items=MAX_CHAINS))
    )
    places = {(chain.chain_id, chain.genesis, chain.registry, chain.log_id) for chain in chains}
    if len(places) != len(chains):
        raise fields.fail("chains", "names the same place twice", code="duplicate")
    return chains


def _chain(fields: Fields) -> ChainId:
    chain = ChainId(
        chain_id=fields.integer("chain_id", low=1, high=jcs.MAX_INTEGER),
        genesis=fields.hex("genesis", size=32, prefix="0x"),
        registry=fields.hex("registry", size=20, prefix="0x"),
        registry_codehash=fields.hex("registry_codehash", size=32, prefix="0x"),
        log_id=fields.hex("log_id", size=32, prefix="0x"),
    )
    fields.done()
    return chain


def _predecessor(fields: Fields) -> Predecessor:
    predecessor = Predecessor(
        origin=fields.string("origin", pattern=ORIGIN_PATTERN, max_length=MAX_ORIGIN_LENGTH),
        size=fields.integer("size", low=1, high=jcs.MAX_INTEGER),
        root=fields.hex("root", size=32),
    )
    fields.done()
    return predecessor


def _key_json(key: KeyRange) -> dict[str, Json]:
    value: dict[str, Json] = {"vkey": key.vkey, "first": key.first}
    if key.last is not None:
        value["last"] = key.last
    return value


def _chain_json(chain: ChainId) -> dict[str, Json]:
    return {
        "chain_id": chain.chain_id,
        "genesis": "0x" + chain.genesis.hex(),
        "registry": "0x" + chain.registry.hex(),
        "registry_codehash": "0x" + chain.registry_codehash.hex(),
        "log_id": "0x" + chain.log_id.hex(),
    }
