"""All changes of bundles, and the cases made with them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from notary.core.bundle import Meta
from notary.core.chain import ChainEvidence
from notary.core.profile import parse_profile
from notary.core.record import Status
from notary.core.text import canonical_plain
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, picture_digest
from tests.parity.breaking import (
    edit,
    edit_bytes,
    edit_meta,
    edit_record,
    edit_text,
    edit_trust,
    extra_line,
    final_lf,
    manifest,
    replace_bytes,
    trust_endpoints,
)
from tests.parity.bundles import FILE, ONE_ANCHOR, PLAIN, Draft, Value, draft
from tests.parity.change import CANONICAL, ELSEWHERE, FOREIGN, Change, Changes, bundle, nothing, record, several, world
from tests.parity.depths import VERSIONS
from tests.parity.forging import (
    AGES,
    LATER,
    about_another,
    bad_profile,
    bad_signature,
    commitment,
    current,
    lines,
    note,
    of_size,
    other_hashes,
    other_log,
    other_place,
    proof,
    publisher,
    revised,
    second_anchor,
    signed_revision,
    signed_twice,
    stray,
    text_not_canonical,
    unproven,
    without_document,
)
from tests.parity.proving import (
    header_count,
    header_encoding,
    header_field,
    header_number,
    node,
    node_encoding,
    other_event,
    other_nodes,
    place,
    receipt,
    receipt_encoding,
    reheaded,
)
from tests.parity.reading import (
    CANONICALS,
    FOREIGN_KEY,
    OTHER_FILE,
    OVERLAPS,
    PARTS,
    TYPOGRAPHY,
    UNREADABLE,
    WITH_MORE,
    copy_bytes,
    copy_of,
    evidence,
    foreign_trust,
    key_range,
    no_copy,
    no_trust,
    page,
    pinned,
    pinned_and_denied,
    trust,
    view,
    views,
)
from tests.parity.storing import STORED
from tests.worlds import ALTERED, META, NOW, REGISTRY, SALT, TEXT, LogKey

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
    "file-changed": (
        ("file",),
        1,
        several(copy_bytes(b"%PDF-1.7 another one", FILE[:-1]), no_copy, record(content=OTHER_FILE)),
    ),
    "document-none": (PLAIN, 1, record(document=None)),
    "document-none-current": (PLAIN, 1, without_document),
    "copy-identical": (PLAIN, 1, copy_of(CANONICAL)),
    "copy-changed": ((), 1, copy_of(ALTERED, TEXT.replace("7.5", "75"), TEXT + "More.\n")),
    "typography": (PLAIN, 1, copy_of(*TYPOGRAPHY)),
    "copy-canonical": (PLAIN, 1, copy_of(*PARTS, *CANONICALS, kind="canonical")),
    "copy-part": (PLAIN, 1, copy_of(*PARTS)),
    "copy-undecodable": (PLAIN, 1, copy_bytes(b"\xff\x00a", b"a\xe9b", b"\xff\xfe\x00\x00", b"\xfe\xff\xd8\x00")),
    "page": (
        ("page",),
        1,
        several(
            nothing,
            page(("1,204", "1,205")),
            page((SRC, "bridge.png"), images={"bridge.png": picture_digest()}),
            copy_bytes(PAGE_COPY, kind="html", charset="latin1"),
            copy_bytes(PAGE_COPY, kind="html", charset="none"),
            page(('id="article"', 'id="story"'), profile=parse_profile({**PROFILE, "body": "#story"})),
        ),
    ),
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
    "current-retracted": (PLAIN, 2, current(lambda one: revised(one, Status.RETRACTION))),
    "current-forged": (PLAIN, 1, current(lambda one: replace(one.world, key=LogKey(2)).current())),
    "current-of-another": (PLAIN, 1, current(about_another)),
    "current-latest": (PLAIN, 1, current(lambda one: revised(one, *one.pick((), (Status.UPDATE,)), latest=bytes(32)))),
    "current-hidden": (PLAIN, 1, current(lambda one: replace(revised(one, Status.UPDATE), later=()))),
    "later-stray": (PLAIN, 1, current(stray)),
    "later-signed": (("signed",), 1, current(signed_revision)),
    "later-unproven": (PLAIN, 1, current(unproven)),
}

EVIDENCE: tuple[Change, ...] = (
    evidence(ChainEvidence()),
    evidence(ChainEvidence(offline=True)),
    view({"problem": "down", "chain_id": None}, {"problem": "down"}),
    view({"chain_id": 1}, {"chain_id": None}),
    view({"genesis": bytes(32)}, {"genesis": None}),
    view({"codehashes": {}}, {"codehashes": {REGISTRY: bytes(32)}}),
    view({"final_height": None}),
    view({"final_height": 0}, {"final_height": 16}),
    view({"final_height": 17}),
    view({"hashes": {}}, {"hashes": {16: bytes(32), 18: bytes(32)}}),
    view({"hashes": {17: bytes(32)}}),
    views,
    views,
    lambda one: pinned(one, right=True, asked=False),
    lambda one: pinned(one, right=False, asked=one.pick(True, False)),
    lambda one: pinned(one, right=True, asked=True),
    pinned_and_denied,
)
"""What may be known of the chain; the check of it depends on nothing else, so that this is changed besides."""
BESIDES = ("file", "copy", "page", "text", "lines", "meta", "profile", "publisher", "current", "later", "document")

FORMS: tuple[Change, ...] = (edit, edit_record, edit_trust, edit_text, edit_bytes)
ANCHORED: tuple[Change, ...] = (*FORMS, header_field, other_nodes, place)


def two(one: Draft) -> None:
    """Forge, and break something besides."""
    forge = one.rng.choice([change for bases, _, change in FORGERIES.values() if bases in {PLAIN, ONE_ANCHOR}])
    forge(one)
    one.rng.choice(ANCHORED if one.bundle.anchors else FORMS)(one)


WELL: tuple[Change, ...] = (
    header_number,
    lambda one: header_count(one, 15, 16, 18, 21, 32),
    lambda one: reheaded(one, {12: bytes(15_000)}),
    final_lf,
)
BREAKAGES: Changes = {
    "json": ((), 2, edit),
    "json-record": ((), 1, edit_record),
    "json-meta": (("plain",), 1, edit_meta),
    "json-trust": ((), 1, edit_trust),
    "endpoints": ((), 1, trust_endpoints),
    "manifest": ((), 1, manifest),
    "bytes": ((), 1, edit_bytes),
    "replaced": (ONE_ANCHOR, 1, replace_bytes),
    "text": ((), 2, edit_text),
    "extra": (ONE_ANCHOR, 1, extra_line),
    "well": (ONE_ANCHOR, 1, lambda one: one.pick(*WELL)(one)),
    "header-field": (ONE_ANCHOR, 3, header_field),
    "header-few": (ONE_ANCHOR, 1, lambda one: header_count(one, 0, 14, 33)),
    "header-large": (ONE_ANCHOR, 1, lambda one: reheaded(one, {12: bytes(one.pick(16_384, 20_000))})),
    "header-encoding": (ONE_ANCHOR, 6, header_encoding),
    "receipt": (ONE_ANCHOR, 13, receipt),
    "receipt-encoding": (ONE_ANCHOR, 1, receipt_encoding),
    "place": (ONE_ANCHOR, 3, place),
    "nodes": (ONE_ANCHOR, 3, other_nodes),
    "node": (ONE_ANCHOR, 3, node),
    "node-encoding": (ONE_ANCHOR, 1, node_encoding),
    "other-event": (ONE_ANCHOR, 1, other_event),
    "two": (PLAIN, 2, two),
}
CHANGES = FORGERIES | BREAKAGES | STORED | VERSIONS
_ROTA = [(name, number) for name, (_, weight, _) in CHANGES.items() for number in range(weight)]
ROUND = len(_ROTA)


def make_bundle(seed: int, number: int) -> Value:
    """Return the case with this number of this seed; every :data:`ROUND` of them have every change."""
    name, repetition = _ROTA[number % ROUND]
    bases, weight, change = CHANGES[name]
    rng = Random(f"bundle/{seed}/{number}")
    one = draft(rng, number // ROUND * weight + repetition, bases)
    change(one)
    if name.startswith(BESIDES) and one.bundle.anchors and rng.random() < 0.5:
        EVIDENCE[number % len(EVIDENCE)](one)
    return one.finish()
