"""Vectors of the verification for what lies on an edge of a rule: the empty copy, the shuffled list, the last moment.

Each holds a sentence of ``docs/spec/verify.md`` that two readers could have taken in two ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from notary.core import jcs
from notary.core.bundle import Bundle, Current, Later
from notary.core.copies import Copy
from notary.core.jcs import Json
from notary.core.profile import parse_profile
from notary.core.record import Commitment, FileDigest, Status, TextDigest
from notary.core.text import canonical_plain
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, PageWorld
from tests.verify_case import Case, case
from tests.worlds import NOW, TEXT, World

DAY_MS = 24 * 3600 * 1000
AHEAD_MS = 5 * 60 * 1000
MALFORMED: dict[str, Json] = {"spec": "notary-profile/1"}
CANONICAL = canonical_plain(TEXT.encode()).data


def edges() -> Iterator[tuple[str, Case]]:
    """Yield the cases by the names of their files."""
    yield from _profiles()
    yield from _copies()
    yield from _identical()
    yield from _later()
    yield from _moments()
    yield from _ancestors()
    yield from _empty()


# ------------------------------------------------------------------------------------------------------------ profiles


def _ancestors() -> Iterator[tuple[str, Case]]:
    """Yield pages in which an ancestor of the article has a style that is refused: that is no fault of the profile."""
    world = PageWorld()
    for name, style in {"direction": "direction:rtl", "escape": "col\\6f r:red"}.items():
        page = PAGE.replace('<div id="article">', f'<div style="{style}"><div id="article">', 1)
        copy = Copy(page.encode(), "html")
        yield f"page-ancestor-{name}", case(f"an ancestor with {style}", world, world.page_bundle(), copy=copy)


def _empty() -> Iterator[tuple[str, Case]]:
    """Yield bundles in which a part is empty: bytes may be, and are no proof then; a text may not."""
    world = World()
    anchor = world.anchor()
    yield "anchor-no-nodes", case("no node of the trie", world, world.bundle(anchors=(replace(anchor, nodes=()),)))
    yield "anchor-no-header", case("no byte of a header", world, world.bundle(anchors=(replace(anchor, header=b""),)))
    empty = replace(world.current(), statement=b"")
    yield "current-empty", case("an empty statement", world, world.bundle(current=empty))


def _malformed() -> tuple[World, Bundle]:
    """Return a world whose record names a profile that is none, and its bundle, which discloses it."""
    recorded = PageWorld().entry.record
    assert isinstance(recorded.content, TextDigest)
    content = replace(recorded.content, profile_sha256=hashlib.sha256(jcs.dumps(MALFORMED)).digest())
    world = World(entry=worlds.entry(replace(recorded, content=content)))
    return world, world.bundle(text=PageWorld().page_bundle().text, profile=MALFORMED)


def _profiles() -> Iterator[tuple[str, Case]]:
    world, bundle = _malformed()
    page = PAGE.encode()
    own = parse_profile(PROFILE)
    assert bundle.text is not None
    yield "profile-malformed", case("the bundle's profile is none, and no copy needs it", world, bundle)
    text = Copy(bundle.text.replace("\n", "\r\n").encode(), "plain")
    yield (
        "profile-malformed-text",
        case("the bundle's profile is none, and the copy is a text", world, bundle, copy=text),
    )
    yield (
        "profile-malformed-page",
        case("a page, and the bundle's profile is none", world, bundle, copy=Copy(page, "html")),
    )
    unreadable = Copy(b"\xff", "html")
    yield (
        "profile-malformed-page-unreadable",
        case("the bundle's profile is looked at before the page", world, bundle, copy=unreadable),
    )
    yield (
        "profile-malformed-own",
        case("the reader's profile stands in for one that is none", world, bundle, copy=Copy(page, "html", own)),
    )
    good = PageWorld()
    other = good.page_bundle(profile={**PROFILE, "body": "main"})
    yield (
        "profile-mismatch-own",
        case("another profile than the recorded one, and the reader's", good, other, copy=Copy(page, "html", own)),
    )
    unread = case("the reader's profile is none", good, good.page_bundle(), copy=Copy(page, "html"))
    unread["copy"]["profile"] = MALFORMED
    yield "profile-own-malformed", unread
    written = good.page_bundle().encode()
    start = written.index(b'"profile":') + len(b'"profile":')
    end = written.index(b',"spec":"notary-bundle/1"')
    for name, value in {"array": b"[]", "null": b"null", "string": b'"h1"'}.items():
        data = written[:start] + value + written[end:]
        yield f"profile-{name}", case(f"a profile that is no object: {name}", good, data)


# -------------------------------------------------------------------------------------------------------------- copies


def _file(data: bytes) -> World:
    content = FileDigest(hashlib.sha256(data).digest(), len(data), "application/pdf")
    return World(entry=worlds.entry(worlds.record(content=content)))


def _copies() -> Iterator[tuple[str, Case]]:
    world = World()
    for name, desc, copy in (
        ("copy-empty", "a copy without a byte", Copy(b"", "plain")),
        ("copy-blank", "a copy of white space only", Copy(b" \n\t\n\xe3\x80\x80", "plain")),
        ("copy-deleted-only", "a copy of code points that are deleted", Copy("\u200b\n\u00ad".encode(), "plain")),
        ("copy-empty-canonical", "a canonical copy without a byte", Copy(b"", "canonical")),
        ("copy-one-line-canonical", "a canonical copy without a title", Copy(b"Cars are not affected.", "canonical")),
        ("copy-title-invisible", "a copy with a title that shows nothing", Copy("\u200d\nCars.".encode(), "plain")),
        ("copy-body-invisible", "a copy with a body that shows nothing", Copy("Cars\n\n\u200d".encode(), "canonical")),
    ):
        yield name, case(desc, world, copy=copy)
    file = _file(b"%PDF-1.7")
    yield (
        "file-empty-copy",
        case("a file, and a copy without a byte", file, file.bundle(text=None), copy=Copy(b"", "plain")),
    )
    held = World(entry=worlds.entry(worlds.record(content=Commitment(bytes(32), "2027-01-01T00:00:00Z"))))
    yield (
        "copy-empty-of-commitment",
        case("a copy without a byte of what is not revealed", held, held.bundle(text=None), copy=Copy(b"", "plain")),
    )
    page = PageWorld()
    bundle = page.page_bundle()

    def changed(desc: str, new: str) -> Case:
        return case(desc, page, bundle, copy=Copy(PAGE.replace("it.</p>", new).encode(), "html"))

    yield "page-image-twice", changed("the recorded image twice", f'it.<img src="{SRC}"></p>')
    yield "page-no-bytes", case("a page without a byte", page, bundle, copy=Copy(b"", "html"))
    other = World(entry=worlds.entry(worlds.record(language="en")))
    yield (
        "copy-unreadable-beside-false-evidence",
        case(
            "a copy that cannot be read, and false evidence",
            World(),
            World().bundle(entry=other.entry),
            copy=Copy(b"\xff", "plain"),
        ),
    )
    yield "bundle-and-trust-malformed", case("neither bundle nor trust file can be used", world, b"{}", trust=b"[]")
    blank = '<h1>Old Mill Bridge closed</h1><div id="article"> <br> </div>'
    yield "page-no-body", case("a page whose body is white space", page, bundle, copy=Copy(blank.encode(), "html"))
    untitled = '<h1> </h1><div id="article">Cars are not affected.</div>'
    yield "page-no-title", case("a page whose title is white space", page, bundle, copy=Copy(untitled.encode(), "html"))


def _identical() -> Iterator[tuple[str, Case]]:
    world = World()
    same = Copy(CANONICAL, "html")
    yield "identical-html", case("the recorded bytes, called a page, without any profile", world, copy=same)
    hidden = world.bundle(text=None)
    yield (
        "identical-html-withheld",
        case("the recorded bytes, called a page, of a text withheld", world, hidden, copy=same),
    )
    yield "identical-canonical", case("the recorded bytes, called canonical", world, copy=Copy(CANONICAL, "canonical"))
    raw = TEXT.replace("\n", "\r\n").encode()
    content = TextDigest(hashlib.sha256(raw).digest(), len(raw.split(b"\n")), bytes(32))
    odd = World(entry=worlds.entry(worlds.record(content=content)))
    yield (
        "identical-not-canonical",
        case("the recorded bytes, which are no canonical text", odd, odd.bundle(text=None), copy=Copy(raw, "plain")),
    )
    yield (
        "identical-not-canonical-disclosed",
        case(
            "the recorded bytes, no canonical text, in bundle and copy",
            odd,
            odd.bundle(text=raw.decode()),
            copy=Copy(raw, "plain"),
        ),
    )
    pdf = b"%PDF-1.7"
    file = _file(pdf)
    yield (
        "file-same-html",
        case("the recorded file, called a page", file, file.bundle(text=None), copy=Copy(pdf, "html")),
    )


# ----------------------------------------------------------------------------------------------------------- revisions


def _later() -> Iterator[tuple[str, Case]]:
    world = World()
    second = worlds.revision(world.entry)
    third = worlds.revision(second, status=Status.UPDATE, time=NOW - 50_000)
    retraction = worlds.revision(second, status=Status.RETRACTION)
    other = worlds.revision(world.entry, status=Status.UPDATE, time=NOW - 55_000)

    def listed(desc: str, current: Current, *later: Later) -> Case:
        return case(desc, world, world.bundle(current=replace(current, later=later)))

    chain = world.current(second, third)
    one, two = chain.later
    yield "later-two", case("two later revisions, each of the one before", world, world.bundle(current=chain))
    yield "later-shuffled", listed("the same two, the other way round", chain, two, one)
    yield "later-gap", listed("the last of them alone", chain, two)
    yield "later-twice", listed("one of them twice", chain, one, one, two)
    yield "later-not-the-last", listed("the first of them alone", chain, one)
    yield "later-too-many", listed("one more than the statement names", world.current(second), *chain.later)
    fork = world.current(second, other)
    yield "later-fork", case("two revisions of the same one", world, world.bundle(current=fork))
    yield "later-fork-last", listed("the one of a fork that the statement names", fork, fork.later[1])
    stated = world.current(second, other, latest=second.leaf_hash())
    yield "later-fork-first", listed("the other one of a fork, where the statement names it", stated, stated.later[0])
    revived = worlds.revision(retraction, status=Status.UPDATE, time=NOW - 40_000)
    yield (
        "later-after-retraction",
        case(
            "retracted, and updated after that", world, world.bundle(current=world.current(second, retraction, revived))
        ),
    )
    # The log has the later entry at a lower index than the one it follows.
    leaves = World(before=0, after=[world.entry.leaf_hash()], entry=second)
    ours = replace(leaves.anchor(), proof=leaves.proof(1))
    statement = leaves.current(latest=second.leaf_hash())
    bundle = world.bundle(anchors=(ours,), current=replace(statement, later=(Later(second, leaves.proof()),)))
    evidence = leaves.evidence()
    yield "later-at-a-lower-index", case("a later entry that was logged before", world, bundle, evidence=evidence)


def _moments() -> Iterator[tuple[str, Case]]:
    world = World()
    for name, desc, time in (
        ("current-a-day-old", "a statement of exactly 24 hours ago", NOW - DAY_MS),
        ("current-almost-a-day-old", "a statement of a millisecond less than 24 hours ago", NOW - DAY_MS + 1),
        ("current-over-a-day-old", "a statement of a millisecond more than 24 hours ago", NOW - DAY_MS - 1),
    ):
        yield name, case(desc, world, world.bundle(current=world.current(time=time)))
    second = worlds.revision(world.entry)
    for name, time in (("old", 0), ("ahead", NOW + AHEAD_MS + 1)):
        bundle = world.bundle(current=world.current(second, time=time))
        yield f"older-revision-{name}", case(f"a later revision, by a statement that is {name}", world, bundle)
