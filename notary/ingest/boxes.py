"""The elements of a page with what they hold, summed up: the ground on which a draft of a profile stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notary.core.html.characters import tidy
from notary.core.html.tree import shown_text
from notary.errors import CannotCheck
from notary.ingest.outline import Event, Pieces, shown, weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from notary.ingest.outline import Piece

MAX_ELEMENTS = 20_000
# Lines of text (a headline, a date) have few elements inside.
_MAX_IN_LINE = 50
_MIN_PROSE = 60


@dataclass(slots=True, eq=False)
class Box:
    """An element that a reader may see: where it stands, and the weight of what is inside it.

    ``order`` counts elements in the order of the document, ``last`` is that of the last one inside. ``linked`` is the
    part of ``weight`` that is text of links, ``prose`` that of pieces that read like an article.
    """

    node: LexborNode
    parent: Box | None
    order: int
    depth: int
    last: int = 0
    weight: int = 0
    linked: int = 0
    prose: int = 0
    children: list[Box] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """The element's name."""
        return self.node.tag or ""

    @property
    def is_line(self) -> bool:
        """Whether it has so few elements inside that it may be a line of text."""
        return self.last - self.order <= _MAX_IN_LINE

    @property
    def text(self) -> str:
        """The text inside, tidied."""
        return shown_text(self.node)

    def holds(self, other: Box) -> bool:
        """Say whether ``other`` is this element, or inside it."""
        return self.order <= other.order <= self.last

    def around(self) -> Iterator[Box]:
        """Yield this element and those around it, from the inside."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.parent


def measure(root: LexborNode) -> list[Box]:
    """Return the elements of a page in the order of the document.

    Raises :class:`CannotCheck` (``page-too-large``) for a page with more than an article could need.
    """
    boxes: list[Box] = []
    opened: list[Box] = []
    by_key: dict[int, Box] = {}
    taker = Pieces()
    links = 0
    for event, node in shown(root):
        piece = taker.take(event, node)
        if piece is not None:
            _add_prose(by_key[piece.block.mem_id], piece)
        if event is Event.OPEN:
            if len(boxes) == MAX_ELEMENTS:
                raise CannotCheck(
                    f"The page has more than {MAX_ELEMENTS} elements, too many to guess from: write the profile.",
                    code="page-too-large",
                )
            box = Box(node, opened[-1] if opened else None, len(boxes), len(opened))
            by_key[node.mem_id] = box
            boxes.append(box)
            if opened:
                opened[-1].children.append(box)
            opened.append(box)
            links += box.tag == "a"
        elif event is Event.TEXT:
            said = weight(tidy(node.text_content or ""))
            opened[-1].weight += said
            opened[-1].linked += said if links else 0
        else:
            box = opened.pop()
            box.last = len(boxes) - 1
            links -= box.tag == "a"
            if opened:
                outer = opened[-1]
                outer.weight += box.weight
                outer.linked += box.linked
                outer.prose += box.prose
    return boxes


def _add_prose(box: Box, piece: Piece) -> None:
    if piece.weight >= _MIN_PROSE and piece.has_sentence:
        box.prose += piece.weight
