"""Changes of what is published, logged and anchored that keep it well-formed: a forger's, or an erring operator's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from notary.core.bundle import Current
from notary.core.checkpoint import Checkpoint
from notary.core.entry import Entry
from notary.core.merkle import EMPTY_ROOT
from notary.core.note import Note, Signature, format_note, parse_note
from notary.core.record import Commitment, Previous, Publisher, Status
from notary.core.secp256k1 import N
from tests import worlds
from tests.pageworld import PROFILE
from tests.parity.bundles import OTHER_SECRET, Draft
from tests.parity.change import CANONICAL, DAY, ELSEWHERE, FOREIGN, Change, bundle
from tests.worlds import NOW, ORIGIN, TEXT, LogKey


def text_not_canonical(one: Draft) -> None:
    texts = (
        "a\r\nb",
        "a\n\nb ",
        TEXT,
        "<b>x</b>\n\ny",
        "a\n\nb\u200b",
        CANONICAL + "\n",
        "a\n\n\u0301b",
        "&\n\nb",
        "a\t\n\nb",
        "\n",
        "a  b",
    )
    bundle(text=one.pick(*texts))(one)


def lines(one: Draft) -> None:
    wrong: dict[str, Any] = one.pick({"lines": 3}, {"lines_root": bytes(32)})
    one.revise(content=replace(worlds.text_digest(), **wrong))


def commitment(one: Draft) -> None:
    one.revise(content=Commitment(bytes(32), "2027-01-01T00:00:00Z"))
    bundle(text=one.pick(None, None, CANONICAL))(one)


def bad_profile(one: Draft) -> None:
    broken: Any = one.pick(
        {}, {"spec": "notary-profile/1"}, {**PROFILE, "body": "p >"}, {**PROFILE, "x": 1}, {**PROFILE, "ignore": []}
    )
    bundle(profile=broken)(one)


def signature(entry: Entry, turn: int) -> bytes:
    """Return a signature that is wrong, in one of five ways."""
    good = entry.signature or bytes(65)
    r, s, v = good[:32], good[32:64], good[64]
    return (
        worlds.signed(entry.record, OTHER_SECRET).signature or b"" if entry.signature else good,
        good[:64] + bytes(((0, 1, 26, 29)[turn % 4],)),
        (bytes(32), N.to_bytes(32, "big"))[turn % 2] + good[32:],
        r + (N - int.from_bytes(s, "big")).to_bytes(32, "big") + bytes((55 - v,)),
        (5).to_bytes(32, "big") + good[32:],  # no point has this x
    )[turn % 5]


def publisher(one: Draft) -> None:
    entry = one.world.entry
    one.rebuild(replace(one.world, entry=replace(entry, signature=signature(entry, one.turn))))


def without_document(one: Draft) -> None:
    one.revise(document=None)
    one.bundle = replace(one.bundle, current=revised(one))


def proof(one: Draft, **parts: Any) -> None:
    """Change the inclusion proof of the first anchor."""
    one.swap(proof=replace(one.proof, **parts))


def other_hashes(one: Draft) -> None:
    hashes = one.proof.hashes
    proof(
        one, hashes=one.pick((one.rng.randbytes(32), *hashes[1:]), hashes[1:], (*hashes, hashes[0]), hashes[::-1], ())
    )


def note(one: Draft, key: LogKey, *, origin: str = ORIGIN, size: int | None = None) -> bytes:
    """Return a checkpoint, by default that of the world, as ``key`` signs it."""
    head = one.world.checkpoint()
    count = head.size if size is None else size
    return key.note(Checkpoint(origin, count, EMPTY_ROOT if count == 0 else head.root).encode())


def of_size(*sizes: int) -> Change:
    return lambda one: proof(one, checkpoint=note(one, one.world.key, size=one.pick(*sizes)))


def signed_twice(one: Draft) -> None:
    ours, theirs = (parse_note(note(one, key)) for key in (one.world.key, LogKey(2)))
    proof(
        one,
        checkpoint=format_note(
            Note(ours.text, one.pick(ours.signatures + theirs.signatures, theirs.signatures + ours.signatures))
        ),
    )


def bad_signature(one: Draft) -> None:
    good = parse_note(one.proof.checkpoint)
    line = good.signatures[0]
    value = bytearray(line.value)
    value[one.turn % 64] ^= 1 << one.rng.randrange(8)
    proof(one, checkpoint=format_note(Note(good.text, (Signature(line.name, line.key_id, bytes(value)),))))


def other_place(one: Draft) -> None:
    """Claim a registry or log id, or anchor there, that the trust file does not name."""
    changes: dict[str, Any] = one.pick({"registry": bytes(20)}, {"log_id": bytes(32)}, {"chain_id": 1})
    if one.rng.random() < 0.5:
        one.rebuild(replace(one.world, **changes))
    else:
        one.swap(**changes)


def second_anchor(one: Draft) -> None:
    """Add another anchor, which may be false."""
    here = one.world
    worse = one.pick(
        replace(here, number=18),
        replace(here, number=18, event_size=9),
        replace(here, **ELSEWHERE),
        replace(here, key=LogKey(7)),
        replace(here, number=18, receipts=1, tx_index=0),
    )
    pair = [one.anchor, worse.anchor()]
    one.rng.shuffle(pair)
    one.bundle = replace(one.bundle, anchors=tuple(pair))


def other_log(one: Draft) -> None:
    rng = one.rng
    one.rebuild(
        replace(
            one.world,
            before=rng.randint(0, 20),
            after=[rng.randbytes(32)] * rng.randint(0, 9),
            receipts=rng.randint(3, 9),
        )
    )


def current(make: Callable[[Draft], Current]) -> Change:
    """Return the change that adds what the log says about revisions."""

    def change(one: Draft) -> None:
        one.bundle = replace(one.bundle, current=make(one))

    return change


def revised(one: Draft, *statuses: Status, **statement: Any) -> Current:
    """Return later revisions of these statuses, and a statement, which may say something else."""
    chain = [one.world.entry]
    for status in statuses:
        chain.append(worlds.revision(chain[-1], status=status))
    return one.world.current(*chain[1:], **statement)


LATER = ((Status.CORRECTION,), (Status.UPDATE,), (Status.RETRACTION, Status.CORRECTION), (Status.UPDATE, Status.UPDATE))
AGES = (DAY, DAY + 1, -300_000, -300_001, NOW)


def about_another(one: Draft) -> Current:
    wrong: dict[str, Any] = one.pick({"document": "x"}, {"publisher": "somebody-else"})
    return revised(one, **wrong)


def stray(one: Draft) -> Current:
    good = worlds.revision(one.world.entry)
    return one.world.current(
        one.pick(
            worlds.entry(worlds.record(language="en")),
            replace(good, record=replace(good.record, origin=FOREIGN)),
            replace(good, record=replace(good.record, publisher=Publisher("somebody-else"))),
            replace(good, record=replace(good.record, document="notice-18")),
            replace(good, record=replace(good.record, previous=Previous(ORIGIN, bytes(32)))),
            worlds.signed(good.record),
        )
    )


def signed_revision(one: Draft) -> Current:
    entry = one.world.entry
    good = worlds.signed(worlds.revision(entry).record)
    return one.world.current(
        one.pick(good, replace(good, signature=signature(good, one.rng.randrange(20))), worlds.revision(entry))
    )


def unproven(one: Draft) -> Current:
    made = one.world.current(worlds.revision(one.world.entry))
    step = made.later[0]
    stranger = replace(one.world, key=LogKey(3), after=[step.entry.leaf_hash()])
    wrong = one.pick(
        replace(step.proof, index=0),
        replace(step.proof, hashes=step.proof.hashes[:-1]),
        stranger.proof(one.world.before + 1),
        one.world.proof(),
    )
    return replace(made, later=(replace(step, proof=wrong),))
