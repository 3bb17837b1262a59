"""The vectors of the whole verification: made from :mod:`tests.worlds`, kept in ``tests/vectors/verify``.

``python -m tests.verify_vectors`` writes them anew; a test holds the files against what is made here, so that a change
of a format or of a check shows. A case is input (bundle, trust file, evidence, copy, time) and what must come out: the
report, or an error code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from notary.core.bundle import Meta
from notary.core.chain import ChainEvidence
from notary.core.copies import Copy
from notary.core.note import verifier_key
from notary.core.profile import parse_profile
from notary.core.record import Commitment, FileDigest, Status
from notary.core.text import canonical_plain
from notary.core.trust import TrustedKey
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, PageWorld, picture_digest
from tests.verify_case import Case, case, run
from tests.verify_edges import edges
from tests.verify_places import places
from tests.verify_second import depth, storage
from tests.worlds import ALTERED, NOW, ORIGIN, REGISTRY, TEXT, LogKey, World

FOLDER = Path(__file__).parent / "vectors" / "verify"
EMPTY_PAGE = b'<h1> </h1><div id="article"> </div>'


def cases() -> dict[str, Case]:
    """Return all cases by the names of their files."""
    parts = (_log(), _chain(), _published(), _pages(), _revisions(), _unusable(), edges(), places(), storage(), depth())
    return {name: made for part in parts for name, made in part}


def _log() -> Iterator[tuple[str, Case]]:
    world = World()
    yield "match", case("everything holds", world)
    other = worlds.entry(worlds.record(language="en"))
    yield "not-included", case("another entry than the one proven", world, world.bundle(entry=other))
    yield "no-trust", case("without a trust file", world, no_trust=True)
    foreign = replace(
        world.trust(),
        origin="other.example/log",
        keys=(TrustedKey(verifier_key("other.example/log", world.key.public), 0, None),),
    )
    yield "log-not-trusted", case("a trust file for another log", world, trust=foreign)
    stranger = replace(world.trust(), keys=(TrustedKey(verifier_key(ORIGIN, LogKey(2).public), 0, None),))
    yield "unknown-key", case("signed with a key that is not trusted", world, trust=stranger)
    for first, last, word in ((4, 4, "inside"), (5, None, "before"), (0, 3, "after")):
        ranged = replace(world.trust(), keys=(TrustedKey(verifier_key(ORIGIN, world.key.public), first, last),))
        yield f"key-range-{word}", case(f"size 4 is {word} the key's range", world, trust=ranged)
    yield "pending", case("no anchor yet", world, world.bundle(anchors=()))
    yield "pending-included", case("no anchor yet, but included", world, world.bundle(anchors=(), proof=world.proof()))
    elsewhere = World(origin="other.example/log", key=LogKey(name="other.example/log"))
    yield "wrong-origin", case("a checkpoint of another log", elsewhere)
    yield "other-size", case("the event is about another size", World(event_size=5))
    yield "other-root", case("the event is about another root", World(event_root=bytes(32)))
    yield "other-registry", case("anchored in another registry", World(registry=bytes(20)))
    yield "other-log-id", case("anchored under another log id", World(log_id=bytes(32)))
    claimed = replace(World(registry=bytes(20)).anchor(), registry=REGISTRY)
    yield "claimed-registry", case("claims a registry that its receipt denies", world, world.bundle(anchors=(claimed,)))
    misplaced = replace(world.anchor(), registry=bytes(20))
    yield (
        "misplaced",
        case("another registry, and a receipt of the trusted one", world, world.bundle(anchors=(misplaced,))),
    )
    far = World(chain_id=1, registry=bytes(20), log_id=bytes(32))
    yield "unknown-chain", case("anchored on a chain that is not trusted", far)
    second = replace(world, event_size=9).anchor()
    yield (
        "second-anchor-false",
        case("the second of two anchors is false", world, world.bundle(anchors=(world.anchor(), second))),
    )


def _chain() -> Iterator[tuple[str, Case]]:
    world = World()
    denying = world.view(hashes={world.number: bytes(32)})
    for name, changes in {
        "endpoint-failed": {"problem": "down"},
        "wrong-chain": {"chain_id": 1},
        "wrong-genesis": {"genesis": bytes(32)},
        "no-registry-code": {"codehashes": {}},
        "wrong-registry-code": {"codehashes": {REGISTRY: bytes(32)}},
        "no-finality": {"final_height": None},
        "not-final": {"final_height": world.number - 1},
        "block-unavailable": {"hashes": {}},
    }.items():
        view = world.view(**changes)  # type: ignore[arg-type]
        yield name, case(f"the endpoint: {name}", world, evidence=world.evidence(view))
    yield (
        "one-of-two-down",
        case("one of two endpoints is down", world, evidence=world.evidence(world.view(), world.view(problem="down"))),
    )
    yield "denied", case("another block is final there", world, evidence=world.evidence(denying))
    yield "disagreement", case("two endpoints disagree", world, evidence=world.evidence(world.view(), denying))
    yield "no-endpoint", case("no endpoint", world, evidence=ChainEvidence())
    yield "offline", case("offline", world, evidence=ChainEvidence(offline=True))
    pinned = frozenset({world.view().hashes[world.number]})
    yield "pinned", case("the block hash is pinned", world, evidence=ChainEvidence(pinned=pinned, offline=True))
    yield (
        "pinned-another",
        case("another block hash is pinned", world, evidence=ChainEvidence(pinned=frozenset({bytes(32)}))),
    )
    yield (
        "pinned-and-denied",
        case("pinned, but denied", world, evidence=ChainEvidence(views=(denying,), pinned=pinned)),
    )


def _published() -> Iterator[tuple[str, Case]]:
    world = World()
    canonical = canonical_plain(TEXT.encode()).data
    altered = canonical_plain(ALTERED.encode()).data.decode()
    salted = Meta(bytes(32), worlds.META)
    yield "meta-mismatch", case("other meta data", world, world.bundle(meta=salted))
    yield "meta-erased", case("the meta data are not disclosed", world, world.bundle(meta=None))
    yield "profile-unknown", case("a profile that the record does not name", world, world.bundle(profile={}))
    yield "text-altered", case("another text in the bundle", world, world.bundle(text=altered))
    yield "text-not-canonical", case("a text in the bundle that is not canonical", world, world.bundle(text="a\r\nb"))
    yield "text-withheld", case("no text and no copy", world, world.bundle(text=None))
    plain, lines = Copy(TEXT.encode(), "plain"), replace(worlds.text_digest(), lines=3)
    yield "text-withheld-copy", case("no text, but a copy", world, world.bundle(text=None), copy=plain)
    yield "lines-mismatch", case("the record has other lines", World(entry=worlds.entry(worlds.record(content=lines))))
    yield "copy-same", case("a copy of the text", world, copy=plain)
    yield "copy-identical", case("the canonical bytes as the copy", world, copy=Copy(canonical, "plain"))
    yield "copy-changed", case("a changed copy", world, copy=Copy(ALTERED.encode(), "plain"))
    yield (
        "copy-typography",
        case("a copy with other line breaks", world, copy=Copy(TEXT.replace("it.\n", "it. ").encode(), "plain")),
    )
    yield "copy-unreadable", case("a copy that cannot be read", world, copy=Copy(b"\xff\x00", "plain"))
    file = World(entry=worlds.entry(worlds.record(content=FileDigest(bytes(32), 3, "application/pdf"))))
    yield "file-without-copy", case("a file, and no copy", file, file.bundle(text=None))
    yield "file-changed", case("a file, and another copy", file, file.bundle(text=None), copy=plain)
    held = World(entry=worlds.entry(worlds.record(content=Commitment(bytes(32), "2027-01-01T00:00:00Z"))))
    yield "commitment", case("a commitment that is not revealed", held, held.bundle(text=None))
    same = Copy(b"%PDF-1.7", "plain")
    content = FileDigest(hashlib.sha256(same.data).digest(), len(same.data), "application/pdf")
    kept = World(entry=worlds.entry(worlds.record(content=content)))
    yield "file-same", case("a file, and the same copy", kept, kept.bundle(text=None), copy=same)
    yield "signed", case("signed by the publisher", World(entry=worlds.signed(worlds.record())))
    forged = worlds.signed(worlds.record(), b"\x02" * 32)
    yield "signed-by-another", case("signed with another key than the record names", World(entry=forged))
    spoken = World(entry=worlds.entry(worlds.record(meta_sha256=None)))
    yield "meta-unspoken", case("meta data that the record does not speak of", spoken)
    yield "text-of-file", case("a text for a record about a file", file)
    root = replace(worlds.text_digest(), lines_root=bytes(32))
    yield (
        "lines-root",
        case("the record has another lines root", World(entry=worlds.entry(worlds.record(content=root)))),
    )
    yield "copy-part", case("a copy without a body", world, copy=Copy(b"Old Mill Bridge closed", "plain"))
    yield "copy-canonical", case("another canonical document", world, copy=Copy(altered.encode(), "canonical"))
    hidden = world.bundle(text=None)
    yield (
        "copy-of-withheld",
        case("a changed copy of a text withheld", world, hidden, copy=Copy(ALTERED.encode(), "plain")),
    )
    yield "copy-of-commitment", case("a copy of what is not revealed", held, held.bundle(text=None), copy=plain)
    bundle = world.bundle(text=altered)
    yield (
        "copy-beside-another",
        case("a changed copy, beside a false text", world, bundle, copy=Copy(b"a\n\nb", "plain")),
    )
    yield "media", case("media that were not compared", World(entry=worlds.entry(worlds.record(media=(bytes(32),)))))


def _pages() -> Iterator[tuple[str, Case]]:
    world = PageWorld()
    bundle, same = world.page_bundle(), PAGE.encode()

    def page(desc: str, old: str, new: str, **changes: Any) -> Case:
        return case(desc, world, bundle, copy=Copy(PAGE.replace(old, new).encode(), "html", **changes))

    yield "page-same", case("the page itself", world, bundle, copy=Copy(same, "html"))
    yield "page-other-frame", page("the page with another view counter", "1,204", "1,205")
    yield "page-changed", page("a word less", "<b>not</b> ", "")
    yield "page-typography", page("other line breaks", "it.</p><p>", "it. ")
    yield "page-hidden", page("the same text, and a hidden sentence", "it.</p>", "it.</p><p hidden>On Sundays.</p>")
    yield "page-button", page("the same text, and a button", "it.</p>", "it.</p><button>Cross</button>")
    yield (
        "page-ignored",
        page("the same text, and an ignored one", "it.</p>", 'it.</p><p class="share">By Mill plc</p>'),
    )
    yield "page-link", page("another target of the link", '"/map"', '"/elsewhere"')
    yield "page-image", page("another image", SRC, "data:image/png;base64,AAAA")
    yield "page-image-unknown", page("an image without a digest", SRC, "bridge.png")
    yield (
        "page-image-supplied",
        page("an image that lies beside the page", SRC, "bridge.png", images={"bridge.png": picture_digest()}),
    )
    yield "page-no-match", page("no such element", 'id="article"', 'id="story"')
    yield (
        "page-own-profile",
        page(
            "the reader's profile", 'id="article"', 'id="story"', profile=parse_profile({**PROFILE, "body": "#story"})
        ),
    )
    yield "page-ambiguous", page("two such elements", '<div class="foot"', '<div id="article" class="foot"')
    yield "page-bidi", page("an override", "Cars", "\u202eCars")
    yield "page-undecodable", case("no UTF-8", world, bundle, copy=Copy(same.replace(b"Cars", b"C\xe9rs"), "html"))
    bare = PAGE.replace(f'<img src="{SRC}" alt="The bridge">', "")
    plain = PageWorld(bare.encode())
    data = bare.replace("it.</p>", "it.</p><p hidden>On Sundays.</p>").encode()
    yield (
        "page-hidden-no-media",
        case("no image, and a hidden sentence", plain, plain.page_bundle(), copy=Copy(data, "html")),
    )
    yield "page-empty", case("nothing in the regions", world, bundle, copy=Copy(EMPTY_PAGE, "html"))
    other = world.page_bundle(profile={**PROFILE, "body": "main"})
    yield "page-other-profile", case("another profile than the recorded one", world, other)
    alone = world.page_bundle(profile=None)
    yield "page-no-profile", case("a page without any profile", world, alone, copy=Copy(same, "html"))
    withheld = world.page_bundle(text=None)
    yield "page-text-withheld", case("a page for a text withheld", world, withheld, copy=Copy(same, "html"))
    assert bundle.text is not None
    text = Copy(bundle.text.encode(), "canonical")
    yield "page-text-only", case("a text cannot show images", world, bundle, copy=text)


def _revisions() -> Iterator[tuple[str, Case]]:
    world = World()
    second = worlds.revision(world.entry)
    third = worlds.revision(second, status=Status.RETRACTION)
    yield "current", case("the latest revision", world, world.bundle(current=world.current()))
    yield "current-stale", case("an old statement", world, world.bundle(current=world.current(time=0)))
    yield "older-revision", case("there is a later revision", world, world.bundle(current=world.current(second)))
    yield "retracted", case("it was retracted", world, world.bundle(current=world.current(second, third)))
    forged = replace(world, key=LogKey(2)).current()
    yield "current-forged", case("a statement by another key", world, world.bundle(current=forged))
    yield "current-of-another", case("about another document", world, world.bundle(current=world.current(document="x")))
    stranger = world.bundle(current=world.current(publisher="another-office"))
    yield "current-of-another-publisher", case("about a document of another publisher", world, stranger)
    future = world.bundle(current=world.current(time=NOW + 300_001))
    yield "current-from-the-future", case("a statement of more than five minutes ahead", world, future)
    yield "current-ahead", case("five minutes ahead", world, world.bundle(current=world.current(time=NOW + 300_000)))
    broken = replace(world.current(), statement=b"no note\n")
    yield "current-malformed", case("a statement that is no note", world, world.bundle(current=broken))
    undocumented = World(entry=worlds.entry(worlds.record(document=None)))
    stated = undocumented.bundle(current=undocumented.current())
    yield "no-document", case("no document", undocumented)
    yield "current-without-document", case("a statement about no document", undocumented, stated)
    latest = world.bundle(current=world.current())
    yield "current-no-trust", case("a statement without a trust file", world, latest, no_trust=True)
    key = LogKey(1, "other.example/log")
    keys = (TrustedKey(verifier_key(key.name, key.public), 0, None),)
    foreign = replace(world.trust(), origin=key.name, keys=keys)
    yield "current-log-not-trusted", case("a statement of a log that is not trusted", world, latest, trust=foreign)
    author = World(entry=worlds.signed(worlds.record()))
    good = worlds.signed(worlds.revision(author.entry).record)
    yield "later-signed", case("revised by the publisher's key", author, author.bundle(current=author.current(good)))
    forged_later = worlds.signed(good.record, b"\x02" * 32)
    bundle = author.bundle(current=author.current(forged_later))
    yield "later-signed-by-another", case("revised by another key", author, bundle)
    hidden = replace(world.current(second), later=())
    yield "later-hidden", case("names a revision that is not shown", world, world.bundle(current=hidden))
    stray = worlds.revision(worlds.entry(time=5))
    yield "later-stray", case("a later entry that does not follow", world, world.bundle(current=world.current(stray)))
    current = world.current(second)
    unproven = replace(current.later[0], proof=replace(current.later[0].proof, index=0))
    bundle = world.bundle(current=replace(current, later=(unproven,)))
    yield "later-unproven", case("a later entry that is not in the log", world, bundle)
    unchecked = world.evidence(world.view(final_height=1))
    bundle = world.bundle(current=current)
    yield "older-unchecked", case("superseded, but the chain was not checked", world, bundle, evidence=unchecked)


def _unusable() -> Iterator[tuple[str, Case]]:
    world = World()
    good = world.bundle().encode()
    yield "bundle-final-lf", case("one final line feed is tolerated", world, good + b"\n")
    for name, data in {
        "bundle-two-lf": good + b"\n\n",
        "bundle-empty": b"",
        "bundle-html": b"<!doctype html><p>404",
        "bundle-truncated": good[:-1],
        "bundle-space": good.replace(b'"anchors":', b'"anchors": ', 1),
        "bundle-unknown-member": good.replace(b'{"anchors":', b'{"aa":1,"anchors":', 1),
        "bundle-duplicate-member": good.replace(b'{"anchors":', b'{"anchors":[],"anchors":', 1),
        "bundle-other-version": good.replace(b"notary-bundle/1", b"notary-bundle/2", 1),
        "bundle-upper-case-hex": good.replace(b'"log_id":"0x11', b'"log_id":"0xAA', 1),
        "bundle-not-utf-8": good.replace(b"Bridge", b"Br\xffdge", 1),
    }.items():
        yield name, case(f"not a bundle: {name.removeprefix('bundle-')}", world, data)
    trust = world.trust().encode()
    yield (
        "trust-spaced",
        case("a trust file may be written in any way", world, trust=json.dumps(json.loads(trust), indent=2).encode()),
    )
    unknown = trust.replace(b'{"chains"', b'{"aa":1,"chains"', 1)
    yield "trust-unknown-member", case("a trust file with an unknown member", world, trust=unknown)


def encode(given: Case) -> str:
    """Return the text of a vector's file: the case and its result."""
    return json.dumps({**given, **run(given)}, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def write() -> None:
    """Write all vectors anew."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name, given in cases().items():
        (FOLDER / f"{name}.json").write_text(encode(given), "utf-8")


if __name__ == "__main__":
    write()
