"""What to offer for an anchor: pure functions of the market, the caps and what was offered before.

A transaction replaces another of the same nonce only if it offers clearly more. Nodes want ten per cent more of both
fees; we offer an eighth more, rounded up, and one wei. Every way to a higher fee ends at the caps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from notary.model.anchors import Attempt, Fees, Obstacle
from notary.model.chain import Market

GWEI: Final = 10**9
ETHER: Final = 10**18


@dataclass(frozen=True, slots=True)
class FeeCaps:
    """The most that may be offered for one unit of gas, in wei, and the most gas that a transaction may use.

    ``max_tip`` bounds what nodes suggest; replacements may offer more of it, up to ``max_fee``.
    """

    max_fee: int = 500 * GWEI
    max_tip: int = 5 * GWEI
    max_gas: int = 300_000


def first_fees(market: Market, caps: FeeCaps, *, left: int | None = None) -> Fees | Obstacle:
    """Return fees that hold while the base fee doubles, within the caps; or what is in the way.

    ``left`` is what is left of the day's budget, in wei; None is no budget. The obstacle's code is ``gas``, ``fee``,
    ``budget`` or ``funds``.
    """
    if market.gas > caps.max_gas:
        return Obstacle("gas", f"The transaction needs {market.gas} gas; the cap is {caps.max_gas}.")
    # A quarter above the estimate, for what may change until the block.
    gas = min(market.gas * 5 // 4, caps.max_gas)
    tip = min(market.tip, caps.max_tip)
    max_fee = min(market.base_fee if market.legacy else 2 * market.base_fee + tip, caps.max_fee)
    if max_fee < market.base_fee + tip:
        return Obstacle(
            "fee", f"Blocks take {market.base_fee} wei for a unit of gas now; the cap is {caps.max_fee} wei."
        )
    fees = Fees(max_fee=max_fee, tip=max_fee if market.legacy else tip, gas=gas)
    return _unaffordable(fees.cost, market, left) or fees


def raised_fees(old: Fees, market: Market, caps: FeeCaps, *, left: int | None = None) -> Fees | Obstacle:
    """Return fees for a transaction in the place of one that offers ``old``; or what is in the way.

    Both are at least :func:`raised` of the old ones, the gas is the same. ``left`` is as for :func:`first_fees`, with
    the old transaction's cost given back (:func:`budget_left`).
    """
    least = raised(old.max_fee)
    if least > caps.max_fee:
        return Obstacle(
            "fee",
            f"The transaction is not mined at {old.max_fee} wei for a unit of gas. A replacement would have "
            f"to offer {least}; the cap is {caps.max_fee} wei.",
        )
    tip = min(market.tip, caps.max_tip)
    max_fee = max(least, min(market.base_fee if market.legacy else 2 * market.base_fee + tip, caps.max_fee))
    if max_fee < market.base_fee:
        return Obstacle(
            "fee", f"Blocks take {market.base_fee} wei for a unit of gas now; the cap is {caps.max_fee} wei."
        )
    tip = max_fee if market.legacy else min(max(raised(old.tip), tip), max_fee)
    fees = Fees(max_fee=max_fee, tip=tip, gas=old.gas)
    return _unaffordable(fees.cost, market, left) or fees


def budget_left(budget: int, today: Iterable[Attempt], *, nonce: int) -> int:
    """Return what may still be spent with ``nonce``, of a day's budget, given the attempts signed on that day.

    Each is counted with all that it may cost, but only the dearest of each nonce: at most one of them is ever mined.
    """
    worst: dict[int, int] = {}
    for attempt in today:
        worst[attempt.nonce] = max(worst.get(attempt.nonce, 0), attempt.fees.cost)
    return budget - sum(cost for used, cost in worst.items() if used != nonce)


def raised(fee: int) -> int:
    """Return the least that every node takes for more than ``fee``."""
    return -(-fee * 9 // 8) + 1


def _unaffordable(cost: int, market: Market, left: int | None) -> Obstacle | None:
    if left is not None and cost > left:
        return Obstacle("budget", f"The transaction may cost {cost} wei; {left} wei are left of this day's budget.")
    if cost > market.balance:
        return Obstacle(
            "funds", f"Our account holds {market.balance} wei; the transaction may cost {cost}. Send it some money."
        )
    return None
