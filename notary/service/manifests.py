"""The log's manifest: entry 0, and a new one where the settings name another chain, or the log gets another key."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from notary.config import ChainSettings
from notary.core.entry import parse_leaf
from notary.core.manifest import MAX_KEYS, ChainId, KeyRange, Manifest, check_follows
from notary.core.note import verifier_key
from notary.errors import Conflict, IntegrityError, InvalidInput
from notary.model.log import LeafKind, StoredEntry
from notary.ports import Clock, LogStore, LogView, Signer, WriteView
from notary.service.acceptance import next_place


def latest_manifest(view: LogView) -> Manifest | None:
    """Return the manifest that was accepted last. Raises :class:`IntegrityError` (``not-a-manifest``)."""
    stored = view.latest_manifest()
    if stored is None:
        return None
    manifest = _parsed(stored.data)
    if manifest is None:
        raise IntegrityError(f"Leaf {stored.index} is not a manifest.", code="not-a-manifest")
    return manifest


# Whatever is handed out is checked against it first, and it hardly ever changes.
@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Manifest | None:
    try:
        leaf = parse_leaf(data)
    except InvalidInput:
        return None
    return leaf if isinstance(leaf, Manifest) else None


def first_manifest(store: LogStore, *, signer: Signer, clock: Clock, chain: ChainSettings | None) -> bool:
    """Accept entry 0 if the log is empty; say whether it was. Raises as :func:`ensure_manifest`."""
    with store.read() as view:
        if latest_manifest(view) is not None:
            return False
    return ensure_manifest(store, signer=signer, clock=clock, chain=chain)


def ensure_manifest(store: LogStore, *, signer: Signer, clock: Clock, chain: ChainSettings | None) -> bool:
    """Accept a manifest if there is none, or if the latest lacks ``chain``; say whether one was accepted.

    What is in the log stays there: but for the first manifest, call this only for a chain that was seen to be right.
    Safe to call from several processes at once. Raises :class:`IntegrityError` (``no-manifest``) for a log that begins
    with something else, :class:`notary.errors.InvalidRecord` for a manifest that may not follow the latest one, and
    what accepting raises.
    """
    with store.read() as view:
        if _is_listed(latest_manifest(view), chain):
            return False
    with store.write() as view:
        latest = latest_manifest(view)
        if _is_listed(latest, chain):
            return False
        index, time = next_place(view.acceptance(), clock)
        if latest is None and index != 0:
            raise IntegrityError("The log does not begin with a manifest.", code="no-manifest")
        _append(view, index, _manifest(latest, signer=signer, chain=chain, time=time))
    return True


def replace_key(view: WriteView, *, vkey: str, size: int, clock: Clock) -> None:
    """Accept a manifest by which the key in use signs up to ``size``, which is all that was accepted, then ``vkey``.

    The new key thus signs every tree that this manifest is in, and no other. Raises :class:`IntegrityError`
    (``no-manifest``, ``log-moved``), :class:`Conflict` (``too-many-keys``, ``key-used-before``),
    :class:`notary.errors.InvalidRecord` for a key that cannot follow, and what accepting raises.
    """
    latest = latest_manifest(view)
    if latest is None:
        raise IntegrityError("The log has no manifest.", code="no-manifest")
    if len(latest.vkeys) >= MAX_KEYS:
        raise Conflict(f"The log has had {MAX_KEYS} keys, and a manifest names no more.", code="too-many-keys")
    if any(key.vkey == vkey for key in latest.vkeys):
        raise Conflict(f"The log has had the key {vkey} before; it gets another one.", code="key-used-before")
    index, time = next_place(view.acceptance(), clock)
    if index != size:
        raise IntegrityError(f"The log has {index} entries and not {size}.", code="log-moved")
    *before, last = latest.vkeys
    keys = (*before, replace(last, last=size), KeyRange(vkey=vkey, first=size + 1))
    manifest = replace(latest, vkeys=keys, time=time)
    check_follows(latest, manifest)
    _append(view, index, manifest)


def _append(view: WriteView, index: int, manifest: Manifest) -> None:
    data, time = manifest.encode(), manifest.time
    leaf = StoredEntry(index=index, leaf_hash=manifest.leaf_hash(), data=data, kind=LeafKind.MANIFEST, time=time)
    view.append([(leaf, None)])


def _is_listed(latest: Manifest | None, chain: ChainSettings | None) -> bool:
    return latest is not None and (chain is None or _chain_id(chain) in latest.chains)


def _manifest(latest: Manifest | None, *, signer: Signer, chain: ChainSettings | None, time: int) -> Manifest:
    added = () if chain is None else (_chain_id(chain),)
    if latest is None:
        vkey = verifier_key(signer.name, signer.public).encode()
        return Manifest(origin=signer.name, vkeys=(KeyRange(vkey=vkey, first=0),), chains=added, time=time)
    return Manifest(
        origin=latest.origin,
        vkeys=latest.vkeys,
        chains=latest.chains + added,
        time=time,
        predecessor=latest.predecessor,
    )


def _chain_id(chain: ChainSettings) -> ChainId:
    return ChainId(
        chain_id=chain.chain_id,
        genesis=chain.genesis,
        registry=chain.registry,
        registry_codehash=chain.registry_codehash,
        log_id=chain.log_id,
    )
