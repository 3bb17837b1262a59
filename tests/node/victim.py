"""A worker that is to be killed: ``python -m tests.node.victim DIR AT WHEN``.

Submits two texts and takes them all the way to a proven anchor, mining the blocks itself, so that its steps are the
same in every run. Prints ``accepted LEAF``, ``point NAME`` at every durable write and every send, ``done`` at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from notary.compose import open_chain, open_services
from notary.datadir import DataDir
from notary.ethereum.rpc import Rpc
from notary.service.integrate import Integrator
from notary.service.read import PublicState
from notary.service.submit import Submission
from notary.worker.anchor import Anchorer
from tests.killing import Killer, KillingChain, KillingStore
from tests.node import logs

MAX_BLOCKS = 40


def live(root: Path, killer: Killer) -> list[str]:
    """Go the whole way, perhaps not to its end; return the leaf hashes."""
    settings = logs.settings(DataDir(root))
    services = open_services(settings, wrap=lambda store: KillingStore(store, killer))
    chain = open_chain(settings)
    assert chain is not None
    assert settings.chain is not None
    services.ensure_manifest()
    integrator = Integrator(services.store, services.signer, services.clock)
    anchorer = Anchorer(
        services.store,
        KillingChain(chain, killer),
        services.signer,
        services.clock,
        settings=settings.anchor,
        chain_settings=settings.chain,
    )
    tenant = services.publishers.authenticate((root / "token").read_text())
    leaves = []
    for number in range(2):
        leaves.append(services.submissions.submit(tenant, Submission(text=logs.text(number))).leaf_hash)
        print("accepted", leaves[-1].hex(), flush=True)
    node = Rpc(settings.chain.rpc[0])
    for _ in range(MAX_BLOCKS):
        integrator.step()
        anchorer.tick()
        if all(services.reader.summary(leaf).state is PublicState.FINAL for leaf in leaves):
            break
        node.call("anvil_mine", ["0x1"])
    else:
        raise AssertionError("never final")
    services.close()
    return [leaf.hex() for leaf in leaves]


def main(root: str, at: str, when: str) -> None:
    """Live until killed."""
    live(Path(root), Killer(int(at), when, lambda name: print("point", name, flush=True)))
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
