"""Random faults and submissions for as long as one likes: ``scripts/soak --minutes N``.

A log on a real node, behind two fault proxies; what happens next is drawn by chance, from a seed that is printed and
can be given again. At the end all faults stop, everything must become proven, every invariant is asserted, and `notary
fsck` and `notary audit` must find nothing. Exit 0 when all of that is so.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from notary.cli.logrotation import rotate_log
from notary.ethereum.rpc import hexed
from notary.model.anchors import AnchorState
from notary.web.app import create_app
from tests import faultproxy
from tests.auditing import served_from
from tests.endpoint import serve
from tests.faultproxy import SEND, Fault
from tests.faults import invariants
from tests.faults.house import House, house
from tests.node import anvil
from tests.program import call

ENDED = frozenset({AnchorState.PROVEN, AnchorState.REVERTED, AnchorState.FINALITY_VIOLATION})
TOLD_EVERY = 15.0
MINUTE_MS = 61_000
MAX_ROTATIONS = 40

FAULTS: tuple[Callable[..., Fault], ...] = (
    faultproxy.drop_before,
    faultproxy.drop_after,
    faultproxy.bad_gateway_after,
    faultproxy.html,
    faultproxy.gzip_bomb,
    faultproxy.huge,
)


@dataclass
class Soak:
    """What happens to one log, and how often."""

    made: House
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def submit(self) -> None:
        """Submit some texts."""
        for _ in range(self.chance.randint(1, 5)):
            self.number += 1
            self.made.submit(self.number)
            self.done["submitted"] += 1

    def tick(self) -> None:
        """Turn the anchoring loop, and mine a block or not."""
        for _ in range(self.chance.randint(1, 4)):
            problem = self.made.tick()
            self.done[f"tick {problem or 'well'}"] += 1
            if self.chance.random() < 0.7:
                self.made.node.mine()

    def endpoint(self) -> None:
        """Let an endpoint go wrong for a few requests."""
        one = self.chance.choice(self.made.proxies)
        made = self.chance.choice(FAULTS)(*self.chance.choice(((), (SEND,))), times=self.chance.randint(1, 3))
        one.add(made)
        self.done[f"endpoint {made.name}"] += 1

    def swallow(self) -> None:
        """Let a transaction vanish in an endpoint that says it has it."""
        for one in self.made.proxies:
            one.add(faultproxy.black_hole(times=1))
        self.done["transactions swallowed"] += 1

    def headers(self) -> None:
        """Let the chain have block hashes of its own making, until it heals: anchors are storage-only then."""
        for one in self.made.proxies:
            one.add(faultproxy.own_headers())
        self.done["headers that do not hash"] += 1

    def heal(self) -> None:
        """End the faults of all endpoints."""
        for one in self.made.proxies:
            one.clear()

    def drop(self) -> None:
        """Empty the node's mempool."""
        self.made.node.call("anvil_dropAllTransactions")
        self.done["mempool emptied"] += 1

    def reorg(self) -> None:
        """Replace one block or two, none of which is final."""
        depth = self.chance.randint(1, 2)
        self.made.node.call("anvil_reorg", depth, [])
        self.done[f"reorganised {depth}"] += 1

    def fees(self) -> None:
        """Let the base fee rise, and time pass."""
        block = self.made.node.call("eth_getBlockByNumber", "latest", False)
        fee = min(int(block["baseFeePerGas"], 16) * self.chance.randint(2, 6), 20 * 10**9)
        self.made.node.call("anvil_setNextBlockBaseFeePerGas", hex(fee))
        self.made.node.mine()
        self.made.clock.by += MINUTE_MS
        self.done["base fee raised"] += 1

    def theft(self) -> None:
        """Use the key elsewhere."""
        sender = hexed(self.made.chain.sender)
        self.made.node.call("anvil_impersonateAccount", sender)
        self.made.node.call(
            "eth_sendTransaction",
            {"from": sender, "to": sender, "value": "0x1", "gas": "0x5208", "gasPrice": "0xba43b7400"},
        )
        self.done["key used elsewhere"] += 1

    def poverty(self) -> None:
        """Take the money away, and give it back."""
        self.made.node.fund(self.made.chain.sender, 1)
        problem = self.made.tick()
        self.made.node.fund(self.made.chain.sender)
        self.done[f"no money: {problem or 'well'}"] += 1

    def rotate(self) -> None:
        """Give the log a new key; a log can have 64."""
        if self.done["log's key replaced"] < MAX_ROTATIONS:
            rotate_log(self.made.services, None, sole=True, progress=lambda _: None)
            self.made.restart()
            self.done["log's key replaced"] += 1

    def restart(self) -> None:
        """Lose everything that is only in memory."""
        self.made.restart()
        self.done["restarted"] += 1

    def step(self) -> None:
        """Let one thing happen."""
        happenings = [
            *[self.submit] * 6,
            *[self.tick] * 12,
            *[self.endpoint] * 4,
            *[self.heal] * 3,
            *(self.swallow, self.drop, self.reorg, self.reorg, self.fees, self.theft, self.poverty, self.restart),
            *(self.headers, self.rotate),
        ]
        self.chance.choice(happenings)()


