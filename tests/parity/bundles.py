"""Bundles by chance: a genuine one, changed in one place or two, and what it is verified with.

What is changed is made consistent again where a careful forger would do so (signed, proven, hashed anew), so that the
checks behind are reached. The changes are in :mod:`tests.parity.forging`
(what stays well-formed) and :mod:`tests.parity.breaking` (what does not).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any, TypeVar

from notary.core import jcs
from notary.core.bundle import Anchor, Bundle, StorageAnchor
from notary.core.chain import ChainEvidence, Recorded
from notary.core.copies import Copy
from notary.core.evm import parse_header
from notary.core.logchecks import anchored_head
from notary.core.record import Commitment, FileDigest, Status
from notary.core.tlogproof import TlogProof
from notary.core.trust import Trust
from notary.errors import InvalidNote, InvalidRlp
from tests import verify_case, worlds
from tests.pageworld import PAGE, PROFILE, PageWorld, picture_digest
from tests.worlds import NOW, TEXT, World

Value = dict[str, Any]
T = TypeVar("T")
FILE = b"%PDF-1.7 not a real one"
OTHER_SECRET = b"\x02" * 32


@dataclass
class Draft:
    """A case in the making. ``evidence`` None is that of an honest endpoint, which knows the anchors' blocks."""

    rng: Random
    turn: int
    world: World
    bundle: Bundle
    trust: Trust | None
    evidence: ChainEvidence | None = None
    copy: Copy | None = None
    now: int = NOW
    edits: list[Callable[[Value], None]] = field(default_factory=list)
    trust_edits: list[Callable[[Value], None]] = field(default_factory=list)
    bytes_edits: list[Callable[[bytes], bytes]] = field(default_factory=list)

    def pick(self, *options: T) -> T:
        """Return the options by turns, so that each is met."""
        return options[self.turn % len(options)]

    def rebuild(self, world: World) -> None:
        """Take another world, with its bundle."""
        self.world, self.bundle = world, replace(self.bundle, entry=world.entry, anchors=(world.anchor(),), proof=None)

    def revise(self, **changes: object) -> None:
        """Change the record, and log, prove and anchor it anew."""
        entry = self.world.entry
        self.rebuild(replace(self.world, entry=replace(entry, record=replace(entry.record, **changes))))  # type: ignore[arg-type]

    def swap(self, **changes: object) -> None:
        """Change the anchor; the entry and the log stay."""
        first, *others = self.bundle.anchors
        self.bundle = replace(self.bundle, anchors=(replace(first, **changes), *others))  # type: ignore[arg-type]

    @property
    def anchor(self) -> Anchor:
        """The first anchor that has a header."""
        return self.bundle.receipt_anchors[0]

    @property
    def proof(self) -> TlogProof:
        """The inclusion proof of the first anchor."""
        return self.bundle.anchors[0].proof

    def view(self, **changes: object) -> None:
        """Change what the endpoint answers."""
        known = self.evidence or honest(self.bundle)
        self.evidence = replace(known, views=tuple(replace(view, **changes) for view in known.views))  # type: ignore[arg-type]

    def finish(self) -> Value:
        """Return the case in the form of the vectors."""
        value: Value = json.loads(json.dumps(self.bundle.to_json())) if self.edits else self.bundle.to_json()
        for edit in self.edits:
            edit(value)
        data = jcs.dumps(value)
        for change in self.bytes_edits:
            data = change(data)
        made = verify_case.case(
            "",
            self.world,
            data,
            no_trust=self.trust is None,
            evidence=self.evidence or honest(self.bundle),
            copy=self.copy,
        ) | {"now": self.now}
        if self.trust is not None:
            trust: Value = json.loads(self.trust.encode())
            for edit in self.trust_edits:
                edit(trust)
            made["trust"] = json.dumps(trust)
        return made


def honest(bundle: Bundle) -> ChainEvidence:
    """Return what an honest endpoint says of the bundle's anchors."""
    hashes, recorded = {}, {}
    for anchor in bundle.anchors:
        try:
            if isinstance(anchor, StorageAnchor):
                recorded[anchored_head(anchor)] = Recorded(anchor.block, anchor.time)
            else:
                header = parse_header(anchor.header)
                hashes[header.number] = header.hash
        except (InvalidNote, InvalidRlp):
            continue
    top = max((*hashes, *(said.block for said in recorded.values())), default=17)
    return ChainEvidence(views=(replace(_VIEW, hashes=hashes, recorded=recorded, final_height=top + 2),))


_VIEW = World().view()


@cache
def base(name: str) -> tuple[World, Bundle, Trust, Copy | None]:
    """Return a genuine world, its bundle, trust file and copy."""
    world, changes, copy = _base(name)
    return world, world.bundle(**changes), world.trust(), copy


def _base(name: str) -> tuple[World, Value, Copy | None]:
    if name == "page":
        page = PageWorld()
        world = World(entry=page.entry)
        return world, {"text": page.page_bundle().text, "profile": PROFILE}, Copy(PAGE.encode(), "html")
    if name == "signed":
        return World(entry=worlds.signed(worlds.record())), {}, None
    if name == "media":
        return World(entry=worlds.entry(worlds.record(media=(picture_digest(),)))), {}, None
    if name == "file":
        content = FileDigest(hashlib.sha256(FILE).digest(), len(FILE), "application/pdf")
        return World(entry=worlds.entry(worlds.record(content=content))), {"text": None}, Copy(FILE, "plain")
    if name == "commitment":
        held = Commitment(bytes(32), "2027-01-01T00:00:00Z")
        return World(entry=worlds.entry(worlds.record(content=held))), {"text": None}, None
    if name == "later":
        world = World()
        return world, {"current": world.current(worlds.revision(world.entry))}, None
    if name == "retracted":
        world = World()
        last = worlds.revision(world.entry, status=Status.RETRACTION)
        return world, {"current": world.current(last)}, None
    if name == "current":
        world = World()
        return world, {"current": world.current()}, None
    if name == "two-anchors":
        world = World()
        return world, {"anchors": (world.anchor(), replace(world, number=18, tx_index=0).anchor())}, None
    if name == "pending":
        world = World()
        return world, {"anchors": (), "proof": world.proof()}, None
    if name.startswith("stored"):
        world = World()
        anchors = (world.storage_anchor(), world.anchor()) if name == "stored-beside" else (world.storage_anchor(),)
        return world, {"anchors": anchors}, Copy(TEXT.encode(), "plain") if name == "stored-copied" else None
    assert name in {"plain", "copied"}
    return World(), {}, Copy(TEXT.encode(), "plain") if name == "copied" else None


BASES = (
    "plain",
    "copied",
    "page",
    "signed",
    "media",
    "file",
    "commitment",
    "later",
    "retracted",
    "current",
    "two-anchors",
    "stored",
    "stored-beside",
    "pending",
)
ONE_ANCHOR = ("plain", "copied", "signed", "current")
PLAIN = ("plain", "copied")


def draft(rng: Random, turn: int, bases: tuple[str, ...]) -> Draft:
    """Return a genuine case on one of these bases, or any."""
    world, bundle, trust, copy = base(rng.choice(bases or BASES))
    return Draft(rng, turn, world, bundle, trust, copy=copy)
