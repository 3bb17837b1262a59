"""A new key for the operator: made beside the old one, named by the admin on the chain, then put in its place.

Each step can be stopped anywhere and done again: the new key is whole before the chain hears of it, and the worker's
settings name one file that holds the old key or the new one, and never none.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from notary.config import ChainSettings
from notary.errors import CannotCheck, Conflict, EndpointFailed, InvalidConfig
from notary.ethereum.deploy import set_operator
from notary.ethereum.identity import Identity, check_endpoint
from notary.ethereum.keys import Account, create_keystore, load_keystore
from notary.ethereum.rpc import Rpc
from notary.keyswap import beside, sync_folder
from notary.model.anchors import Target
from notary.ports import LogStore
from notary.worker.lease import Candidate

LEASE_SECONDS: Final = 300.0


def rotate_operator(
    store: LogStore, chain: ChainSettings, admin: Account, *, sole: bool, progress: Callable[[str], None]
) -> Account:
    """Replace the operator's key, and return the new account. No worker may run meanwhile; ``sole``: none can.

    Raises :class:`InvalidConfig` (``signing-service``, ``worker-runs``), :class:`Conflict` (``anchor-in-flight``), and
    what :func:`set_operator` raises; then the old key still is in its place.
    """
    if chain.signer_url:
        raise InvalidConfig(
            "A signing service holds the operator's key: make a new one there, name it as chain.signer_address.",
            code="signing-service",
        )
    candidate = Candidate(store, seconds=LEASE_SECONDS, sole=sole)
    lease = candidate.stand()
    if lease is None:
        raise InvalidConfig("A worker leads this log; stop all workers first.", code="worker-runs")
    try:
        return _rotate(store, chain, admin, progress)
    finally:
        candidate.release(lease)


def _rotate(store: LogStore, chain: ChainSettings, admin: Account, progress: Callable[[str], None]) -> Account:
    target = Target(chain.chain_id, chain.registry, chain.log_id)
    with store.read() as view:
        flying = view.anchor_in_flight(target)
    if flying is not None:
        raise Conflict(
            f"The anchor of size {flying.size} is on its way ({flying.state.value}); wait until notary status shows "
            "none, then stop the worker and try again.",
            code="anchor-in-flight",
        )
    old, new = load_keystore(chain.keystore, chain.password_file), _new_key(chain)
    progress(f"The new operator is {new.checksum_address}.")
    identity = Identity(target=target, genesis=chain.genesis, registry_codehash=chain.registry_codehash)
    url = _endpoint(chain, identity)
    sent = set_operator(url, admin, identity=identity, operator=new.address, legacy=chain.gas == "legacy")
    progress("The registry has it." if sent else "The registry had it already.")
    kept = chain.keystore.with_name(f"{chain.keystore.name}.{old.address.hex()}")
    if not kept.exists():
        os.link(chain.keystore, kept)
    sync_folder(chain.keystore.parent)
    progress(f"The old key is kept in {kept}.")
    beside(chain.keystore, "new").replace(chain.keystore)
    sync_folder(chain.keystore.parent)
    return new


def _endpoint(chain: ChainSettings, identity: Identity) -> str:
    """Return the first endpoint that shows the log's chain and registry.

    Raises the first one's :class:`CannotCheck` where none does.
    """
    problem: CannotCheck | None = None
    for url in chain.rpc:
        try:
            check_endpoint(Rpc(url, timeout=chain.timeout), identity)
        except CannotCheck as error:
            problem = problem or error
        else:
            return url
    raise problem or EndpointFailed("No endpoint is named.", code="no-endpoint")


def _new_key(chain: ChainSettings) -> Account:
    """Make the new key, under the password of the old one; or return the one that an earlier attempt made."""
    new = beside(chain.keystore, "new")
    if not new.exists():
        half = beside(chain.keystore, "half")
        half.unlink(missing_ok=True)  # left by an attempt that was stopped while it wrote; nobody heard of that key
        create_keystore(half, chain.password_file)
        half.replace(new)
        sync_folder(new.parent)
    return load_keystore(new, chain.password_file)
