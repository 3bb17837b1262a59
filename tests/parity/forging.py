"""Changes that keep a bundle well-formed: what a forger, an erring operator, a lying endpoint or a reader would bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from notary.core.bundle import Bundle, Current, Meta
from notary.core.chain import ChainEvidence
from notary.core.checkpoint import Checkpoint
from notary.core.copies import Copy
from notary.core.evm import parse_header
from notary.core.merkle import EMPTY_ROOT
from notary.core.note import parse_note, verifier_key
from notary.core.profile import parse_profile
from notary.core.record import Commitment, FileDigest, Previous, Publisher, Status
from notary.core.secp256k1 import N
from notary.core.text import canonical_plain
from notary.core.trust import TrustedKey
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, picture_digest
from tests.parity.bundles import ADDRESS, ONE_ANCHOR, OTHER_SECRET, WITHOUT_REVISIONS, Draft, draft, signed
from tests.worlds import ALTERED, CHAIN_ID, META, NOW, ORIGIN, REGISTRY, TEXT, LogKey, World

Change = Callable[[Draft], None]
PLAIN = ("plain", "copied")


def entries(change: Callable[[Bundle], Bundle]) -> Change:
    """Return a change of the bundle alone."""

    def apply(one: Draft) -> None:
        one.bundle = change(one.bundle)

    return apply


def other_signature(one: Draft) -> bytes:
    """Return a signature that is wrong in some way."""
    entry = one.world.entry
    good = entry.signature or bytes(65)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    return one.rng.choice((
        signed(entry.record, OTHER_SECRET).signature or b"",
        good[:64] + bytes((one.rng.choice((0, 1, 29)),)),
        one.rng.choice((bytes(32), N.to_bytes(32, "big"))) + good[32:],
        r + (N - s).to_bytes(32, "big") + bytes((55 - v,)),
        # No point has this x.
        (5).to_bytes(32, "big") + good[32:],
    ))  # fmt: skip


def resign(one: Draft) -> None:
    one.rebuild(replace(one.world, entry=replace(one.world.entry, signature=other_signature(one))))


def of_proof(**changes: object) -> Change:
    """Return a change of the inclusion proof of the first anchor."""

    def apply(one: Draft) -> None:
        one.swap(proof=replace(one.anchor().proof, **changes))  # type: ignore[arg-type]

    return apply


def note_by(key: LogKey, *, origin: str = ORIGIN, size: int | None = None, both: bool = False) -> Change:
    """Return a change that signs the checkpoint with another key (or with another one too), perhaps another checkpoint."""

    def apply(one: Draft) -> None:
        head = one.world.checkpoint()
        count = head.size if size is None else size
        text = Checkpoint(origin, count, EMPTY_ROOT if count == 0 else head.root).encode()
        note = key.note(text)
        if both:
            note = one.world.key.note(text) + note.split(b"\n\n")[1]
        of_proof(checkpoint=note)(one)

    return apply


def bad_signature(one: Draft) -> None:
    good = one.anchor().proof.checkpoint
    value = bytearray(parse_note(good).signatures[0].value)
    value[one.rng.randrange(64)] ^= 1 << one.rng.randrange(8)
    line = good.split(b"\n\n")[0] + b"\n\n"
    key = verifier_key(ORIGIN, one.world.key.public)
    import base64

    encoded = base64.b64encode(key.key_id + bytes(value))
    of_proof(checkpoint=line + f"— {ORIGIN} ".encode() + encoded + b"\n")(one)


def other_hash(one: Draft) -> None:
    hashes = list(one.anchor().proof.hashes)
    change = one.rng.randrange(4)
    at = one.rng.randrange(len(hashes))
    if change == 0:
        hashes[at] = one.rng.randbytes(32)
    elif change == 1:
        del hashes[at]
    elif change == 2:
        hashes.append(hashes[at])
    else:
        hashes.reverse()
    of_proof(hashes=tuple(hashes))(one)


def second_anchor(one: Draft) -> None:
    """Add another anchor, which may be false."""
    world = one.world
    worse = one.rng.choice((
        replace(world, number=18), replace(world, number=18, event_size=9), replace(world, chain_id=1, registry=bytes(20), log_id=bytes(32)),
        replace(world, key=LogKey(7)), replace(world, number=18, receipts=1, tx_index=0),
    ))  # fmt: skip
    pair = [one.anchor(), worse.anchor()]
    one.rng.shuffle(pair)
    one.bundle = replace(one.bundle, anchors=tuple(pair), proof=None)


# ----------------------------------------------------------------------------------------------------------- revisions


def revisions(*, count: int, **statement: object) -> Change:
    """Return a change that adds later revisions and a statement, which may say something else."""

    def apply(one: Draft) -> None:
        chain = [one.world.entry]
        for _ in range(count):
            status = one.rng.choice((Status.CORRECTION, Status.UPDATE, Status.RETRACTION))
            chain.append(worlds.revision(chain[-1], status=status))
        one.bundle = replace(one.bundle, current=one.world.current(*chain[1:], **statement))  # type: ignore[arg-type]

    return apply


def stray(one: Draft) -> None:
    """Add a later entry that is no revision of this one, by one of the reasons."""
    entry = one.world.entry
    good = worlds.revision(entry)
    made = one.rng.choice((
        worlds.entry(worlds.record(language="en")),
        replace(good, record=replace(good.record, origin="other.example/log")),
        replace(good, record=replace(good.record, publisher=Publisher("somebody-else"))),
        replace(good, record=replace(good.record, document="notice-18")),
        replace(good, record=replace(good.record, previous=Previous(ORIGIN, bytes(32)))),
        signed(replace(good.record, publisher=Publisher("roads-office", ADDRESS))),
    ))  # fmt: skip
    one.bundle = replace(one.bundle, current=one.world.current(made))


def signed_revision(one: Draft) -> None:
    entry = one.world.entry
    good = replace(worlds.revision(entry).record, publisher=entry.record.publisher)
    made = one.rng.choice((
        signed(good), replace(signed(good), signature=other_signature(one)), worlds.revision(entry), signed(good, OTHER_SECRET),
    ))  # fmt: skip
    one.bundle = replace(one.bundle, current=one.world.current(made))


def unproven(one: Draft) -> None:
    current = one.world.current(worlds.revision(one.world.entry))
    step = current.later[0]
    proof = one.rng.choice((
        replace(step.proof, index=0), replace(step.proof, hashes=step.proof.hashes[:-1]),
        replace(one.world, key=LogKey(3), after=[step.entry.leaf_hash()]).proof(one.world.before + 1), one.world.proof(),
    ))  # fmt: skip
    one.bundle = replace(one.bundle, current=replace(current, later=(replace(step, proof=proof),)))


def statement(change: Callable[[Draft], Current]) -> Change:
    def apply(one: Draft) -> None:
        one.bundle = replace(one.bundle, current=change(one))

    return apply


# ------------------------------------------------------------------------------------------------------ trust, evidence


def trust(**changes: object) -> Change:
    def apply(one: Draft) -> None:
        if one.trust is not None:
            one.trust = replace(one.trust, **changes)  # type: ignore[arg-type]

    return apply


def foreign_trust(one: Draft) -> None:
    key = LogKey(1, "other.example/log")
    trust(origin=key.name, keys=(TrustedKey(verifier_key(key.name, key.public), 0, None),))(one)


def key_range(one: Draft) -> None:
    size = len(one.world.leaves)
    first, last = one.rng.choice(((size, size), (size + 1, None), (0, size - 1), (0, size), (size, None), (0, 0)))
    ours = TrustedKey(verifier_key(ORIGIN, one.world.key.public), first, last)
    other = TrustedKey(verifier_key(ORIGIN, LogKey(5).public), 0, None)
    trust(keys=one.rng.choice(((ours,), (ours, other), (other, ours))))(one)


def views(change: Callable[[Draft], None]) -> Change:
    return change


def two_views(one: Draft) -> None:
    """Ask a second endpoint, which may be of another mind."""
    from tests.parity.bundles import honest

    known = one.evidence or honest(one)
    view = known.views[0] if known.views else World().view()
    worse = one.rng.choice((
        replace(view, hashes=dict.fromkeys(view.hashes, bytes(32))), replace(view, problem="down"), view, replace(view, chain_id=1),
        replace(view, final_height=None),
    ))  # fmt: skip
    pair = [view, worse]
    one.rng.shuffle(pair)
    one.evidence = replace(known, views=tuple(pair))


def denied(one: Draft) -> None:
    one.view(hashes={number: bytes(32) for number in (16, 17, 18)})


def pin(one: Draft, *, right: bool, alone: bool) -> None:
    from tests.parity.bundles import honest

    known = one.evidence or honest(one)
    hashes = [parse_header(anchor.header).hash for anchor in one.bundle.anchors] if right else [one.rng.randbytes(32)]
    one.evidence = replace(known, pinned=frozenset(hashes), views=() if alone else known.views)


# --------------------------------------------------------------------------------------------------------------- copies


def copy_of(text: str, kind: str = "plain") -> Change:
    def apply(one: Draft) -> None:
        one.copy = Copy(text.encode("utf-8", "surrogatepass"), kind)  # type: ignore[arg-type]

    return apply


def page_with(old: str, new: str, **changes: object) -> Change:
    def apply(one: Draft) -> None:
        assert old in PAGE
        one.copy = Copy(PAGE.replace(old, new).encode(), "html", **changes)  # type: ignore[arg-type]

    return apply


def some_page(one: Draft) -> None:
    old, new = one.rng.choice(PAGE_CHANGES)
    page_with(old, new)(one)


PAGE_CHANGES = (
    ("it.</p>", "it.</p><p hidden>On Sundays.</p>"), ("it.</p>", "it.</p><button>Cross</button>"), ('"/map"', '"/elsewhere"'),
    ("it.</p>", 'it.</p><p class="share">By Mill plc</p>'), (SRC, "data:image/png;base64,AAAA"), (SRC, "bridge.png"), ("<p><img", "<p><video></video><img"),
    ("1,204", "1,205"), ("<b>not</b> ", ""), ("it.</p><p>", "it. "), (f'<img src="{SRC}" alt="The bridge">', ""),
)  # fmt: skip
CANONICAL = canonical_plain(TEXT.encode()).data.decode()
PARTS = ("\n\n", "", " \n\t", "\u200b", "Old Mill Bridge closed", "Old Mill Bridge closed\n\n", "\n" + TEXT, "\ufeff" + TEXT, TEXT + "\u202e", TEXT + "\u0378")
TYPOGRAPHY = (("it.\n", "it. "), ("7.5 ", "7.5\u00a0"), ("it.\n", "it.\n\n"), ("Cars", "Cars\ufe0e"), ("-", "\u2010"))


def typography(one: Draft) -> None:
    old, new = one.rng.choice(TYPOGRAPHY[:3])
    copy_of(TEXT.replace(old, new))(one)


FORGERIES: dict[str, tuple[tuple[str, ...], Change]] = {
    "nothing": ((), lambda one: None),
    "no-trust": ((), lambda one: setattr(one, "trust", None)),
    "foreign-trust": ((), foreign_trust),
    "key-range": ((), key_range),
    "trust-other-chain": (PLAIN, lambda one: one.rebuild(replace(one.world, chain_id=1, registry=bytes(20), log_id=bytes(32)))),
    "trust-other-place": (ONE_ANCHOR, lambda one: one.rng.choice((
        lambda: one.rebuild(replace(one.world, registry=bytes(20))), lambda: one.rebuild(replace(one.world, log_id=bytes(32))),
        lambda: one.swap(chain_id=1), lambda: one.swap(registry=bytes(20)), lambda: one.swap(log_id=bytes(32)),
    ))()),
    "trust-no-chains": ((), trust(chains=())),
    "meta-other": (WITHOUT_REVISIONS, entries(lambda b: replace(b, meta=Meta(bytes(32), META)))),
    "meta-words": (WITHOUT_REVISIONS, entries(lambda b: replace(b, meta=Meta(bytes(range(32)), {**META, "note": "Mended."})))),
    "meta-withheld": ((), entries(lambda b: replace(b, meta=None))),
    "meta-not-in-record": (WITHOUT_REVISIONS, lambda one: one.revise(meta_sha256=None)),
    "profile-not-in-record": (WITHOUT_REVISIONS, entries(lambda b: replace(b, profile=PROFILE))),
    "profile-mismatch": (("page",), entries(lambda b: replace(b, profile={**PROFILE, "body": "main"}))),
    "profile-none": (("page",), entries(lambda b: replace(b, profile=None))),
    "profile-bad": (("page",), lambda one: setattr(one, "bundle", replace(
        one.bundle, profile=one.rng.choice(({}, {"spec": "notary-profile/1"}, {**PROFILE, "body": "p >"}, {**PROFILE, "x": 1})))  # type: ignore[arg-type]
    )),
    "text-not-in-record": (("file", "commitment"), entries(lambda b: replace(b, text=CANONICAL))),
    "text-altered": (WITHOUT_REVISIONS, entries(lambda b: replace(b, text=canonical_plain(ALTERED.encode()).data.decode()))),
    "text-not-canonical": (WITHOUT_REVISIONS, lambda one: setattr(one, "bundle", replace(one.bundle, text=one.rng.choice((
        "a\r\nb", "a\n\nb ", "a", TEXT, "<b>x</b>\n\ny", "a\n\nb\u200b", CANONICAL + "\n", "a\n\n\u0301b", "&\n\nb"))))),
    "text-withheld": ((), entries(lambda b: replace(b, text=None))),
    "lines-mismatch": (WITHOUT_REVISIONS, lambda one: one.revise(content=replace(worlds.text_digest(), **one.rng.choice((  # type: ignore[arg-type]
        {"lines": 3}, {"lines_root": bytes(32)}))))),
    "commitment": (PLAIN, lambda one: (
        one.revise(content=Commitment(bytes(32), "2027-01-01T00:00:00Z")), setattr(one, "bundle", replace(one.bundle, text=None)))[0]),
    "file-changed": (("file",), lambda one: setattr(one, "copy", Copy(b"%PDF-1.7 another one", "plain"))),
    "file-no-copy": (("file",), lambda one: setattr(one, "copy", None)),
    "file-size": (("file",), lambda one: one.revise(content=replace(one.world.entry.record.content, size=5))),  # type: ignore[type-var]
    "document-none": (PLAIN, lambda one: one.revise(document=None)),
    "document-none-current": (PLAIN, lambda one: (one.revise(document=None), revisions(count=0)(one))[0]),
    "copy-identical": (WITHOUT_REVISIONS, copy_of(CANONICAL)),
    "copy-canonical": (WITHOUT_REVISIONS, copy_of(CANONICAL.replace("Cars", "Vans"), "canonical")),
    "copy-same": (WITHOUT_REVISIONS, copy_of(TEXT)),
    "copy-changed": ((), copy_of(ALTERED)),
    "copy-typography": (WITHOUT_REVISIONS, typography),
    "copy-part": (PLAIN, lambda one: copy_of(one.rng.choice(PARTS), one.rng.choice(("plain", "canonical", "html")))(one)),
    "copy-undecodable": (PLAIN, lambda one: setattr(one, "copy", Copy(one.rng.choice((b"\xff\x00a", b"a\xe9b", b"\xff\xfe\x00\x00")), "plain"))),
    "copy-commitment": (("commitment",), copy_of(TEXT)),
    "page": (("page",), some_page),
    "page-again": (("page",), some_page),
    "page-of-text": (PLAIN, some_page),
    "page-no-match": (("page",), page_with('id="article"', 'id="story"')),
    "page-ambiguous": (("page",), page_with('<div class="foot"', '<div id="article" class="foot"')),
    "page-hidden": (("page",), page_with('id="article"', 'hidden id="article"')),
    "page-overlap": (("page",), page_with("<h1>Old Mill Bridge closed</h1>", "<h1>Old Mill Bridge closed<i id=article>x</i></h1>")),
    "page-too-deep": (("page",), page_with('<div id="article">', "<div>" * 260 + '<div id="article">')),
    "page-empty": (("page",), lambda one: setattr(one, "copy", Copy(b'<h1>x</h1><div id="article"></div>', "html"))),
    "page-own-profile": (("page",), page_with('id="article"', 'id="story"', profile=parse_profile({**PROFILE, "body": "#story"}))),
    "page-image-supplied": (("page",), page_with(SRC, "bridge.png", images={"bridge.png": picture_digest()})),
    "page-undecodable": (("page",), lambda one: setattr(one, "copy", Copy(PAGE.encode().replace(b"Cars", b"C\xe9rs"), "html"))),
    "page-charset": (("page",), lambda one: setattr(one, "copy", Copy(PAGE.encode(), "html", charset=one.rng.choice(("latin1", "utf-8", "none"))))),
    "publisher-signature": (("signed",), resign),
    "publisher-signature-2": (("signed",), resign),
    "publisher-signature-3": (("signed",), resign),
    "publisher-signature-4": (("signed",), resign),
    "publisher-signature-5": (("signed",), resign),
    "publisher-signature-6": (("signed",), resign),
    "inclusion-entry": (ONE_ANCHOR, lambda one: setattr(one, "bundle", replace(one.bundle, entry=worlds.entry(worlds.record(language="en"))))),
    "inclusion-hash": (ONE_ANCHOR, other_hash),
    "inclusion-index": (ONE_ANCHOR, lambda one: of_proof(index=one.rng.choice((0, 2, 1)))(one)),
    "inclusion-index-beyond": (ONE_ANCHOR, lambda one: of_proof(index=one.rng.choice((4, 5, 2**53, 2**62, 2**63 - 2)))(one)),
    "inclusion-of-none": (ONE_ANCHOR, lambda one: note_by(one.world.key, size=0)(one)),
    "inclusion-size": (ONE_ANCHOR, lambda one: note_by(one.world.key, size=one.rng.choice((5, 3, 2**53 + 1, 2**63 - 1)))(one)),
    "checkpoint-origin": (ONE_ANCHOR, note_by(LogKey(name="other.example/log"), origin="other.example/log")),
    "checkpoint-unknown": (ONE_ANCHOR, note_by(LogKey(2))),
    "checkpoint-both": (ONE_ANCHOR, note_by(LogKey(2), both=True)),
    "checkpoint-bad": (ONE_ANCHOR, bad_signature),
    "anchor-other-head": (WITHOUT_REVISIONS, lambda one: one.rebuild(replace(one.world, **one.rng.choice(  # type: ignore[arg-type]
        ({"event_size": 5}, {"event_root": bytes(32)}))))),
    "anchor-size": (WITHOUT_REVISIONS, lambda one: one.rebuild(replace(one.world, event_size=one.rng.choice((0, 2**63, 2**255))))),
    "second-anchor": (PLAIN, second_anchor),
    "second-anchor-2": (("current", "later", "copied"), second_anchor),
    "bigger-log": (WITHOUT_REVISIONS, lambda one: one.rebuild(replace(
        one.world, before=one.rng.randint(0, 20), after=[one.rng.randbytes(32)] * one.rng.randint(0, 9), receipts=one.rng.randint(3, 9)))),
    "current": (PLAIN, revisions(count=0)),
    "current-stale": (PLAIN, lambda one: revisions(count=0, time=NOW - one.rng.choice(
        (24 * 3600 * 1000, 24 * 3600 * 1000 + 1, -300_000, -300_001, NOW)))(one)),
    "current-later": (PLAIN, revisions(count=1)),
    "current-later-two": (PLAIN, revisions(count=2)),
    "current-forged": (PLAIN, statement(lambda one: replace(one.world, key=LogKey(2)).current())),
    "current-of-another": (PLAIN, lambda one: revisions(count=0, **one.rng.choice((  # type: ignore[arg-type]
        {"document": "x"}, {"publisher": "somebody-else"})))(one)),
    "current-latest": (PLAIN, revisions(count=1, latest=bytes(32))),
    "current-hidden": (PLAIN, statement(lambda one: replace(one.world.current(worlds.revision(one.world.entry)), later=()))),
    "later-stray": (PLAIN, stray),
    "later-signed": (("signed",), signed_revision),
    "later-unproven": (PLAIN, unproven),
    "chain-none": (ONE_ANCHOR, lambda one: setattr(one, "evidence", ChainEvidence())),
    "chain-offline": (ONE_ANCHOR, lambda one: setattr(one, "evidence", ChainEvidence(offline=True))),
    "chain-down": (ONE_ANCHOR, lambda one: one.view(problem="down")),
    "chain-other": (ONE_ANCHOR, lambda one: one.view(chain_id=one.rng.choice((1, None)))),
    "chain-genesis": (ONE_ANCHOR, lambda one: one.view(genesis=one.rng.choice((bytes(32), None)))),
    "chain-code": (ONE_ANCHOR, lambda one: one.view(codehashes=one.rng.choice(({}, {REGISTRY: bytes(32)})))),
    "chain-no-finality": (ONE_ANCHOR, lambda one: one.view(final_height=None)),
    "chain-not-final": (ONE_ANCHOR, lambda one: one.view(final_height=one.rng.choice((0, 16)))),
    "chain-edge-final": (ONE_ANCHOR, lambda one: one.view(final_height=17)),
    "chain-unavailable": (ONE_ANCHOR, lambda one: one.view(hashes={})),
    "chain-denied": (ONE_ANCHOR, denied),
    "chain-two": (ONE_ANCHOR, two_views),
    "chain-two-again": (ONE_ANCHOR, two_views),
    "chain-two-third": (ONE_ANCHOR, two_views),
    "chain-pinned": (ONE_ANCHOR, lambda one: pin(one, right=True, alone=True)),
    "chain-pinned-other": (ONE_ANCHOR, lambda one: pin(one, right=False, alone=one.rng.random() < 0.5)),
    "chain-pinned-asked": (ONE_ANCHOR, lambda one: pin(one, right=True, alone=False)),
    "chain-pinned-denied": (ONE_ANCHOR, lambda one: (denied(one), pin(one, right=True, alone=False))[0]),
}  # fmt: skip


def forged(rng: Random, name: str) -> Draft:
    """Return a case with the change of that name."""
    bases, change = FORGERIES[name]
    one = draft(rng, *bases)
    change(one)
    return one


__all__ = ["CHAIN_ID", "FORGERIES", "FileDigest", "forged"]
