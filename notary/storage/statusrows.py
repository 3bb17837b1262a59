"""The state of the log as operators watch it, read on one connection; every query is answered by an index."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from notary.model.anchors import AnchorState
from notary.model.operating import LEADER, Heartbeat, LogStatus
from notary.storage.leaserows import LeaseReader
from notary.storage.migrations import HEAD
from notary.storage.operatingrows import OperatingReader
from notary.storage.tables import (
    alembic_version,
    anchor_events,
    anchors,
    attempts,
    checkpoints,
    entries,
    heartbeats,
    log,
)

_LOG: Final = select(log.c.next_index, log.c.tree_size)
_HEAD: Final = select(checkpoints.c.size, checkpoints.c.time).order_by(checkpoints.c.size.desc()).limit(1)
_STATES: Final = select(anchors.c.state, func.count().label("number")).group_by(anchors.c.state)
_PROVEN: Final = (
    select(anchors.c.id, anchors.c.size)
    .where(anchors.c.state == AnchorState.PROVEN.value)
    .order_by(anchors.c.size.desc())
    .limit(1)
)


class StatusReader(OperatingReader):
    """The reading half; there is no other. Implements :class:`notary.ports.StatusView`."""

    def schema_is_ours(self) -> bool:
        """Say whether the database still has the format of this program: a newer one may have migrated it."""
        return self._connection.execute(select(alembic_version.c.version_num)).scalar() == HEAD

    def status(self) -> LogStatus:
        """Return sizes, times and counts."""
        ask = self._connection.execute
        stands, head = ask(_LOG).one(), ask(_HEAD).one_or_none()
        covered = 0 if head is None else head.size
        proven = ask(_PROVEN).one_or_none()
        proven_time = None
        if proven is not None:
            since = select(func.max(anchor_events.c.time)).where(anchor_events.c.anchor_id == proven.id)
            proven_time = ask(since.where(anchor_events.c.state == AnchorState.PROVEN.value)).scalar()
        return LogStatus(
            accepted=stands.next_index,
            tree_size=stands.tree_size,
            checkpoint_size=covered,
            checkpoint_time=None if head is None else head.time,
            waiting_since=ask(select(entries.c.time).where(entries.c.leaf_index == covered)).scalar(),
            anchors={row.state: row.number for row in ask(_STATES)},
            attempts=ask(select(func.count()).select_from(attempts)).scalar_one(),
            proven_size=None if proven is None else proven.size,
            proven_time=proven_time,
            heartbeats=tuple(
                Heartbeat(name=row.name, time=row.time, problem_code=row.problem_code, problem=row.problem)
                for row in ask(select(heartbeats).order_by(heartbeats.c.name))
            ),
            spent=self.spent(),
            leader=LeaseReader(self._connection).lease(LEADER),
            report=self.chain_report(),
        )
