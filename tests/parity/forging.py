"""Changes that keep a bundle well-formed: what a forger, an erring operator, a lying endpoint or a reader would bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from notary.core.bundle import Current, Meta
from notary.core.chain import ChainEvidence
from notary.core.checkpoint import Checkpoint
from notary.core.copies import Copy
from notary.core.entry import Entry
from notary.core.evm import parse_header
from notary.core.merkle import EMPTY_ROOT
from notary.core.note import Note, Signature, format_note, parse_note, verifier_key
from notary.core.profile import parse_profile
from notary.core.record import Commitment, FileDigest, Previous, Publisher, Status
from notary.core.secp256k1 import N
from notary.core.text import canonical_plain
from notary.core.trust import TrustedKey
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, picture_digest
from tests.parity.bundles import ADDRESS, FILE, ONE_ANCHOR, OTHER_SECRET, PLAIN, Draft, honest, signed
from tests.worlds import ALTERED, META, NOW, ORIGIN, REGISTRY, SALT, TEXT, LogKey, World

Change = Callable[[Draft], None]
Changes = dict[str, tuple[tuple[str, ...], int, Change]]
"""By name: the bases it can be made on (none: any), how often in a round, and the change."""

FOREIGN = "other.example/log"
CANONICAL = canonical_plain(TEXT.encode()).data.decode()
ELSEWHERE: dict[str, Any] = {"chain_id": 1, "registry": bytes(20), "log_id": bytes(32)}
DAY = 24 * 3600 * 1000


def bundle(**parts: Any) -> Change:
    """Return the change that gives the bundle other parts."""

    def change(one: Draft) -> None:
        one.bundle = replace(one.bundle, **parts)

    return change


def record(**parts: Any) -> Change:
    """Return the change that gives the record other members, logged and anchored anew."""
    return lambda one: one.revise(**parts)


def world(*options: dict[str, Any]) -> Change:
    """Return the change that anchors in another world, by turns."""
    return lambda one: one.rebuild(replace(one.world, **one.pick(*options)))


# ------------------------------------------------------------------------------------------- what the record speaks of


def text_not_canonical(one: Draft) -> None:
    texts = ("a\r\nb", "a\n\nb ", TEXT, "<b>x</b>\n\ny", "a\n\nb\u200b", CANONICAL + "\n", "a\n\n\u0301b", "&\n\nb", "a\t\n\nb", "\n", "a  b")
    bundle(text=one.pick(*texts))(one)


def lines(one: Draft) -> None:
    wrong: dict[str, Any] = one.pick({"lines": 3}, {"lines_root": bytes(32)})
    one.revise(content=replace(worlds.text_digest(), **wrong))


def commitment(one: Draft) -> None:
    one.revise(content=Commitment(bytes(32), "2027-01-01T00:00:00Z"))
    bundle(text=one.pick(None, None, CANONICAL))(one)


def bad_profile(one: Draft) -> None:
    broken: Any = one.pick({}, {"spec": "notary-profile/1"}, {**PROFILE, "body": "p >"}, {**PROFILE, "x": 1}, {**PROFILE, "ignore": []})
    bundle(profile=broken)(one)


def signature(entry: Entry, turn: int) -> bytes:
    """Return a signature that is wrong, in one of five ways."""
    good = entry.signature or bytes(65)
    r, s, v = good[:32], good[32:64], good[64]
    return (
        signed(entry.record, OTHER_SECRET).signature or b"" if entry.signature else good,
        good[:64] + bytes(((0, 1, 26, 29)[turn % 4],)),
        (bytes(32), N.to_bytes(32, "big"))[turn % 2] + good[32:],
        r + (N - int.from_bytes(s, "big")).to_bytes(32, "big") + bytes((55 - v,)),
        (5).to_bytes(32, "big") + good[32:],  # no point has this x
    )[turn % 5]


def publisher(one: Draft) -> None:
    entry = one.world.entry
    one.rebuild(replace(one.world, entry=replace(entry, signature=signature(entry, one.turn))))


# --------------------------------------------------------------------------------------------------------------- copies


def copy_of(*texts: str, kind: Any = "plain") -> Change:
    def change(one: Draft) -> None:
        one.copy = Copy(one.pick(*texts).encode("utf-8", "surrogatepass"), kind)

    return change


def copy_bytes(*options: bytes, kind: Any = "plain", **more: Any) -> Change:
    def change(one: Draft) -> None:
        one.copy = Copy(one.pick(*options), kind, **more)

    return change


def page(*changes: tuple[str, str], **more: Any) -> Change:
    pages = [PAGE.replace(old, new).encode() for old, new in changes]
    assert PAGE.encode() not in pages
    return copy_bytes(*pages, kind="html", **more)


WITH_MORE = (
    ("it.</p>", "it.</p><p hidden>On Sundays.</p>"), ("it.</p>", "it.</p><button>Cross</button>"), ('"/map"', '"/elsewhere"'),
    ("it.</p>", 'it.</p><p class="share">By Mill plc</p>'), (SRC, "data:image/png;base64,AAAA"), (SRC, "bridge.png"),
    ("<p><img", "<p><video></video><img"), (f'<img src="{SRC}" alt="The bridge">', ""),
)  # fmt: skip
PARTS = ("", " \n\t", "\u200b", "Old Mill Bridge closed", "Old Mill Bridge closed\n\n", "\n\n", "\n" + TEXT, "\ufeff" + TEXT, TEXT + "\u202e", TEXT + "\u0378")
TYPOGRAPHY = (TEXT.replace("it.\n", "it. "), TEXT.replace("closed\n\n", "closed "), TEXT.replace("it.", "it\u2024").replace("\u2024", "．"))

CANONICALS = (CANONICAL.replace("Cars", "Vans"), CANONICAL, CANONICAL + "\n")
WITHOUT_ID = PAGE.replace(' id="article"', "")
OVERLAPS = (
    WITHOUT_ID.replace("<h1>", '<h1 id="article">').encode(),
    WITHOUT_ID.replace("<h1>Old", '<h1><i id="article">Old</i>').encode(),
)
UNREADABLE = (PAGE.encode().replace(b"Cars", b"C\xe9rs"), b"\x00<h1>x</h1>", b"", b'<h1>x</h1><div id="article"></div>')
OTHER_FILE = FileDigest(bytes(32), 5, "image/png")

# ------------------------------------------------------------------------------------------------------------- the log


def proof(one: Draft, **parts: Any) -> None:
    """Change the inclusion proof of the first anchor."""
    one.swap(proof=replace(one.anchor.proof, **parts))


def other_hashes(one: Draft) -> None:
    hashes = one.anchor.proof.hashes
    proof(one, hashes=one.pick((one.rng.randbytes(32), *hashes[1:]), hashes[1:], (*hashes, hashes[0]), hashes[::-1], ()))


def note(one: Draft, key: LogKey, *, origin: str = ORIGIN, size: int | None = None) -> bytes:
    """Return a checkpoint, by default that of the world, as ``key`` signs it."""
    head = one.world.checkpoint()
    count = head.size if size is None else size
    return key.note(Checkpoint(origin, count, EMPTY_ROOT if count == 0 else head.root).encode())


def of_size(*sizes: int) -> Change:
    return lambda one: proof(one, checkpoint=note(one, one.world.key, size=one.pick(*sizes)))


def signed_twice(one: Draft) -> None:
    ours, theirs = (parse_note(note(one, key)) for key in (one.world.key, LogKey(2)))
    proof(one, checkpoint=format_note(Note(ours.text, one.pick(ours.signatures + theirs.signatures, theirs.signatures + ours.signatures))))


def bad_signature(one: Draft) -> None:
    good = parse_note(one.anchor.proof.checkpoint)
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
        replace(here, number=18), replace(here, number=18, event_size=9), replace(here, **ELSEWHERE), replace(here, key=LogKey(7)),
        replace(here, number=18, receipts=1, tx_index=0),
    )  # fmt: skip
    pair = [one.anchor, worse.anchor()]
    one.rng.shuffle(pair)
    one.bundle = replace(one.bundle, anchors=tuple(pair))


def other_log(one: Draft) -> None:
    rng = one.rng
    one.rebuild(replace(one.world, before=rng.randint(0, 20), after=[rng.randbytes(32)] * rng.randint(0, 9), receipts=rng.randint(3, 9)))


# ----------------------------------------------------------------------------------------------------------- revisions


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
    return one.world.current(one.pick(
        worlds.entry(worlds.record(language="en")),
        replace(good, record=replace(good.record, origin=FOREIGN)),
        replace(good, record=replace(good.record, publisher=Publisher("somebody-else"))),
        replace(good, record=replace(good.record, document="notice-18")),
        replace(good, record=replace(good.record, previous=Previous(ORIGIN, bytes(32)))),
        signed(replace(good.record, publisher=Publisher("roads-office", ADDRESS))),
    ))  # fmt: skip


def signed_revision(one: Draft) -> Current:
    entry = one.world.entry
    good = signed(replace(worlds.revision(entry).record, publisher=Publisher("roads-office", ADDRESS)))
    return one.world.current(one.pick(good, replace(good, signature=signature(good, one.rng.randrange(20))), worlds.revision(entry)))


def unproven(one: Draft) -> Current:
    made = one.world.current(worlds.revision(one.world.entry))
    step = made.later[0]
    stranger = replace(one.world, key=LogKey(3), after=[step.entry.leaf_hash()])
    wrong = one.pick(
        replace(step.proof, index=0), replace(step.proof, hashes=step.proof.hashes[:-1]), stranger.proof(one.world.before + 1), one.world.proof()
    )
    return replace(made, later=(replace(step, proof=wrong),))


# ----------------------------------------------------------------------------------------------- trust file, endpoints


def trust(**parts: Any) -> Change:
    def change(one: Draft) -> None:
        one.trust = replace(one.world.trust(), **parts)

    return change


def no_trust(one: Draft) -> None:
    one.trust = None


FOREIGN_KEY = LogKey(1, FOREIGN)
foreign_trust = trust(origin=FOREIGN, keys=(TrustedKey(verifier_key(FOREIGN, FOREIGN_KEY.public), 0, None),))


def key_range(one: Draft) -> None:
    size = len(one.world.leaves)
    first, last = one.pick((size, size), (size + 1, None), (0, size - 1), (0, size), (size, None), (0, 0))
    ours = TrustedKey(verifier_key(ORIGIN, one.world.key.public), first, last)
    other = TrustedKey(verifier_key(ORIGIN, LogKey(5).public), 0, None)
    trust(keys=one.rng.choice(((ours,), (ours, other), (other, ours))))(one)


def view(*options: dict[str, Any]) -> Change:
    """Return the change of what the endpoint answers, by turns."""
    return lambda one: one.view(**one.pick(*options))


def views(one: Draft) -> None:
    """Ask a second endpoint, which may be of another mind."""
    known = one.evidence or honest(one.bundle)
    good = known.views[0]
    other = one.pick(replace(good, hashes=dict.fromkeys(good.hashes, bytes(32))), replace(good, problem="down"), good, replace(good, chain_id=1))
    pair = [good, other]
    one.rng.shuffle(pair)
    one.evidence = replace(known, views=tuple(pair))


def evidence(given: ChainEvidence) -> Change:
    def change(one: Draft) -> None:
        one.evidence = given

    return change


def pinned(one: Draft, *, right: bool, asked: bool) -> None:
    known = one.evidence or honest(one.bundle)
    hashes = [parse_header(anchor.header).hash for anchor in one.bundle.anchors] if right else [one.rng.randbytes(32)]
    one.evidence = replace(known, pinned=frozenset(hashes), views=known.views if asked else ())


def pinned_and_denied(one: Draft) -> None:
    one.view(hashes={17: bytes(32)})
    pinned(one, right=True, asked=True)


def several(*changes: Change) -> Change:
    """Return the change that makes these by turns."""
    return lambda one: one.pick(*changes)(one)


def nothing(one: Draft) -> None:
    """Leave all as it is."""


def no_copy(one: Draft) -> None:
    one.copy = None


def without_document(one: Draft) -> None:
    one.revise(document=None)
    one.bundle = replace(one.bundle, current=revised(one))


WORDS = {**META, "note": "Mended."}
BOTH = ("current", "later")
PAGE_COPY = PAGE.encode()
FORGERIES: Changes = {
    "nothing": ((), 1, nothing),
    "superseded": (("retracted", "media", "later"), 1, nothing),
    "no-trust": ((), 1, no_trust),
    "no-trust-current": (BOTH, 1, no_trust),
    "foreign-trust": ((), 1, foreign_trust),
    "foreign-trust-current": (BOTH, 1, foreign_trust),
    "key-range": ((), 1, key_range),
    "elsewhere": (ONE_ANCHOR, 1, several(world(ELSEWHERE), trust(chains=()))),
    "other-place": (ONE_ANCHOR, 1, other_place),
    "meta-other": (PLAIN, 1, several(bundle(meta=Meta(bytes(32), META)), bundle(meta=Meta(SALT, WORDS)))),
    "meta-not-in-record": (PLAIN, 1, record(meta_sha256=None)),
    "profile-not-in-record": (PLAIN, 1, bundle(profile=PROFILE)),
    "profile-mismatch": (("page",), 1, bundle(profile={**PROFILE, "body": "main"})),
    "profile-none": (("page",), 1, several(bundle(profile=None), nothing, bundle(meta=None))),
    "profile-bad": (("page",), 1, bad_profile),
    "text-not-in-record": (("file", "commitment"), 1, bundle(text=CANONICAL)),
    "text-altered": (PLAIN, 1, bundle(text=canonical_plain(ALTERED.encode()).data.decode())),
    "text-not-canonical": (PLAIN, 1, text_not_canonical),
    "text-withheld": (("plain",), 1, bundle(text=None)),
    "text-withheld-copy": (("copied", "page"), 1, bundle(text=None)),
    "lines": (PLAIN, 1, lines),
    "commitment": (PLAIN, 1, commitment),
    "commitment-copy": (("commitment",), 1, copy_of(TEXT)),
    "file": (("file",), 1, nothing),
    "file-changed": (("file",), 1, several(copy_bytes(b"%PDF-1.7 another one", FILE[:-1]), no_copy, record(content=OTHER_FILE))),
    "document-none": (PLAIN, 1, record(document=None)),
    "document-none-current": (PLAIN, 1, without_document),
    "copy-identical": (PLAIN, 1, copy_of(CANONICAL)),
    "copy-changed": ((), 1, copy_of(ALTERED, TEXT.replace("7.5", "75"), TEXT + "More.\n")),
    "typography": (PLAIN, 1, copy_of(*TYPOGRAPHY)),
    "copy-canonical": (PLAIN, 1, copy_of(*PARTS, *CANONICALS, kind="canonical")),
    "copy-part": (PLAIN, 1, copy_of(*PARTS)),
    "copy-undecodable": (PLAIN, 1, copy_bytes(b"\xff\x00a", b"a\xe9b", b"\xff\xfe\x00\x00", b"\xfe\xff\xd8\x00")),
    "page": (("page",), 1, several(
        nothing, page(("1,204", "1,205")), page((SRC, "bridge.png"), images={"bridge.png": picture_digest()}),
        copy_bytes(PAGE_COPY, kind="html", charset="latin1"), copy_bytes(PAGE_COPY, kind="html", charset="none"),
        page(('id="article"', 'id="story"'), profile=parse_profile({**PROFILE, "body": "#story"})),
    )),
    "page-more": (("page",), 1, page(*WITH_MORE)),
    "page-changed": (("page",), 1, page(("<b>not</b> ", ""), ("it.</p><p>", "it. "), ("7.5", "75"))),
    "page-of-text": (PLAIN, 1, page(*WITH_MORE)),
    "page-no-match": (("page",), 1, page(('id="article"', 'id="story"'))),
    "page-ambiguous": (("page",), 1, page(('<div class="foot"', '<div id="article" class="foot"'))),
    "page-hidden": (("page",), 1, page(('id="article"', 'hidden id="article"'))),
    "page-overlap": (("page",), 1, copy_bytes(*OVERLAPS, kind="html")),
    "page-too-deep": (("page",), 1, page(('<div id="article">', "<div>" * 260 + '<div id="article">'))),
    "page-unreadable": (("page",), 1, copy_bytes(*UNREADABLE, kind="html")),
    "publisher": (("signed",), 5, publisher),
    "inclusion-entry": (PLAIN, 1, bundle(entry=worlds.entry(worlds.record(language="en")))),
    "inclusion-hashes": (ONE_ANCHOR, 2, other_hashes),
    "inclusion-index": (ONE_ANCHOR, 1, lambda one: proof(one, index=one.pick(0, 1, 2))),
    "inclusion-beyond": (ONE_ANCHOR, 1, lambda one: proof(one, index=one.pick(4, 5, 2**53, 2**62, 2**63 - 2))),
    "inclusion-of-none": (ONE_ANCHOR, 1, of_size(0)),
    "inclusion-size": (ONE_ANCHOR, 1, of_size(5, 3, 2**53 + 1, 2**63 - 1)),
    "checkpoint-origin": (ONE_ANCHOR, 1, lambda one: proof(one, checkpoint=note(one, FOREIGN_KEY, origin=FOREIGN))),
    "checkpoint-unknown": (ONE_ANCHOR, 1, lambda one: proof(one, checkpoint=note(one, LogKey(2)))),
    "checkpoint-twice": (ONE_ANCHOR, 1, signed_twice),
    "checkpoint-bad": (ONE_ANCHOR, 1, bad_signature),
    "anchor-head": (ONE_ANCHOR, 1, world({"event_size": 5}, {"event_root": bytes(32)})),
    "anchor-size": (ONE_ANCHOR, 1, world({"event_size": 0}, {"event_size": 2**63}, {"event_size": 2**255})),
    "pending": (("pending",), 1, nothing),
    "pending-nothing": (("pending",), 1, bundle(proof=None)),
    "second-anchor": (ONE_ANCHOR, 1, second_anchor),
    "other-log": (PLAIN, 1, other_log),
    "current": (PLAIN, 1, current(revised)),
    "current-old": (PLAIN, 2, current(lambda one: revised(one, time=NOW - one.pick(*AGES)))),
    "current-later": (PLAIN, 1, current(lambda one: revised(one, *one.pick(*LATER)))),
    "current-retracted": (PLAIN, 1, current(lambda one: revised(one, Status.RETRACTION))),
    "current-forged": (PLAIN, 1, current(lambda one: replace(one.world, key=LogKey(2)).current())),
    "current-of-another": (PLAIN, 1, current(about_another)),
    "current-latest": (PLAIN, 1, current(lambda one: revised(one, *one.pick((), (Status.UPDATE,)), latest=bytes(32)))),
    "current-hidden": (PLAIN, 1, current(lambda one: replace(revised(one, Status.UPDATE), later=()))),
    "later-stray": (PLAIN, 1, current(stray)),
    "later-signed": (("signed",), 1, current(signed_revision)),
    "later-unproven": (PLAIN, 1, current(unproven)),
}  # fmt: skip

EVIDENCE: tuple[Change, ...] = (
    evidence(ChainEvidence()), evidence(ChainEvidence(offline=True)), view({"problem": "down", "chain_id": None}, {"problem": "down"}),
    view({"chain_id": 1}, {"chain_id": None}), view({"genesis": bytes(32)}, {"genesis": None}),
    view({"codehashes": {}}, {"codehashes": {REGISTRY: bytes(32)}}), view({"final_height": None}),
    view({"final_height": 0}, {"final_height": 16}), view({"final_height": 17}), view({"hashes": {}}, {"hashes": {16: bytes(32), 18: bytes(32)}}),
    view({"hashes": {17: bytes(32)}}), views, views, lambda one: pinned(one, right=True, asked=False),
    lambda one: pinned(one, right=False, asked=one.pick(True, False)), lambda one: pinned(one, right=True, asked=True), pinned_and_denied,
)  # fmt: skip
"""What may be known of the chain; the check of it depends on nothing else, so that this is changed besides."""
BESIDES = ("file", "copy", "page", "text", "lines", "meta", "profile", "publisher", "current", "later", "document")
