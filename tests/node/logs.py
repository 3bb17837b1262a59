"""A log with a data directory of its own whose registry is on a real node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from notary.compose import init_log, open_chain, open_settings
from notary.config import ChainSettings, Settings, StorageSettings
from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.logchecks import wanted
from notary.core.trust import parse_trust
from notary.core.verify import Verdict, verify
from notary.datadir import DataDir, write_durably
from notary.ethereum.evidence import gather
from notary.ethereum.keys import create_keystore
from notary.model.tenants import Tenant
from notary.service.read import PublicState
from notary.service.services import Services
from notary.service.submit import Submission
from notary.worker.run import Worker
from tests import backends
from tests.node.anvil import Anvil

ORIGIN = "notary.example/log/node-test"
CHEAP_SCRYPT = 2


def make_log(
    root: Path,
    node: Anvil,
    *,
    origin: str = ORIGIN,
    storage: StorageSettings | None = None,
    development: bool = True,
    **chain_changes: object,
) -> DataDir:
    """Make a log that anchors on ``node``; its account has money and may anchor.

    It is kept where the tests of the session keep their logs, unless ``storage`` says where.
    """
    from notary.ethereum.deploy import deploy  # brings web3, which the processes that tests start do without

    init_log(root, origin=origin, development=development, storage=storage or backends.storage())
    directory = DataDir(root)
    password = root / "keys" / "operator.password"
    password.touch(0o600)
    write_durably(password, "correct horse\n")
    password.chmod(0o600)
    account = create_keystore(root / "keys" / "operator.json", password, cost=CHEAP_SCRYPT)
    node.fund(account.address)
    legacy = "baseFeePerGas" not in (node.rpc.block("latest") or {})
    made = deploy(node.url, account, origin=origin, operator=account.address, legacy=legacy)
    members: dict[str, object] = {
        "rpc": (node.url,),
        "chain_id": made.chain_id,
        "genesis": made.genesis,
        "registry": made.registry,
        "registry_codehash": made.registry_codehash,
        "log_id": made.log_id,
        "keystore": Path("keys/operator.json"),
        "password_file": Path("keys/operator.password"),
        "endpoints": (),
        **chain_changes,
    }
    directory.add_chain(ChainSettings(**members))  # type: ignore[arg-type]
    return directory


def settings(directory: DataDir, **flags: object) -> Settings:
    """Return the log's settings, fast ones where a test does not say otherwise; ``anchor__poll`` is ``anchor.poll``."""
    fast: dict[str, object] = {"anchor.interval": 0, "anchor.poll": 0.05, "anchor.resend": 0.5}
    fast |= {name.replace("__", "."): value for name, value in flags.items()}
    return open_settings(directory.root, flags=fast, environ={})


@dataclass
class RunningWorker:
    """A worker in a thread; ``failure`` is what ended it."""

    stop: threading.Event
    failure: list[BaseException]


@contextmanager
def working(services: Services) -> Iterator[RunningWorker]:
    """Run a worker for the length of a ``with`` block; what ended it early is raised at the end of the block."""
    running = RunningWorker(threading.Event(), [])

    def work() -> None:
        try:
            Worker(services, open_chain(services.settings)).run(running.stop)
        except BaseException as error:  # noqa: BLE001
            running.failure.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        thread.join()
    if running.failure:
        raise running.failure[0]


def until(condition: Callable[[], bool], *, seconds: float = 30.0, what: str = "it") -> None:
    """Wait for something to become so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.02)


def state(services: Services, leaf: bytes) -> PublicState:
    """Return an entry's public state."""
    return services.reader.summary(leaf).state


def finalize(node: Anvil, services: Services, *leaves: bytes, seconds: float = 30.0) -> None:
    """Mine until the entries are final."""

    def mined() -> bool:
        node.mine()
        return all(state(services, leaf) is PublicState.FINAL for leaf in leaves)

    until(mined, seconds=seconds, what="finality")


def publisher(services: Services, name: str = "Roads office") -> Tenant:
    """Return a publisher that may submit."""
    return services.publishers.authenticate(services.publishers.new_key(name))


def text(number: int) -> bytes:
    """Return a text that no other number has."""
    return f"Notice {number}\n\nThe bridge on road {number} is closed.\n".encode()


def submit(services: Services, tenant: Tenant, number: int) -> bytes:
    """Submit a text and return its leaf hash."""
    return services.submissions.submit(tenant, Submission(text=text(number))).leaf_hash


def verdict(services: Services, node: Anvil, leaf: bytes) -> Verdict:
    """Return what a reader gets who asks ``node`` and trusts what the log suggests."""
    bundle = parse_bundle(services.bundles.bundle(leaf))
    trust = parse_trust(services.reader.trust_file())
    evidence = ChainEvidence(gather([node.url], wanted(bundle, trust)))
    return verify(bundle, trust=trust, evidence=evidence, now=services.clock.now_ms()).verdict
