"""Changes of what a reader brings: copies of the article, a trust file, and what endpoints answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from notary.core.chain import ChainEvidence
from notary.core.copies import Copy
from notary.core.evm import parse_header
from notary.core.note import verifier_key
from notary.core.record import FileDigest
from notary.core.trust import TrustedKey
from tests.pageworld import PAGE, SRC
from tests.parity.bundles import Draft, honest
from tests.parity.change import CANONICAL, FOREIGN, Change
from tests.worlds import ORIGIN, TEXT, LogKey


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
    ("it.</p>", "it.</p><p hidden>On Sundays.</p>"),
    ("it.</p>", "it.</p><button>Cross</button>"),
    ('"/map"', '"/elsewhere"'),
    ("it.</p>", 'it.</p><p class="share">By Mill plc</p>'),
    (SRC, "data:image/png;base64,AAAA"),
    (SRC, "bridge.png"),
    ("<p><img", "<p><video></video><img"),
    (f'<img src="{SRC}" alt="The bridge">', ""),
)
PARTS = (
    "",
    " \n\t",
    "\u200b",
    "Old Mill Bridge closed",
    "Old Mill Bridge closed\n\n",
    "\n\n",
    "\n" + TEXT,
    "\ufeff" + TEXT,
    TEXT + "\u202e",
    TEXT + "\u0378",
)
TYPOGRAPHY = (
    TEXT.replace("it.\n", "it. "),
    TEXT.replace("closed\n\n", "closed "),
    TEXT.replace("it.", "it\u2024").replace("\u2024", "．"),
)

CANONICALS = (CANONICAL.replace("Cars", "Vans"), CANONICAL, CANONICAL + "\n")
WITHOUT_ID = PAGE.replace(' id="article"', "")
OVERLAPS = (
    WITHOUT_ID.replace("<h1>", '<h1 id="article">').encode(),
    WITHOUT_ID.replace("<h1>Old", '<h1><i id="article">Old</i>').encode(),
)
UNREADABLE = (PAGE.encode().replace(b"Cars", b"C\xe9rs"), b"\x00<h1>x</h1>", b"", b'<h1>x</h1><div id="article"></div>')
OTHER_FILE = FileDigest(bytes(32), 5, "image/png")


def no_copy(one: Draft) -> None:
    one.copy = None


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
    other = one.pick(
        replace(good, hashes=dict.fromkeys(good.hashes, bytes(32))),
        replace(good, problem="down"),
        good,
        replace(good, chain_id=1),
    )
    pair = [good, other]
    one.rng.shuffle(pair)
    one.evidence = replace(known, views=tuple(pair))


def evidence(given: ChainEvidence) -> Change:
    def change(one: Draft) -> None:
        one.evidence = given

    return change


def pinned(one: Draft, *, right: bool, asked: bool) -> None:
    known = one.evidence or honest(one.bundle)
    hashes = (
        [parse_header(anchor.header).hash for anchor in one.bundle.receipt_anchors]
        if right
        else [one.rng.randbytes(32)]
    )
    one.evidence = replace(known, pinned=frozenset(hashes), views=known.views if asked else ())


def pinned_and_denied(one: Draft) -> None:
    one.view(hashes={17: bytes(32)})
    pinned(one, right=True, asked=True)
