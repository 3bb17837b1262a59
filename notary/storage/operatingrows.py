"""What operators ask of the leader, and what it last saw of the chain; on one connection."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from notary.model.anchors import AnchorRequest
from notary.model.chain import ChainReport, ChainStanding, EndpointHealth, EndpointState
from notary.storage.tables import anchor_requests, attempts, chain_reports

_GWEI: Final = 10**9
# What a lying endpoint may have said is left out rather than overflow: no real transaction comes near.
_MOST_GAS: Final = 10**8
_HIGHEST_PRICE: Final = 10**16


class OperatingReader:
    """The reading half; a part of :class:`notary.ports.StatusView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def spent(self, *, since: int = 0) -> int:
        """Return what mined transactions that were signed at ``since`` or later did cost, in gwei."""
        gas, price = attempts.c.gas_used, attempts.c.gas_price
        cost = gas * (price // _GWEI) + gas * (price % _GWEI) // _GWEI
        query = select(func.coalesce(func.sum(cost), 0)).where(attempts.c.created >= since)
        return int(self._connection.execute(query.where(gas <= _MOST_GAS, price <= _HIGHEST_PRICE)).scalar_one())

    def chain_report(self) -> ChainReport | None:
        """Return what the leader last saw of the chain; None where that was never, or by another version."""
        row = self._connection.execute(select(chain_reports)).one_or_none()
        if row is None:
            return None
        try:
            return _report(row.time, json.loads(row.report))
        except (ValueError, TypeError, KeyError):
            return None

    def anchor_request(self) -> AnchorRequest | None:
        """Return what an operator asked for and the leader has not begun yet."""
        row = self._connection.execute(select(anchor_requests)).one_or_none()
        return None if row is None else AnchorRequest(row.time, row.size)


class OperatingWriter(OperatingReader):
    """The writing half; its connection holds the write lock."""

    def store_chain_report(self, report: ChainReport) -> None:
        """Remember what the leader saw of the chain."""
        values = {
            "time": report.time,
            "report": json.dumps(
                {
                    "standing": None
                    if report.standing is None
                    else asdict(report.standing) | {"sender": report.standing.sender.hex()},
                    "endpoints": [asdict(endpoint) for endpoint in report.endpoints],
                }
            ),
        }
        if self._connection.execute(update(chain_reports).values(values)).rowcount == 0:
            self._connection.execute(insert(chain_reports).values(id=1, **values))

    def ask_for_anchor(self, request: AnchorRequest) -> None:
        """Remember that an operator wants an anchor at once; asking again changes nothing but the size."""
        values = {"time": request.time, "size": request.size}
        if self._connection.execute(update(anchor_requests).values(size=request.size)).rowcount == 0:
            self._connection.execute(insert(anchor_requests).values(id=1, **values))

    def drop_anchor_request(self) -> None:
        """Forget it: the leader has begun, or there is nothing to do."""
        self._connection.execute(delete(anchor_requests))


def _report(time: int, stored: Any) -> ChainReport:
    standing = stored["standing"]
    return ChainReport(
        time=time,
        standing=None
        if standing is None
        else ChainStanding(**{**standing, "sender": bytes.fromhex(standing["sender"])}),
        endpoints=tuple(
            EndpointHealth(**{**endpoint, "state": EndpointState(endpoint["state"])})
            for endpoint in stored["endpoints"]
        ),
    )
