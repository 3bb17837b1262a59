"""The registry held against the log, before anything is signed for it."""

from __future__ import annotations

from notary.errors import IntegrityError
from notary.ports import Chain, LogStore


def hold_against_registry(store: LogStore, chain: Chain) -> None:
    """Require that the registry's latest anchor is of a checkpoint that this store published.

    Raises :class:`IntegrityError` (``registry-ahead``, ``registry-mismatch``): this is an older copy of the log, or
    another one uses its key; :class:`CannotCheck` where the chain cannot be asked.
    """
    size = chain.head_size()
    if size == 0:
        return
    with store.read() as view:
        ours = view.checkpoint_of(size)
    if ours is None:
        raise IntegrityError(
            f"The registry holds an anchor of size {size} that this log did not publish: is this an older copy?",
            code="registry-ahead",
        )
    if not chain.is_anchored(size=size, root=ours.root):
        raise IntegrityError(
            f"The registry holds another root for size {size} than this log published.", code="registry-mismatch"
        )
