"""What a profile takes of a page, and what it leaves: for the publisher, who confirms that nothing is missing."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core.html import Page, Tree, read_tree
from notary.core.html.match import Matcher
from notary.core.html.tree import shown_text
from notary.core.jcs import Json
from notary.errors import NotaryError, Unselectable
from notary.ingest.outline import label, pieces

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from notary.core.profile import Profile
    from notary.ingest.outline import Piece

MAX_NAMED = 5
MAX_LEFT = 200
_FRAMES = frozenset(("frameset", "frame"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a selector takes: how many elements, the first of them by name, and their text."""

    name: str
    selector: str
    count: int
    elements: tuple[str, ...]
    text: str

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {
            "name": self.name,
            "selector": self.selector,
            "count": self.count,
            "elements": list(self.elements),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Left:
    """A piece that no selector takes; ``article`` says that it reads like a paragraph of an article."""

    element: str
    text: str
    article: bool

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {"element": self.element, "text": self.text, "article": self.article}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A page under a profile. Where the profile does not fit, ``page`` is absent and ``problem`` says why.

    ``left`` are the longest pieces that no selector takes, longest first; ``left_pieces`` and ``left_characters`` count
    all of them. ``framed`` says that the page is made of frames, whose content is in pages of their own.
    """

    encoding: str
    page: Page | None
    problem: Unselectable | None
    regions: tuple[Taken, ...]
    ignored: tuple[Taken, ...]
    left: tuple[Left, ...]
    left_pieces: int
    left_characters: int
    framed: bool

    @property
    def missed(self) -> tuple[Left, ...]:
        """What is left and reads like a paragraph of an article."""
        return tuple(left for left in self.left if left.article)

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON."""
        value: dict[str, Json] = {
            "fits": self.page is not None,
            "encoding": self.encoding,
            "regions": [taken.to_json() for taken in self.regions],
            "ignored": [taken.to_json() for taken in self.ignored],
            "left": [left.to_json() for left in self.left],
            "left_pieces": self.left_pieces,
            "left_characters": self.left_characters,
        }
        if self.page is not None:
            value["text_sha256"] = self.page.text.sha256.hex()
            value["asides"] = [{"kind": aside.kind, "text": aside.text} for aside in self.page.asides]
            value["images"] = [
                {"src": image.src, "alt": image.alt, "sha256": None if image.sha256 is None else image.sha256.hex()}
                for image in self.page.images
            ]
            value["links"] = [{"href": link.href, "text": link.text} for link in self.page.links]
        if self.problem is not None:
            value["error"] = error_json(self.problem)
        return value


def error_json(error: NotaryError) -> dict[str, Json]:
    """Return an error as JSON."""
    value: dict[str, Json] = {"code": error.code, "detail": error.message}
    optional: dict[str, Json] = {"field": error.field, "position": error.position}
    return value | {name: found for name, found in optional.items() if found is not None}


def inspect_page(tree: Tree, profile: Profile, *, supplied: Mapping[str, bytes] | None = None) -> Inspection:
    """Return what ``profile`` takes of a page and what it leaves.

    A profile that does not fit is a finding, not an error. Raises :class:`notary.errors.InvalidText` where what it
    takes is no text that could be logged.
    """
    matcher = Matcher(tree.root)
    page: Page | None = None
    problem: Unselectable | None = None
    try:
        page = read_tree(tree, profile, supplied=supplied)
    except Unselectable as error:
        problem = error
    texts = {} if page is None else {region.name: region.text for region in page.regions}
    regions = {name: matcher.find([selector]) for name, selector in profile.regions()}
    ignored = [matcher.find([selector]) for selector in profile.ignore]
    away = {node.mem_id for found in (*regions.values(), *ignored) for node in found}
    longest, count, characters = _longest(tree.root, away)
    return Inspection(
        encoding=tree.encoding,
        page=page,
        problem=problem,
        regions=tuple(
            _taken(name, selector.text, regions[name], texts.get(name)) for name, selector in profile.regions()
        ),
        ignored=tuple(
            _taken(f"ignore[{i}]", selector.text, found, None)
            for i, (selector, found) in enumerate(zip(profile.ignore, ignored, strict=True))
        ),
        left=tuple(Left(label(piece.block), piece.text, piece.is_prose) for piece in longest),
        left_pieces=count,
        left_characters=characters,
        framed=any(node.tag in _FRAMES for node in tree.root.css("frameset, frame")),
    )


def _taken(name: str, selector: str, nodes: list[LexborNode], text: str | None) -> Taken:
    if text is None:
        text = "\n".join(filter(None, (shown_text(node) for node in nodes[:MAX_NAMED])))
    return Taken(
        name=name,
        selector=selector,
        count=len(nodes),
        elements=tuple(label(node) for node in nodes[:MAX_NAMED]),
        text=text,
    )


def _longest(root: LexborNode, away: set[int]) -> tuple[list[Piece], int, int]:
    """Return the longest pieces outside of ``away``, and number and characters of all."""
    longest: list[tuple[int, int, Piece]] = []
    count = characters = 0
    for piece in pieces(root, leave_out=lambda node: node.mem_id in away):
        count += 1
        characters += len(piece.text)
        # Of pieces of one weight the earlier is the longer.
        item = (piece.weight, -count, piece)
        if len(longest) < MAX_LEFT:
            heapq.heappush(longest, item)
        elif item > longest[0]:
            heapq.heapreplace(longest, item)
    return [piece for _, _, piece in sorted(longest, key=lambda item: item[:2], reverse=True)], count, characters