def soak(seconds: float, seed: int) -> Soak:
    """Let things happen for so long, then require that everything is well; return what happened.

    Raises :class:`AssertionError` where something is not.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        anvil.running(epoch=2) as node,
        house(Path(folder) / "log", node, endpoints=2, anchor__replace_after=60, chain__timeout=2) as made,
    ):
        going = Soak(made, random.Random(seed))
        until, told = time.monotonic() + seconds, 0.0
        while time.monotonic() < until:
            going.step()
            if time.monotonic() - told > TOLD_EVERY:
                told = time.monotonic()
                left = max(0.0, until - told)
                print(f"soak: {sum(going.done.values())} things done, {left:.0f} s left", file=sys.stderr, flush=True)
        going.submit()
        made.clock.by += 60 * MINUTE_MS
        made.settle()
        invariants.check(made, ended=ENDED)
        _from_outside(made, Path(folder))
    return going


def _from_outside(made: House, folder: Path) -> None:
    """Require that `notary audit` and `notary fsck` find nothing."""
    trust = folder / "trust.json"
    trust.write_bytes(made.services.reader.trust_file())
    app = create_app(made.services, made.services.settings)
    with serve(served_from(app, change=lambda _path, data: data)) as endpoint:
        audited = call("audit", f"{endpoint.url}/log", "--trust", trust, "--rpc", made.node.url, "--json")
    assert audited.code == 0, audited
    checked = call("fsck", "--data", made.directory.root)
    assert checked.code == 0, checked


def main(arguments: list[str]) -> int:
    """Run, and print what was done."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=(__doc__ or "").partition("\n\n")[2].strip())
    parser.add_argument("--minutes", type=float, default=5.0, metavar="N", help="how long things happen (default 5)")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="what is drawn by chance, again")
    args = parser.parse_args(arguments)
    if not 0 < args.minutes <= 7 * 24 * 60:
        parser.error("--minutes must be above 0, and a week at most")
    seed = random.SystemRandom().randrange(10**9) if args.seed is None else args.seed
    print(f"soak: seed {seed}", file=sys.stderr, flush=True)
    try:
        done = soak(args.minutes * 60, seed).done
    except AssertionError as error:
        print(f"soak: NOT WELL, seed {seed}\n{error}")
        return 1
    print("\n".join(f"{count:>7}  {name}" for name, count in sorted(done.items())))
    print(f"soak: well, seed {seed}: everything is proven, invariants hold, audit and fsck are clean")
    return 0


if __name__ == "__main__":
    threading.excepthook = lambda args: print(f"soak: {args.exc_value!r}", file=sys.stderr)
    sys.exit(main(sys.argv[1:]))
