"""Anchors, proofs, events and heartbeats, read and written on one connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, insert, select, update

from notary.errors import IntegrityError
from notary.model.anchors import (
    ENDED,
    Anchor,
    AnchorEvent,
    AnchorProof,
    AnchorRecord,
    AnchorState,
    Captured,
    Place,
    Target,
)
from notary.model.operating import Heartbeat
from notary.storage.attemptrows import AttemptReader, AttemptWriter
from notary.storage.tables import anchor_events, anchor_proofs, anchor_records, anchors, attempts, heartbeats

_IN_FLIGHT = anchors.c.state.not_in([state.value for state in sorted(ENDED)])
_IS_PROVEN = anchors.c.state == AnchorState.PROVEN.value


def _proven(which: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the id of one proven anchor at each target; ids grow with sizes."""
    place = (anchors.c.chain_id, anchors.c.registry, anchors.c.log_id)
    return select(which).where(_IS_PROVEN, *conditions).group_by(*place)


_COVERS = anchors.c.size > bindparam("index")
_FIRST_PROVEN = _proven(func.min(anchors.c.id), _COVERS)
_LAST_PROVEN = _proven(func.max(anchors.c.id))
_COVERING = select(anchors).where(_COVERS, _IN_FLIGHT | anchors.c.id.in_(_FIRST_PROVEN)).order_by(anchors.c.id)
_FRONTIER = select(anchors).where(_IN_FLIGHT | anchors.c.id.in_(_LAST_PROVEN)).order_by(anchors.c.id)


