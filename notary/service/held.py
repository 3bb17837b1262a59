"""A restored log is held: nothing is signed, accepted or shown as its newest checkpoint before it is known to be whole.

A backup is older than the log it was made from. What the log published and signed after that, it must not contradict;
so the worker first holds the database against all that is public (:mod:`notary.worker.startcheck`). Until then every
process of the log holds still, whichever database row it would have been about.
"""

from __future__ import annotations

from notary.errors import Overloaded
from notary.ports import LogStore, Signer


class Hold:
    """Says whether the log is held. Once it is not, it is not asked again: a restore begins with other processes."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._free = False

    @property
    def held(self) -> bool:
        """Whether the log is held."""
        if not self._free:
            with self._store.read() as view:
                self._free = view.unchecked_restore() is None
        return not self._free

    def check(self) -> None:
        """Raise :class:`Overloaded` (``restored-unchecked``) while the log is held."""
        if self.held:
            raise Overloaded(
                "This log was restored from a backup and was not yet held against what it has published; nothing is "
                "accepted or signed until then.",
                code="restored-unchecked",
            )


class HeldSigner:
    """The log's key, which does not sign while the log is held. Implements :class:`notary.ports.Signer`."""

    def __init__(self, signer: Signer, hold: Hold) -> None:
        self._signer = signer
        self._hold = hold

    @property
    def name(self) -> str:
        """The key's name in signed notes: the log's origin."""
        return self._signer.name

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._signer.public

    def sign(self, data: bytes) -> bytes:
        """Return the signature of ``data``. Raises :class:`Overloaded` (``restored-unchecked``)."""
        self._hold.check()
        return self._signer.sign(data)
