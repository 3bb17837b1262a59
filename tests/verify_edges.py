"""Vectors of the verification for what lies on an edge of a rule: the last moment, the second log, the shuffled list.

Each holds a sentence of ``docs/spec/verify.md`` that two readers could have taken in two ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notary.core import jcs
from notary.core.bundle import Bundle, Current, Later
from notary.core.chain import ChainEvidence, EndpointView, TrustedChain
from notary.core.copies import Copy
from notary.core.jcs import Json
from notary.core.note import verifier_key
from notary.core.profile import parse_profile
from notary.core.record import Commitment, FileDigest, Status, TextDigest
from notary.core.text import canonical_plain
from notary.core.trust import Trust, TrustedKey
from tests import worlds
from tests.pageworld import PAGE, PROFILE, SRC, PageWorld
from tests.verify_case import Case, case
from tests.worlds import CHAIN_ID, CODEHASH, GENESIS, LOG_ID, NOW, REGISTRY, TEXT, World

DAY_MS = 24 * 3600 * 1000
AHEAD_MS = 5 * 60 * 1000
MALFORMED: dict[str, Json] = {"spec": "notary-profile/1"}
CANONICAL = canonical_plain(TEXT.encode()).data
OTHER_CHAIN = 1
OTHER_REGISTRY = bytes.fromhex("44" * 20)
OTHER_LOG_ID = bytes.fromhex("55" * 32)
OTHER_GENESIS = bytes.fromhex("66" * 32)
OTHER_CODEHASH = bytes.fromhex("77" * 32)


def edges() -> Iterator[tuple[str, Case]]:
    """Yield the cases by the names of their files."""
    yield from _profiles()
    yield from _copies()
    yield from _identical()
    yield from _later()
    yield from _moments()
    yield from _endpoints()
    yield from _places()


# ------------------------------------------------------------------------------------------------------------ profiles


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


# ----------------------------------------------------------------------------------------------------- chains and logs


def _chain(chain_id: int = CHAIN_ID, **changes: Any) -> TrustedChain:
    return replace(TrustedChain(chain_id, GENESIS, REGISTRY, CODEHASH, LOG_ID, "finalized"), **changes)


def _other_world() -> World:
    """Return the same log, anchored on another chain and in another registry."""
    return World(chain_id=OTHER_CHAIN, registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID, number=18)


def _other_chain() -> TrustedChain:
    return TrustedChain(OTHER_CHAIN, OTHER_GENESIS, OTHER_REGISTRY, OTHER_CODEHASH, OTHER_LOG_ID, "finalized")


def _other_view(**changes: Any) -> EndpointView:
    world = _other_world()
    made = world.view(
        url="http://other.example",
        chain_id=OTHER_CHAIN,
        genesis=OTHER_GENESIS,
        codehashes={OTHER_REGISTRY: OTHER_CODEHASH},
    )
    return replace(made, **changes)


def _endpoints() -> Iterator[tuple[str, Case]]:
    world = World()
    trust = world.trust(chains=(_chain(), _other_chain()))
    ours, other = world.view(), _other_view()
    unasked = EndpointView(url="http://down.example", problem="down")
    both = world.bundle(anchors=(world.anchor(), _other_world().anchor()))

    def asked(desc: str, *views: EndpointView, bundle: Bundle | None = None, **changes: Any) -> Case:
        return case(desc, world, bundle, trust=trust, evidence=ChainEvidence(views=views, **changes))

    yield "two-chains-other-endpoint", asked("an endpoint of the other trusted chain, beside one of ours", ours, other)
    yield "two-chains-only-other", asked("an endpoint of the other trusted chain only", other)
    yield "two-chains-only-other-offline", asked("the same, offline", other, offline=True)
    yield "two-chains-down", asked("an endpoint that is down, of whichever chain", ours, other, unasked)
    yield "two-chains-down-ours", asked("one of ours is down", ours, replace(unasked, chain_id=CHAIN_ID))
    yield "two-chains-down-other", asked("one of the other chain is down", ours, replace(unasked, chain_id=OTHER_CHAIN))
    yield (
        "two-chains-down-untrusted",
        asked("one of a chain that is not trusted is down", ours, replace(unasked, chain_id=5)),
    )
    yield "two-chains-silent", asked("an endpoint that does not say its chain", ours, replace(other, chain_id=None))
    yield "two-chains-untrusted", asked("an endpoint of a chain that is not trusted", ours, replace(other, chain_id=5))
    denying = replace(other, hashes={18: bytes(32)})
    yield (
        "two-chains-other-denies",
        asked("the other chain's endpoint denies a block that is not asked about", ours, denying),
    )
    yield "two-anchors", asked("two anchors on two chains, an endpoint for each", ours, other, bundle=both)
    yield "two-anchors-one-endpoint", asked("two anchors on two chains, an endpoint for one", ours, bundle=both)
    yield "two-anchors-down", asked("two anchors, and an endpoint that is down", ours, other, unasked, bundle=both)
    yield "two-anchors-denied", asked("the second of two anchors is denied", ours, denying, bundle=both)
    pinned = frozenset({ours.hashes[17]})
    yield "two-anchors-one-pinned", asked("two anchors, one of them pinned", ours, other, bundle=both, pinned=pinned)
    first_down = asked("of two problems that of the first endpoint", replace(ours, final_height=None), unasked)
    yield "two-problems", first_down


def _places() -> Iterator[tuple[str, Case]]:
    world = World()

    def trusting(*chains: TrustedChain) -> Trust:
        return world.trust(chains=chains)

    name = "other.example/log"
    key = TrustedKey(verifier_key(name, world.key.public), 0, None)
    foreign = replace(world.trust(), origin=name, keys=(key,))
    elsewhere = World(registry=bytes(20))
    yield (
        "log-not-trusted-other-registry",
        case("another registry, and a trust file for another log", elsewhere, trust=foreign),
    )
    contradicting = replace(world.anchor(), log_id=OTHER_LOG_ID)
    yield (
        "log-not-trusted-contradiction",
        case(
            "a receipt of another log id, and a trust file for another log",
            world,
            world.bundle(anchors=(contradicting,)),
            trust=foreign,
        ),
    )
    second = trusting(_chain(log_id=OTHER_LOG_ID), _chain())
    yield "two-log-ids", case("two log ids of one registry are trusted", world, trust=second)
    yield "two-log-ids-third", case("a third log id of the registry", World(log_id=bytes(32)), trust=second)
    registries = trusting(_chain(registry=OTHER_REGISTRY), _chain())
    yield "two-registries", case("two registries of one chain are trusted", world, trust=registries)
    mixed = World(registry=OTHER_REGISTRY, log_id=LOG_ID)
    crossed = trusting(_chain(), _chain(registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID))
    yield (
        "two-registries-crossed",
        case("the registry of one trusted place, the log id of another", mixed, trust=crossed),
    )
    chains = trusting(_chain(), _other_chain())
    swapped = World(registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID)
    yield "place-of-another-chain", case("the place of one trusted chain, on the other", swapped, trust=chains)
    far = World(chain_id=5)
    yield "place-on-unknown-chain", case("the trusted place, on a chain that is not trusted", far, trust=chains)
    partly = World(chain_id=5, log_id=OTHER_LOG_ID)
    yield (
        "registry-on-unknown-chain",
        case("the trusted registry alone, on a chain that is not trusted", partly, trust=chains),
    )
    yield "no-chains", case("a trust file without chains", world, trust=trusting())
