"""A new key for the log: made beside the old one, logged by a manifest, then put in its place.

The old key signs one last checkpoint, over everything that was accepted. In the same transaction the manifest follows
that names the new key, and the database becomes the new key's: the trees that the manifest is in are all signed with
the new key, and no others. Each step can be stopped anywhere and done again; who opens the log in between puts the key
that the database names in its place (:mod:`notary.keyswap`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from notary.core.note import VerifierKey
from notary.datadir import DataDir
from notary.errors import CannotCheck, InvalidConfig
from notary.keyswap import keep, new_log_key, settled
from notary.logkey import LogKey, load_log_key
from notary.ports import Chain, LogStore, Signer
from notary.service.held import HeldSigner
from notary.service.integrate import Integrator
from notary.service.logkeys import log_keys
from notary.service.manifests import first_manifest, replace_key
from notary.service.services import Services
from notary.worker.fence import FencedStore
from notary.worker.lease import Candidate
from notary.worker.registrycheck import hold_against_registry
from notary.worker.startcheck import StartCheck

LEASE_SECONDS: Final = 300.0


def rotate_log(services: Services, chain: Chain | None, *, sole: bool, progress: Callable[[str], None]) -> VerifierKey:
    """Replace the log's key, and return the new one. No worker may run meanwhile; ``sole``: none can.

    An earlier attempt that was stopped is finished, and no other key made. Raises :class:`InvalidConfig`
    (``worker-runs``), :class:`notary.errors.Overloaded` (``restored-unchecked``), :class:`notary.errors.IntegrityError`
    where a worker would not sign either, and what :func:`new_log_key` and :func:`replace_key` raise; then the old key
    still signs.
    """
    candidate = Candidate(services.store, seconds=LEASE_SECONDS, sole=sole)
    lease = candidate.stand()
    if lease is None:
        raise InvalidConfig("A worker leads this log; stop all workers first.", code="worker-runs")
    try:
        return _Rotation(services, chain, FencedStore(services.store, lease), progress).run()
    finally:
        candidate.release(lease)


class _Rotation:
    def __init__(
        self, services: Services, chain: Chain | None, store: LogStore, progress: Callable[[str], None]
    ) -> None:
        self._services = services
        self._chain = chain
        self._store = store
        self._progress = progress
        self._file = DataDir(services.settings.data_dir).log_key
        self._password_file = services.settings.key_password_file

    def run(self) -> VerifierKey:
        services = self._services
        self._check()
        first_manifest(self._store, signer=services.signer, clock=services.clock, chain=services.settings.chain)
        with self._store.read() as view:
            keys, newest = log_keys(view, services.signer), view.checkpoint()
        if keys.newest.first > (0 if newest is None else newest.size):
            self._progress("An earlier attempt was stopped when the log had its new key; this one finishes it.")
            self._integrator(services.signer).run()
            return keys.newest.vkey
        return self._replace().verifier

    def _check(self) -> None:
        """Require what a worker requires before it signs: this must not be an older copy of the log."""
        services = self._services
        services.hold.check()
        StartCheck(self._store, services.signer, services.clock, public=services.public, chain=None).step()
        if self._chain is None:
            return
        try:
            self._chain.check()
            hold_against_registry(self._store, self._chain)
        except CannotCheck as error:
            self._progress(f"The registry was not asked, and nothing waits for it: {error.message}")

    def _replace(self) -> LogKey:
        services, signer = self._services, self._services.signer
        integrator = self._integrator(signer)
        integrator.run()
        new = new_log_key(self._file, name=signer.name, password_file=self._password_file)
        old = load_log_key(self._file, name=signer.name, password_file=self._password_file)
        keep(self._file, old)
        self._progress(f"The new key is {new.verifier.encode()}.")
        with self._store.write() as view:
            last = integrator.close(view)
            replace_key(view, vkey=new.verifier.encode(), size=last.size, clock=services.clock)
            view.replace_public_key(old=signer.public, new=new.public)
        self._progress(f"The old key signed size {last.size} as its last; the manifest says so.")
        settled(self._file, old, public=new.public, password_file=self._password_file)
        self._progress(f"The new key is in its place; the old one is kept beside it as *.{old.verifier.key_id.hex()}.")
        self._integrator(HeldSigner(new, services.hold)).run()
        self._progress(f"The new key signed size {last.size + 1}.")
        return new

    def _integrator(self, signer: Signer) -> Integrator:
        return Integrator(self._store, signer, self._services.clock, mark=self._services.mark)