class AnchorReader(AttemptReader):
    """The reading half: implements :class:`notary.ports.AnchorView`."""

    def anchor_in_flight(self, target: Target) -> Anchor | None:
        """Return the one anchor that has not ended."""
        row = self._connection.execute(select(anchors).where(_at(target), _IN_FLIGHT)).one_or_none()
        return None if row is None else _anchor(row)

    def newest_anchor(self, target: Target) -> Anchor | None:
        """Return the anchor made last."""
        query = select(anchors).where(_at(target)).order_by(anchors.c.id.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _anchor(row)

    def covering_anchors(self, *, index: int) -> list[Anchor]:
        """Return, oldest first: the first proven anchor over ``index`` at each target, and those in flight."""
        return [_anchor(row) for row in self._connection.execute(_COVERING, {"index": index})]

    def frontier(self) -> list[Anchor]:
        """Return how far anchoring has come: the largest proven anchor at each target, and those in flight."""
        return [_anchor(row) for row in self._connection.execute(_FRONTIER)]

    def anchors(self, *, above: int, limit: int) -> list[Anchor]:
        """Return all anchors with ids above ``above``, in order, at most ``limit``."""
        query = select(anchors).where(anchors.c.id > above).order_by(anchors.c.id).limit(limit)
        return [_anchor(row) for row in self._connection.execute(query)]

    def failed_anchors(self, target: Target) -> int:
        """Return how many anchors have ended without proof since the last one that is proven."""
        proven = select(func.coalesce(func.max(anchors.c.id), 0)).where(_at(target), _IS_PROVEN).scalar_subquery()
        query = select(func.count()).where(_at(target), anchors.c.id > proven, ~_IN_FLIGHT)
        found: int = self._connection.execute(query).scalar_one()
        return found

    def last_proven(self, target: Target) -> Anchor | None:
        """Return the proven anchor that was made last."""
        query = select(anchors).where(_at(target), _IS_PROVEN).order_by(anchors.c.id.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _anchor(row)

    def shown_by_storage(self, target: Target) -> list[Anchor]:
        """Return the proven anchors for which no receipt is kept, newest first."""
        joined = anchors.join(anchor_records).outerjoin(anchor_proofs, anchor_proofs.c.anchor_id == anchors.c.id)
        lacking = and_(_at(target), _IS_PROVEN, anchor_proofs.c.anchor_id.is_(None))
        query = select(anchors).select_from(joined).where(lacking).order_by(anchors.c.id.desc())
        return [_anchor(row) for row in self._connection.execute(query)]

    def captured(self, anchor_id: int) -> Captured | None:
        """Return what a proven anchor is shown by. Raises :class:`IntegrityError` (``anchor-proof``)."""
        query = select(anchor_proofs).where(anchor_proofs.c.anchor_id == anchor_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return self._anchor_record(anchor_id)
        return AnchorProof(
            block_number=row.block_number,
            block_hash=row.block_hash,
            header=row.header,
            tx_index=row.tx_index,
            log_position=row.log_position,
            nodes=_nodes(row.nodes, anchor_id),
        )

    def _anchor_record(self, anchor_id: int) -> AnchorRecord | None:
        query = select(anchor_records).where(anchor_records.c.anchor_id == anchor_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else AnchorRecord(row.block_number, row.block_hash, row.time)

    def anchor_events(self, anchor_id: int) -> list[AnchorEvent]:
        """Return an anchor's events, oldest first."""
        query = select(anchor_events).where(anchor_events.c.anchor_id == anchor_id).order_by(anchor_events.c.id)
        return [
            AnchorEvent(
                anchor_id=row.anchor_id, time=row.time, state=_state(row.state, row.anchor_id), reason=row.reason
            )
            for row in self._connection.execute(query)
        ]

    def heartbeats(self) -> Mapping[str, Heartbeat]:
        """Return the last sign of life of every loop, by name."""
        return {
            row.name: Heartbeat(name=row.name, time=row.time, problem_code=row.problem_code, problem=row.problem)
            for row in self._connection.execute(select(heartbeats))
        }


class AnchorWriter(AnchorReader, AttemptWriter):
    """The writing half; its connection holds the write lock."""

    def add_anchor(self, *, target: Target, size: int, root: bytes, time: int, reason: str) -> Anchor:
        """Store a queued anchor with its first event. Raises :class:`IntegrityError` (``anchor-in-flight``)."""
        if self.anchor_in_flight(target) is not None:
            raise IntegrityError("Another anchor is in flight.", code="anchor-in-flight")
        values = {
            "chain_id": target.chain_id,
            "registry": target.registry,
            "log_id": target.log_id,
            "size": size,
            "root": root,
            "state": AnchorState.QUEUED.value,
            "created": time,
            "moved": time,
        }
        anchor_id = self._connection.execute(insert(anchors).values(values).returning(anchors.c.id)).scalar_one()
        self._add_event(anchor_id, time=time, state=AnchorState.QUEUED, reason=reason)
        return Anchor(
            id=anchor_id, target=target, size=size, root=root, state=AnchorState.QUEUED, created=time, moved=time
        )

    def retarget_anchor(self, anchor: Anchor, *, size: int, root: bytes, time: int, reason: str) -> Anchor:
        """Let a queued anchor, for which nothing was ever signed, be of a newer tree head.

        Raises :class:`IntegrityError` (``anchor-moved``) where it is not such a one.
        """
        signed = select(attempts.c.id).where(attempts.c.anchor_id == anchor.id)
        changed = self._connection.execute(
            update(anchors)
            .where(anchors.c.id == anchor.id, anchors.c.state == AnchorState.QUEUED.value, ~signed.exists())
            .where(anchors.c.size < size)
            .values(size=size, root=root)
        )
        if changed.rowcount != 1:
            raise IntegrityError(f"Anchor {anchor.id} cannot be of another tree head any more.", code="anchor-moved")
        self._add_event(anchor.id, time=time, state=AnchorState.QUEUED, reason=reason)
        return replace(anchor, size=size, root=root)

    def move_anchor(self, anchor: Anchor, *, state: AnchorState, time: int, reason: str, place: Place | None) -> Anchor:
        """Change an anchor's state and place, append the event, and return the anchor as it is now.

        Raises :class:`IntegrityError` (``anchor-moved``) unless it still is in the state given.
        """
        moved = self._connection.execute(
            update(anchors)
            .where(anchors.c.id == anchor.id, anchors.c.state == anchor.state.value)
            .values(
                state=state.value,
                moved=time,
                tx_hash=None if place is None else place.tx_hash,
                block_number=None if place is None else place.block_number,
                block_hash=None if place is None else place.block_hash,
            )
        )
        if moved.rowcount != 1:
            raise IntegrityError(f"Anchor {anchor.id} was moved by somebody else.", code="anchor-moved")
        self._add_event(anchor.id, time=time, state=state, reason=reason)
        return replace(anchor, state=state, place=place, moved=time)

    def _add_event(self, anchor_id: int, *, time: int, state: AnchorState, reason: str) -> None:
        values = {"anchor_id": anchor_id, "time": time, "state": state.value, "reason": _storable(reason)}
        self._connection.execute(insert(anchor_events).values(values))

    def add_captured(self, anchor_id: int, proof: Captured) -> None:
        """Store what an anchor is shown by."""
        same = {"anchor_id": anchor_id, "block_number": proof.block_number, "block_hash": proof.block_hash}
        if isinstance(proof, AnchorRecord):
            self._connection.execute(insert(anchor_records).values(**same, time=proof.time))
            return
        self._connection.execute(
            insert(anchor_proofs).values(
                **same,
                header=proof.header,
                tx_index=proof.tx_index,
                log_position=proof.log_position,
                nodes=json.dumps([node.hex() for node in proof.nodes]),
            )
        )

    def beat(self, heartbeat: Heartbeat) -> None:
        """Store a loop's sign of life."""
        problem = None if heartbeat.problem is None else _storable(heartbeat.problem)
        values = {"time": heartbeat.time, "problem_code": heartbeat.problem_code, "problem": problem}
        here = heartbeats.c.name == heartbeat.name
        if self._connection.execute(update(heartbeats).where(here).values(values)).rowcount == 0:
            self._connection.execute(insert(heartbeats).values(name=heartbeat.name, **values))


def _at(target: Target) -> ColumnElement[bool]:
    return and_(
        anchors.c.chain_id == target.chain_id,
        anchors.c.registry == target.registry,
        anchors.c.log_id == target.log_id,
    )


def _storable(words: str) -> str:
    """Return words, which may repeat what an endpoint said, without what a database cannot hold."""
    return words.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def _anchor(row: Row[Any]) -> Anchor:
    place = None
    if row.block_hash is not None:
        place = Place(tx_hash=row.tx_hash, block_number=row.block_number, block_hash=row.block_hash)
    return Anchor(
        id=row.id,
        target=Target(chain_id=row.chain_id, registry=row.registry, log_id=row.log_id),
        size=row.size,
        root=row.root,
        state=_state(row.state, row.id),
        created=row.created,
        place=place,
        moved=row.moved,
    )


def _state(value: str, anchor_id: int) -> AnchorState:
    try:
        return AnchorState(value)
    except ValueError:
        raise IntegrityError(f"Anchor {anchor_id} is in no state that there is.", code="anchor-changed") from None


def _nodes(value: str, anchor_id: int) -> tuple[bytes, ...]:
    try:
        return tuple(bytes.fromhex(node) for node in json.loads(value))
    except (ValueError, TypeError):
        raise IntegrityError(f"The stored proof of anchor {anchor_id} is broken.", code="anchor-proof") from None
