"""The trust file: which log, which keys, which chains a verifier believes in. Nothing is trusted that is not in it.

The service serves the same bytes at ``/.well-known/notary-log.json``, so that a reader can compare them with what the
publisher printed elsewhere; the :attr:`Trust.fingerprint` is made for that. See ``docs/spec/trust.md``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from notary.core import jcs
from notary.core.chain import TrustedChain
from notary.core.checkpoint import ORIGIN_PATTERN
from notary.core.note import VerifierKey, parse_vkey
from notary.core.shape import Fields
from notary.errors import InvalidInput, InvalidTrust

MAX_TRUST_BYTES = 1 << 20
SPEC = "notary-trust/1"
SPEC_DEPTH = "notary-trust/2"
"""Version 2 is for files in which a chain's finality is a depth, and for no others: a file has one form."""
_MAX_SIZE = 2**53 - 1
_URL = re.compile(r"https?://[^\s\x00-\x1f]+")
_CHAIN_ID = re.compile(r"[1-9][0-9]{0,15}")
_FINALITY = re.compile(r"finalized")
_FINALITY_OR_DEPTH = re.compile(r"finalized|depth-[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key of the log and the tree sizes it may sign, both included; ``last`` is None for the key in use."""

    vkey: VerifierKey
    first: int
    last: int | None

    def covers(self, size: int) -> bool:
        """Say whether a checkpoint of ``size`` may be signed with this key."""
        return self.first <= size and (self.last is None or size <= self.last)


@dataclass(frozen=True, slots=True)
class Trust:
    """A parsed trust file. ``development`` marks chains that the operator runs: they prove nothing to others."""

    origin: str
    keys: tuple[TrustedKey, ...]
    chains: tuple[TrustedChain, ...]
    development: bool
    endpoints: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, jcs.Json]:
        """Return the JSON value of the trust file."""
        value: dict[str, jcs.Json] = {
            "spec": SPEC if all(chain.depth is None for chain in self.chains) else SPEC_DEPTH,
            "log": {"origin": self.origin, "vkeys": [_key_json(key) for key in self.keys]},
            "chains": [_chain_json(chain) for chain in self.chains],
            "development": self.development,
        }
        if self.endpoints:
            value["endpoints"] = {str(chain): list(urls) for chain, urls in self.endpoints.items()}
        return value

    def encode(self) -> bytes:
        """Return the canonical bytes of the trust file (RFC 8785)."""
        return jcs.dumps(self.to_json())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical bytes, in hex: what people compare."""
        return hashlib.sha256(self.encode()).hexdigest()

    def keys_for(self, size: int) -> list[VerifierKey]:
        """Return the keys that may sign a checkpoint of ``size``."""
        return [key.vkey for key in self.keys if key.covers(size)]


def parse_trust(data: bytes) -> Trust:
    """Return the trust file in ``data``: strict JSON, not necessarily in canonical form.

    Raises :class:`InvalidTrust`, also where the JSON is malformed.
    """
    try:
        return _parse(jcs.loads(data, max_bytes=MAX_TRUST_BYTES))
    except InvalidTrust:
        raise
    except InvalidInput as error:
        raise InvalidTrust(
            f"Not a trust file: {error.message}", code=error.code, field=error.field, position=error.position
        ) from None


def _parse(value: jcs.Json) -> Trust:
    top = Fields(value, path="trust", error=InvalidTrust)
    spec = top.one_of("spec", SPEC, SPEC_DEPTH)
    finality = _FINALITY if spec == SPEC else _FINALITY_OR_DEPTH
    log = top.child("log")
    origin = log.string("origin", pattern=ORIGIN_PATTERN, max_length=200)
    keys = tuple(_parse_key(item, i, origin) for i, item in enumerate(log.array("vkeys", max_items=64)))
    log.done()
    if not keys:
        raise log.fail("vkeys", "must name at least one key", code="wrong-length")
    chains = tuple(_parse_chain(item, i, finality) for i, item in enumerate(top.array("chains", max_items=16)))
    if spec == SPEC_DEPTH and all(chain.depth is None for chain in chains):
        raise top.fail("spec", f"must be {SPEC!r} where no chain's finality is a depth", code="unknown-version")
    places = [(chain.chain_id, chain.registry, chain.log_id) for chain in chains]
    if len(set(places)) != len(places):
        raise top.fail("chains", "names the same place twice", code="duplicate")
    development = top.take("development")
    if not isinstance(development, bool):
        raise top.fail("development", "must be true or false", code="wrong-type")
    endpoints = _parse_endpoints(top) if top.has("endpoints") else {}
    top.done()
    return Trust(origin=origin, keys=keys, chains=chains, development=development, endpoints=endpoints)


def _parse_key(value: jcs.Json, i: int, origin: str) -> TrustedKey:
    fields = Fields(value, path=f"trust.log.vkeys[{i}]", error=InvalidTrust)
    vkey = parse_vkey(fields.string("vkey", max_length=400))
    first = fields.integer("first", low=0, high=_MAX_SIZE)
    last = fields.integer("last", low=first, high=_MAX_SIZE) if fields.has("last") else None
    fields.done()
    if vkey.name != origin:
        raise fields.fail("vkey", "must have the log's origin as its name", code="wrong-name")
    return TrustedKey(vkey, first, last)


def _parse_chain(value: jcs.Json, i: int, finality: re.Pattern[str]) -> TrustedChain:
    fields = Fields(value, path=f"trust.chains[{i}]", error=InvalidTrust)
    chain = TrustedChain(
        chain_id=fields.integer("chain_id", low=1, high=_MAX_SIZE),
        genesis=fields.hex("genesis", size=32, prefix="0x"),
        registry=fields.hex("registry", size=20, prefix="0x"),
        registry_codehash=fields.hex("registry_codehash", size=32, prefix="0x"),
        log_id=fields.hex("log_id", size=32, prefix="0x"),
        depth=_depth(fields.string("finality", pattern=finality)),
    )
    fields.done()
    return chain


def _depth(finality: str) -> int | None:
    return None if finality == "finalized" else int(finality.removeprefix("depth-"))


def _parse_endpoints(top: Fields) -> dict[int, tuple[str, ...]]:
    value = top.take("endpoints")
    if not isinstance(value, dict) or not 0 < len(value) <= 16:
        raise top.fail("endpoints", "must be an object of 1 to 16 chains", code="wrong-type")
    result: dict[int, tuple[str, ...]] = {}
    for name, urls in value.items():
        if not _CHAIN_ID.fullmatch(name) or not isinstance(urls, list) or not 0 < len(urls) <= 16:
            raise top.fail("endpoints", "must map chain ids to lists of 1 to 16 URLs", code="wrong-form")
        if not all(isinstance(url, str) and len(url) <= 2048 and _URL.fullmatch(url) for url in urls):
            raise top.fail("endpoints", "must hold http or https URLs", code="wrong-form")
        result[int(name)] = tuple(str(url) for url in urls)
    return result


def _key_json(key: TrustedKey) -> dict[str, jcs.Json]:
    value: dict[str, jcs.Json] = {"vkey": key.vkey.encode(), "first": key.first}
    if key.last is not None:
        value["last"] = key.last
    return value


def _chain_json(chain: TrustedChain) -> dict[str, jcs.Json]:
    return {
        "chain_id": chain.chain_id,
        "genesis": "0x" + chain.genesis.hex(),
        "registry": "0x" + chain.registry.hex(),
        "registry_codehash": "0x" + chain.registry_codehash.hex(),
        "log_id": "0x" + chain.log_id.hex(),
        "finality": "finalized" if chain.depth is None else f"depth-{chain.depth}",
    }
