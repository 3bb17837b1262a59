"""The log's keys by tree size: whose signature a stored checkpoint must bear, and whether ours may be put on a new one.

The latest manifest says so. Each key has a range of sizes, no size has two, and the open range at the end is that of
the key in use. A log without a manifest yet has one key for everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from notary.core.manifest import Manifest
from notary.core.note import VerifierKey, parse_vkey, verifier_key
from notary.core.trust import TrustedKey
from notary.errors import IntegrityError
from notary.ports import LogView, Signer
from notary.service.manifests import latest_manifest


@dataclass(frozen=True, slots=True)
class LogKeys:
    """All keys that a log ever had, oldest first; there is at least one."""

    ranges: tuple[TrustedKey, ...]

    @property
    def newest(self) -> TrustedKey:
        """The key in use."""
        return self.ranges[-1]

    def of(self, size: int) -> VerifierKey | None:
        """Return the key that signs the head of this size, or None where no key may."""
        return next((key.vkey for key in self.ranges if key.covers(size)), None)


@lru_cache(maxsize=4)
def keys_of(manifest: Manifest) -> LogKeys:
    """Return the keys that a manifest names."""
    return LogKeys(tuple(TrustedKey(parse_vkey(key.vkey), key.first, key.last) for key in manifest.vkeys))


def only_key(key: VerifierKey) -> LogKeys:
    """Return the keys of a log that has had ``key`` and no other."""
    return LogKeys((TrustedKey(key, 0, None),))


def log_keys(view: LogView, signer: Signer) -> LogKeys:
    """Return the log's keys, of which ``signer``'s is the one in use.

    Raises :class:`IntegrityError`: ``key-replaced`` where it is not, ``not-a-manifest`` where it cannot be told.
    """
    own = verifier_key(signer.name, signer.public)
    manifest = latest_manifest(view)
    keys = only_key(own) if manifest is None else keys_of(manifest)
    if keys.newest.vkey != own:
        raise IntegrityError(
            f"The log's manifest names another key than this process has, for sizes from {keys.newest.first} on: the "
            "log's key was replaced. Start this process again with the new one.",
            code="key-replaced",
        )
    return keys


def require_key(view: LogView, signer: Signer, size: int) -> None:
    """Raise :class:`IntegrityError` (``key-replaced``, ``not-a-manifest``) unless ``signer`` may sign this size."""
    keys = log_keys(view, signer)
    if keys.of(size) != keys.newest.vkey:
        raise IntegrityError(
            f"Size {size} is not to be signed with the key in use, which signs from {keys.newest.first} "
            f"{'on' if keys.newest.last is None else f'to {keys.newest.last}'}.",
            code="key-replaced",
        )
