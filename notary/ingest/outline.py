"""What a page shows, piece by piece: for people who look at a page, never for a digest.

A piece is what stands between two borders of blocks: a paragraph, a cell, an entry of a menu. What is hidden, embedded
or in a control is in none. Nothing here is recursive: pages are nested as deep as the parser lets them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from notary.core.html.characters import tidy
from notary.core.html.names import BLOCKS, CONTROLS, EMBEDDED, NOT_SHOWN, TEXT
from notary.core.html.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborNode

MIN_PROSE = 200
"""The weight from which on a piece with the end of a sentence in it is taken for a paragraph of an article."""

_SILENT = NOT_SHOWN | CONTROLS | EMBEDDED | {"noscript", "template"}
_BREAKS = frozenset(("br", "hr"))
# What ends sentences, and what a sentence with a list behind it ends with.
_SENTENCE = re.compile("[.!?:;…][\\s”’\"')]|[.!?:;…][”’\"')]*$|[。！？；：…]")
# Characters of scripts that say in one what takes others two or three.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_DENSE_WEIGHT = 3


class Event(Enum):
    """What :func:`shown` meets."""

    OPEN = auto()
    TEXT = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what a page shows: the block it stands in, its text, and how much of it is the text of links."""

    block: LexborNode
    text: str
    linked: int

    @property
    def is_prose(self) -> bool:
        """Whether it reads like a paragraph of an article: long, with the end of a sentence, and hardly any links."""
        return self.weight >= MIN_PROSE and self.has_sentence

    @property
    def has_sentence(self) -> bool:
        """Whether a sentence ends in it, and less than half of it are links."""
        return 2 * self.linked < len(self.text) and _SENTENCE.search(self.text) is not None

    @property
    def weight(self) -> int:
        """How much it says, in letters of an alphabet."""
        return weight(self.text)


@dataclass(slots=True)
class Pieces:
    """Puts pieces together from events."""

    _blocks: list[LexborNode] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _linked: list[str] = field(default_factory=list)
    _links: int = 0

    def take(self, event: Event, node: LexborNode) -> Piece | None:
        """Take the next event, and return the piece that ends with it, if one does."""
        if event is Event.TEXT:
            text = node.text_content or ""
            self._texts.append(text)
            if self._links:
                self._linked.append(text)
            return None
        tag = node.tag or ""
        if tag == "a":
            self._links += 1 if event is Event.OPEN else -1
        if tag in _BREAKS:
            self._texts.append(" ")
        if tag not in BLOCKS or tag in _BREAKS:
            return None
        ended = self._end()
        if event is Event.OPEN:
            self._blocks.append(node)
        else:
            self._blocks.pop()
        return ended

    def _end(self) -> Piece | None:
        text = tidy("".join(self._texts))
        linked = len(tidy("".join(self._linked)))
        self._texts.clear()
        self._linked.clear()
        return Piece(self._blocks[-1], text, linked) if text and self._blocks else None


def weight(text: str) -> int:
    """Return how much a text says, in letters of an alphabet: a Chinese character counts as three."""
    return len(text) + (_DENSE_WEIGHT - 1) * len(_DENSE.findall(text))


def shown(
    root: LexborNode, *, leave_out: Callable[[LexborNode], bool] | None = None
) -> Iterator[tuple[Event, LexborNode]]:
    """Yield the elements and texts of ``root`` that a reader may see, each element when it begins and when it ends.

    ``leave_out`` says of which elements nothing is yielded.
    """
    walk = Walk(set(), set())

    def passes(node: LexborNode, tag: str) -> bool:
        if tag in _SILENT or tag[0] == "-":
            return False
        return not walk.is_hidden(tag, node.attributes) and (leave_out is None or not leave_out(node))

    open_elements: list[LexborNode] = []
    node: LexborNode | None = root
    while True:
        if node is None:
            if not open_elements:
                return
            node = open_elements.pop()
            yield Event.CLOSE, node
            node = node.next if open_elements else None
            continue
        tag = node.tag or "-"
        if tag == TEXT:
            yield Event.TEXT, node
        elif passes(node, tag):
            yield Event.OPEN, node
            open_elements.append(node)
            node = node.first_child
            continue
        node = node.next if open_elements else None


def pieces(root: LexborNode, *, leave_out: Callable[[LexborNode], bool] | None = None) -> Iterator[Piece]:
    """Yield the pieces inside ``root``, in the order of the document."""
    taker = Pieces()
    for event, node in shown(root, leave_out=leave_out):
        piece = taker.take(event, node)
        if piece is not None:
            yield piece


def label(node: LexborNode) -> str:
    """Return what an element is called by people: its name, id and classes."""
    attributes = node.attributes
    text = node.tag or ""
    if identity := (attributes.get("id") or "").strip():
        text += f"#{identity}"
    text += "".join(f".{name}" for name in (attributes.get("class") or "").split())
    return text if len(text) <= 60 else text[:59] + "…"
