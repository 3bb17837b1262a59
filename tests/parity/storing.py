"""Changes of anchors that only the registry's storage shows, and of what endpoints answer about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from notary.core.bundle import Anchor, StorageAnchor
from notary.core.chain import ChainEvidence, EndpointView, Recorded
from tests.parity.breaking import SCALARS, edit, edit_bytes, edit_record, edit_text
from tests.parity.bundles import Draft, Value, honest
from tests.parity.change import ELSEWHERE, Change, Changes, nothing, several
from tests.parity.forging import bad_signature, note, of_size, other_hashes, proof
from tests.parity.reading import evidence, foreign_trust, no_trust, pinned, trust, view
from tests.worlds import REGISTRY, LogKey

HUGE = 2**53 - 1
NEVER = Recorded(0, 0)


def here(one: Draft) -> Recorded:
    """Return since when the registry really holds the tree head."""
    return Recorded(one.world.number, one.world.timestamp)


def says(one: Draft, said: Recorded | None) -> None:
    """Have the endpoints say this of the tree head; None: nothing."""
    one.view(recorded={} if said is None else {one.world.head(): said})


def another(one: Draft) -> Recorded:
    """Return since when the registry might hold it too, as of final blocks."""
    number, time = one.world.number, one.world.timestamp
    return one.rng.choice(
        (
            Recorded(number - 1, time),
            Recorded(number + 1, time),
            Recorded(number, time + 1),
            Recorded(number, 0),
            Recorded(number, time * 1000),
            Recorded(1, 1),
            Recorded(0, time),
        )
    )


def about_another(one: Draft) -> None:
    """Have the endpoints say it of another tree head than the one that is asked about."""
    head = one.world.head()
    other = one.rng.choice(
        (
            replace(head, size=head.size + 1),
            replace(head, root=bytes(32)),
            replace(head, log_id=bytes(32)),
            replace(head, registry=bytes(20)),
        )
    )
    one.view(recorded={other: here(one)})


def second(one: Draft, other: EndpointView) -> None:
    """Ask a second endpoint, before or after the first."""
    known = one.evidence or honest(one.bundle)
    pair = [known.views[0], replace(other, url="http://b.example")]
    one.rng.shuffle(pair)
    one.evidence = replace(known, views=tuple(pair))


def second_of_another_mind(one: Draft) -> None:
    good = (one.evidence or honest(one.bundle)).views[0]
    second(one, replace(good, recorded={one.world.head(): one.rng.choice((NEVER, another(one)))}))


def second_that_may_not_count(one: Draft) -> None:
    good = (one.evidence or honest(one.bundle)).views[0]
    wrong: dict[str, Any] = one.rng.choice(
        (
            {"problem": "down"},
            {"recorded": {}},
            {"chain_id": 1},
            {"final_height": 16},
            {"final_height": None},
            {"hashes": {}},
            {},
        )
    )
    second(one, replace(good, **wrong))


def denied_and_pinned(one: Draft) -> None:
    says(one, one.rng.choice((NEVER, another(one))))
    pinned(one, right=True, asked=True)


def pinned_besides(one: Draft) -> None:
    pinned(one, right=one.rng.random() < 0.5, asked=one.rng.random() < 0.5)
    if not (one.evidence or honest(one.bundle)).pinned:
        pinned(one, right=False, asked=True)


def chance(*options: dict[str, Any]) -> Change:
    """Return the change of what the endpoint answers, by chance."""
    return lambda one: one.view(**one.rng.choice(options))


ANSWERS: tuple[Change, ...] = (
    nothing,
    lambda one: says(one, None),
    about_another,
    lambda one: says(one, NEVER),
    lambda one: says(one, another(one)),
    lambda one: says(one, Recorded(one.rng.choice((99, HUGE)), one.world.timestamp)),
    second_of_another_mind,
    second_that_may_not_count,
    view({"final_height": 17}),
    chance({"final_height": 0}, {"final_height": 16}),
    view({"final_height": None}),
    chance({"chain_id": 1}, {"chain_id": None}),
    chance({"genesis": bytes(32)}, {"genesis": None}),
    chance({"codehashes": {}}, {"codehashes": {REGISTRY: bytes(32)}}),
    chance({"problem": "down", "chain_id": None}, {"problem": "down"}),
    evidence(ChainEvidence()),
    evidence(ChainEvidence(offline=True)),
    pinned_besides,
    denied_and_pinned,
)
"""What endpoints may answer about a storage-only anchor; each of these once in a round."""


def answered(one: Draft) -> None:
    one.pick(*ANSWERS)(one)


def claim(one: Draft) -> None:
    """Claim another block or time than those since which the registry holds the head."""
    world = one.world
    one.view()  # what the registry holds stays what it is
    changes: dict[str, int] = one.pick(
        {"block": world.number - 1},
        {"block": world.number + 1},
        {"block": one.rng.choice((99, HUGE))},
        {"time": world.timestamp - 1},
        {"time": world.timestamp + 1},
        {"time": one.rng.choice((0, HUGE, world.timestamp * 1000))},
        {"block": world.timestamp, "time": world.number},
    )
    stored(one, **changes)
    if one.rng.random() < 0.3:
        one.rng.choice((*ANSWERS[:9], *ANSWERS[-2:]))(one)


def stored(one: Draft, **changes: Any) -> None:
    """Change the storage-only anchor."""
    anchors = [
        anchor if anchor in one.bundle.receipt_anchors else replace(anchor, **changes) for anchor in one.bundle.anchors
    ]
    one.bundle = replace(one.bundle, anchors=tuple(anchors))


def elsewhere(one: Draft) -> None:
    """Claim another place, or trust in none, in another log, or in nothing."""
    place: dict[str, Any] = one.rng.choice(({"registry": bytes(20)}, {"log_id": bytes(32)}, {"chain_id": 1}, ELSEWHERE))
    several(lambda one: stored(one, **place), trust(chains=()), foreign_trust, no_trust)(one)
    one.rng.choice(ANSWERS)(one)


def false_proof(one: Draft) -> None:
    several(
        other_hashes,
        bad_signature,
        of_size(0, 3, 5, 2**63 - 1),
        lambda one: proof(one, checkpoint=note(one, LogKey(2))),
        lambda one: proof(one, index=one.rng.choice((0, 2, 4, 2**53))),
    )(one)
    one.rng.choice(ANSWERS)(one)


def several_anchors(one: Draft) -> None:
    """Put anchors beside each other, one of which may be false, or there twice."""
    world, rng = one.world, one.rng
    genuine, receipt = world.storage_anchor(), world.anchor()
    later = replace(world, number=18)
    pair: list[Anchor | StorageAnchor] = one.pick(
        [genuine, receipt],
        [genuine, replace(world, event_size=9).anchor()],
        [genuine, replace(receipt, nodes=receipt.nodes[:-1])],
        [genuine, later.anchor()],
        [receipt, world.storage_anchor(block=18)],
        [genuine, world.storage_anchor(block=18)],
        [genuine, genuine],
        [genuine, replace(world, **ELSEWHERE).storage_anchor()],
        [receipt, replace(world, key=LogKey(7)).storage_anchor()],
        [receipt, replace(world, after=[bytes(32)]).storage_anchor(), genuine],
    )
    rng.shuffle(pair)
    one.bundle = replace(one.bundle, anchors=tuple(pair))
    # An honest endpoint says of all of them what they claim; the registry holds each head only once.
    if rng.random() < 0.7:
        known = honest(one.bundle).views[0].recorded
        one.view(recorded=dict(known) | {world.head(): here(one)})
    if rng.random() < 0.3:
        rng.choice(ANSWERS)(one)


NUMBERS: tuple[Any, ...] = (0, 1, -1, HUGE, "17", "0x11", None, True, [], {})
LITERALS = (b"17.0", b"17.5", b"1.7e1", b"-0", b"017", b"+17", b" 17", b"9007199254740992", b"1e999", b"NaN", b"0x11")


def members(one: Draft) -> None:
    """Give an anchor members that are malformed, missing, too many, or of the other kind."""
    rng, kind = one.rng, one.turn % 7
    number, name = rng.choice(NUMBERS), rng.choice(("block", "time"))
    other: Value = one.world.bundle().to_json()["anchors"][0]  # type: ignore[assignment, index]
    more = rng.choice(("header", "receipt", "hash", "__proto__", "index"))
    scalar = rng.choice(SCALARS)
    if kind == 6:
        genuine = {"block": b'"block":%d' % one.world.number, "time": b'"time":%d' % one.world.timestamp}[name]
        literal = b'"%s":%s' % (name.encode(), rng.choice(LITERALS))
        one.bytes_edits.append(lambda data: data.replace(genuine, literal, 1))
        return

    def apply(value: Value) -> None:
        anchor = rng.choice(value["anchors"])
        if kind == 0:
            anchor[name] = number
        elif kind == 1:
            anchor.pop(name, None)
        elif kind == 2:
            anchor[more] = other.get(more, scalar)
        elif kind == 3:
            anchor.clear()
            anchor.update(other | {name: number})
        elif kind == 4:
            anchor.pop(rng.choice(sorted(anchor)))
        else:
            value["anchors"] = rng.choice(([], [other], [other, anchor], [anchor, {}], [anchor, 1], anchor))

    one.edits.append(apply)


def forms(one: Draft) -> None:
    several(edit, edit_bytes, edit_text, edit_record)(one)


ALONE, BESIDE = ("stored", "stored-copied"), ("stored-beside",)
SOME = (*ALONE, *BESIDE)
STORED: Changes = {
    "stored": (SOME, 1, nothing),
    "stored-answers": (SOME, len(ANSWERS), answered),
    "stored-claim": (SOME, 2, claim),
    "stored-elsewhere": (ALONE, 1, elsewhere),
    "stored-proof": (SOME, 1, false_proof),
    "stored-several": (ALONE, 2, several_anchors),
    "stored-members": (SOME, 2, members),
    "stored-forms": (SOME, 1, forms),
}
