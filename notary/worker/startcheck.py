"""Before the first signature of a process: whether this is the log that the public knows, or an older copy of it.

Everything a log has signed and shown must stay true. So what its public addresses show, and after a restore what the
registry holds too, is compared with the store. A store that is behind or different ends the worker: nothing is signed.
A restored log waits until all of that could be asked; any other one goes on where an address does not answer, since an
endpoint that is away must not stop a log that was well before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from notary.core import tiles
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.note import Note, parse_note, verify_note
from notary.errors import CannotCheck, IntegrityError, InvalidNote, Overloaded, ProofFailed
from notary.model.log import Restore
from notary.ports import Chain, Clock, LogStore, Signer
from notary.ports.audit import LogSource
from notary.service.logkeys import LogKeys, log_keys
from notary.worker.problem import Problem
from notary.worker.registrycheck import hold_against_registry

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 1.0
_WAITING: Final = "restored-unchecked"


class StartCheck:
    """Holds one log's store against what is public about it."""

    def __init__(
        self,
        store: LogStore,
        signer: Signer,
        clock: Clock,
        *,
        public: Sequence[tuple[str, LogSource]],
        chain: Chain | None,
    ) -> None:
        """Compare with what the addresses in ``public`` show and with the registry on ``chain``."""
        self._store = store
        self._signer = signer
        self._clock = clock
        self._public = public
        self._chain = chain

    def step(self) -> Problem | None:
        """Ask once, and return what must be waited for; None when the log may sign.

        Raises :class:`IntegrityError`: ``restored-behind``, ``restored-fork``, ``registry-ahead``,
        ``registry-mismatch``; and :class:`Overloaded`.
        """
        with self._store.read() as view:
            restore = view.unchecked_restore()
        silent = self._ask_the_public()
        if restore is None:
            return None
        problem = self._why_restored_waits(restore, silent)
        if problem is not None:
            return problem
        with self._store.write() as view:
            view.mark_restores_checked(time=self._clock.now_ms())
        log.warning(
            "this log was restored from a backup of size %d, and agrees with what %s: it goes on",
            restore.size,
            "its operator says was never published" if restore.nothing_published else "is public",
        )
        return None

    def _ask_the_public(self) -> list[str]:
        """Compare with every address, and return what the ones said that could not be asked."""
        silent = []
        for address, source in self._public:
            try:
                # Asked before the store is read: a log only grows, so what was public then is stored by now.
                self._compare(address, self._read(address, source))
            except CannotCheck as error:
                log.warning("what %s shows was not compared with the store: %s", address, error.message)
                silent.append(f"{address}: {error.message}")
        return silent

    def _read(self, address: str, source: LogSource) -> Checkpoint:
        note = source.checkpoint()
        with self._store.read() as view:
            keys = log_keys(view, self._signer)
            newest = view.checkpoint()
        try:
            parsed = parse_note(note)
            stated = parse_checkpoint(parsed.text)
            if stated.size > (0 if newest is None else newest.size):
                self._refuse_later_key(address, parsed, stated, keys)
            key = keys.of(stated.size)
            verify_note(parsed, [] if key is None else [key])
        except (InvalidNote, ProofFailed) as error:
            raise CannotCheck(f"It shows no checkpoint of this log. {error.message}", code="public-not-ours") from None
        return stated

    def _refuse_later_key(self, address: str, note: Note, stated: Checkpoint, keys: LogKeys) -> None:
        """Raise :class:`IntegrityError` where the log's own address shows what a key signed that came after ours."""
        known = {key.vkey.key_id for key in keys.ranges}
        names = {one.key_id for one in note.signatures if one.name == self._signer.name}
        if stated.origin == self._signer.name and names and not names & known:
            raise IntegrityError(
                f"{address} shows a checkpoint of size {stated.size}, signed under this log's name by a key that this "
                "store does not know: it is a copy from before the log's key was replaced. Nothing is signed; restore "
                "a newer backup.",
                code="restored-behind",
            )

    def _compare(self, address: str, public: Checkpoint) -> None:
        with self._store.read() as view:
            newest, ours, tree = view.checkpoint(), view.checkpoint_of(public.size), view.tree()
            root = tiles.tree_root(view, public.size) if public.size <= tree.size else None
        stored = 0 if newest is None else newest.size
        if (ours is not None and ours.root != public.root) or root not in (None, public.root):
            raise IntegrityError(
                f"{address} shows a checkpoint of size {public.size} with another root than this store has: two copies "
                "of this log have signed. Nothing is signed here; see 'Forks' in the operations manual.",
                code="restored-fork",
            )
        if ours is None and public.size > 0:
            raise IntegrityError(
                f"{address} shows a checkpoint of size {public.size}, which this store (newest: {stored}) did not "
                "publish: it is an older copy. Nothing is signed; restore a newer backup.",
                code="restored-behind",
            )

    def _why_restored_waits(self, restore: Restore, silent: Sequence[str]) -> Problem | None:
        if not restore.nothing_published:
            if silent:
                return Problem(_WAITING, f"This log was restored, and its public state is not known. {silent[0]}")
            if not self._public:
                return Problem(
                    _WAITING,
                    "This log was restored, and nobody says what it had published: name log.public_url, an address "
                    "outside of this copy where its checkpoint is public.",
                )
        if self._chain is None:
            return self._why_chain_is_missed()
        try:
            self._chain.check()
            hold_against_registry(self._store, self._chain)
        except CannotCheck as error:
            return Problem(_WAITING, f"This log was restored, and its registry was not asked. {error.message}")
        return None

    def _why_chain_is_missed(self) -> Problem | None:
        with self._store.read() as view:
            anchored = bool(view.anchors(above=0, limit=1))
        if not anchored:
            return None
        return Problem(_WAITING, "This log was restored and has anchors, but the settings name no chain to ask.")


def await_admission(check: StartCheck, beat: Callable[[Problem | None], None], stop: threading.Event) -> None:
    """Return when the log may sign, or when ``stop`` is set; ``beat`` is told again and again what is waited for.

    Raises :class:`IntegrityError` as :meth:`StartCheck.step`, and sets ``stop``, as a loop of the worker does.
    """
    while not stop.is_set():
        try:
            problem = check.step()
        except Overloaded as error:
            problem = Problem(error.code, error.message)
        except IntegrityError:
            stop.set()
            raise
        beat(problem)
        if problem is None:
            return
        stop.wait(RETRY_SECONDS)
