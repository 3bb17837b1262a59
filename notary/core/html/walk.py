"""The walk over the regions of a page: what each element gives to the text, and what it leaves aside.

One method for each kind of element, chosen by the element's name. docs/spec/html.md, "Walking".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notary.core.html.characters import BITS, SHOWN, Characters, Writer, preformatted, spaced, tidy
from notary.core.html.folded import first_summary, folded_text, is_closed
from notary.core.html.lists import list_around, markers
from notary.core.html.names import BLOCKS, DOES, NOT_SHOWN, TEXT, Does
from notary.core.html.style import PLAIN, Style, read_style
from notary.core.html.table import MAX_PLACES, Rows, as_drawn, too_large, write_row
from notary.core.html.tree import has_more_than_text, holds_more_than_text, is_shown_by_style, shown_text
from notary.core.selectors import ascii_lower
from notary.errors import InvalidText

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH = 255
LEAVES = frozenset((Does.EMBEDDED, Does.IMAGE, Does.CONTROL))
TAGGED = {
    **{tag: BITS[tag] for tag in ("sup", "sub", "s", "ins")},
    "del": BITS["s"],
    "strike": BITS["s"],
}

ASCII_SPACE = "\t\n\f\r "
# What the walk must look at even without an attribute.
_DIRECTED = frozenset(("bdo", "bdi"))
_MATTER_BARE = _DIRECTED | {"dialog"}
_DRAWN = frozenset(("svg", "math", "canvas"))
# Controls that say something without words.
_BOXES = frozenset(("checkbox", "radio"))
_GAUGES = frozenset(("meter", "progress"))
# The attribute that is shown where a control has no text.
_INSTEAD = {"textarea": "placeholder", "option": "label", "optgroup": "label", "meter": "value", "progress": "value"}

AsideKind = Literal["hidden", "ignored", "skipped", "embedded"]


@dataclass(frozen=True, slots=True)
class Aside:
    """What a reader of the page may see, or could be made to see, and the canonical text does not hold."""

    kind: AsideKind
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link that stands in the text: where it leads, as written, and what it shows."""

    href: str
    text: str


class Walk:
    """One page's walk. The lists grow in the order in which things are met."""

    def __init__(self, regions: set[int], ignored: set[int]) -> None:
        """Start a walk that stops at other ``regions`` and leaves out what is ``ignored``; both by ``mem_id``."""
        self.asides: list[Aside] = []
        self.images: list[LexborNode] = []
        self.links: list[Link] = []
        self._regions = regions
        self._ignored = ignored
        self._apart = regions | ignored
        self._root = 0
        self._writer = Writer()
        self._styles: dict[str, Style] = {}
        # Markers that wait for the first character of their item.
        self._waiting: list[str] = []
        # The list that the items met belong to.
        self._list: LexborNode | None = None
        self._markers: dict[int, dict[int, str]] = {}
        self._rows: dict[int, Rows] = {}
        self._places = 0
        self._preformatted = False

    def region(self, node: LexborNode, *, depth: int, tags: int) -> Characters:
        """Return the sequence of a region, its element included, which has ``depth`` ancestors.

        ``tags`` are those that its ancestors put in force. Raises :class:`InvalidText`.
        """
        self._root = node.mem_id
        self._writer = Writer()
        self._list = list_around(node)
        self._element(node, node.tag or "", depth, tags)
        return self._writer.finish()

    def style(self, attributes: dict[str, str | None]) -> Style:
        """Return what the `style` of an element says."""
        text = attributes.get("style")
        if not text:
            return PLAIN
        style = self._styles.get(text)
        if style is None:
            style = self._styles[text] = read_style(text)
        return style

    def is_hidden(self, tag: str, attributes: dict[str, str | None]) -> bool:
        """Say whether an element is hidden by itself."""
        if tag == "dialog" and "open" not in attributes:
            return True
        return bool(attributes) and ("hidden" in attributes or "popover" in attributes or self.style(attributes).hidden)

    def require_readable(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Refuse an element whose style cannot be read for sure, or which reorders the characters in a line.

        Raises :class:`InvalidText` (``style-escape``, ``inline-direction``): lines d and f of the table.
        """
        self._require_no_escape(tag, attributes)
        self._require_no_direction(tag, attributes)

    def _children(self, node: LexborNode, depth: int, tags: int) -> None:
        # Here and not in a method of its own: calls nest as deep as the page, and the stack must hold them.
        following = iter(as_drawn(node, self.is_hidden)) if node.tag == "table" else None
        child = node.first_child if following is None else next(following, None)
        while child is not None:
            tag = child.tag
            if tag == TEXT:
                text = child.text_content or ""
                self._write(preformatted(text) if self._preformatted else spaced(text), tags)
            elif tag is not None and tag[0] != "-":
                self._element(child, tag, depth, tags)
            child = child.next if following is None else next(following, None)

    def _write(self, text: str, tags: int) -> None:
        writer = self._writer
        if self._waiting and (found := SHOWN.search(text)):
            writer.add(text[: found.start()], tags)
            self._place_markers()
            text = text[found.start() :]
        if tags:
            writer.tagged[len(writer.parts)] = tags
        writer.parts.append(text)

    def _place_markers(self) -> None:
        self._writer.parts.extend(self._waiting)
        self._waiting.clear()

    def _element(self, node: LexborNode, tag: str, depth: int, tags: int) -> None:
        """Walk an element that has ``depth`` ancestors: the table's lines in their order."""
        if tag in NOT_SHOWN or (tag == "template" and "shadowrootmode" not in node.attributes):
            if is_shown_by_style(tag, node.attributes) and (text := shown_text(node)):
                self.asides.append(Aside("hidden", text))
            return
        if node.mem_id in self._apart and self._is_apart(node, tag):
            return
        attributes = node.attributes
        inner = tags
        if attributes or tag in _MATTER_BARE:
            if not self._passes(node, tag, attributes):
                return
            inner |= self.style(attributes).tags
        does = DOES.get(tag, Does.CHILDREN)
        if does in LEAVES:
            self._leaf(node, tag, does, attributes)
            return
        if depth > MAX_DEPTH:
            raise InvalidText(f"An element stands inside more than {MAX_DEPTH} others.", code="page-too-deep")
        if does is Does.CHILDREN:
            self._children(node, depth + 1, inner | TAGGED.get(tag, 0))
        elif does is Does.BLOCK or does is Does.LIST:
            around = self._list
            if does is Does.LIST:
                self._list = node
            self._writer.parts.append("\n")
            self._children(node, depth + 1, inner)
            self._writer.parts.append("\n")
            self._list = around
        else:
            self._special(node, does, depth, tags, inner)

    def _is_apart(self, node: LexborNode, tag: str) -> bool:
        """Say whether an element is left out as another region, or as ignored: lines a and c."""
        key = node.mem_id
        if key in self._regions and key != self._root:
            self._writer.add("\n")
            return True
        if key not in self._ignored:
            return False
        text = shown_text(node)
        if text or holds_more_than_text(node):
            self.asides.append(Aside("ignored", text))
        if tag in BLOCKS:
            self._writer.add("\n")
        return True

    def _special(self, node: LexborNode, does: Does, depth: int, tags: int, inner: int) -> None:
        match does:
            case Does.BREAK:
                self._writer.add("\n")
            case Does.QUOTE | Does.RUBY:
                opening, closing = ("“", "”") if does is Does.QUOTE else ("(", ")")
                self._write(opening, tags)
                self._children(node, depth + 1, inner)
                self._write(closing, tags)
            case Does.LINK:
                if _is_link(node):
                    href = (node.attributes["href"] or "").strip(ASCII_SPACE)
                    self.links.append(Link(href, shown_text(node, leave_out=_is_link)))
                self._children(node, depth + 1, inner)
            case Does.ITEM:
                self._item(node, depth, inner)
            case Does.DETAILS:
                self._writer.add("\n")
                self._details(node, depth, inner)
                self._writer.add("\n")
            case Does.ROW:
                self._writer.add("\n")
                self._row(node, depth, inner)
                self._writer.add("\n")
            case Does.PREFORMATTED:
                outside, self._preformatted = self._preformatted, True
                self._writer.add("\n")
                self._children(node, depth + 1, inner)
                self._writer.add("\n")
                self._preformatted = outside

    def _passes(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
        """Say whether an element is not hidden, and refuse what cannot be read for sure: lines d to f."""
        self._require_no_escape(tag, attributes)
        if self.is_hidden(tag, attributes):
            text = shown_text(node)
            # What is hidden here may be shown all the same: by a later declaration, or because it overflows.
            if text or holds_more_than_text(node):
                self.asides.append(Aside("hidden", text))
            return False
        self._require_no_direction(tag, attributes)
        return True

    def _require_no_escape(self, tag: str, attributes: dict[str, str | None]) -> None:
        style = attributes.get("style") or ""
        if "\\" in style or "/*" in style:
            raise InvalidText(
                f"The style of a {tag} has a backslash or a comment, behind which anything may be hidden: remove it.",
                code="style-escape",
            )

    def _require_no_direction(self, tag: str, attributes: dict[str, str | None]) -> None:
        direction = tag in _DIRECTED or ("dir" in attributes and tag not in BLOCKS)
        if direction or self.style(attributes).direction:
            raise InvalidText(
                f"A {tag} sets the direction of text within a line, which can change its meaning.",
                code="inline-direction",
            )

    def _item(self, node: LexborNode, depth: int, tags: int) -> None:
        self._writer.add("\n")
        marker = self._marker(node)
        if not marker:
            self._children(node, depth + 1, tags)
        else:
            self._waiting.append(marker)
            self._children(node, depth + 1, tags)
            if self._waiting:
                self._place_markers()
        self._writer.add("\n")

    def _details(self, node: LexborNode, depth: int, tags: int) -> None:
        if not is_closed("details", node.attributes):
            self._children(node, depth + 1, tags)
            return
        summary = first_summary(node)
        if (text := folded_text(node, summary)) is not None:
            self.asides.append(Aside("hidden", text))
        if summary is not None:
            self._element(summary, "summary", depth + 1, tags)

    def _marker(self, item: LexborNode) -> str:
        owner = self._list
        # Most lists have bullets.
        if owner is None or (owner.tag != "ol" and "type" not in item.attributes):
            return ""
        known = self._markers.get(owner.mem_id)
        if known is None:
            known = self._markers[owner.mem_id] = markers(owner, self.is_hidden)
        return known.get(item.mem_id, "")

    def _row(self, node: LexborNode, depth: int, tags: int) -> None:
        parent = node.parent
        rows = Rows()
        # A row that is a region of its own is no row of the table around it.
        if parent is not None and node.mem_id != self._root:
            rows = self._rows.setdefault(parent.mem_id, rows)
        places = rows.place([cell for cell in node.iter() if cell.tag in {"td", "th"}])
        self._count_places(len(places))
        writer = self._writer
        cells = [None if cell is None else self._cell(cell, depth + 1, tags) for cell in places]
        self._writer = writer
        self._count_places(write_row(writer, cells))

    def _count_places(self, count: int) -> None:
        self._places += count
        if self._places > MAX_PLACES:
            raise too_large(f"more than {MAX_PLACES} places, all rows of the page together")

    def _cell(self, node: LexborNode, depth: int, tags: int) -> Characters | None:
        tag, attributes = node.tag or "", node.attributes
        # What is apart may leave an LF here: the row knows it as an empty cell.
        self._writer = Writer()
        if (node.mem_id in self._apart and self._is_apart(node, tag)) or not self._passes(node, tag, attributes):
            return None
        if depth > MAX_DEPTH:
            raise InvalidText(f"A cell stands inside more than {MAX_DEPTH} elements.", code="page-too-deep")
        self._children(node, depth + 1, tags | self.style(attributes).tags)
        return self._writer.finish()

    def _leaf(self, node: LexborNode, tag: str, does: Does, attributes: dict[str, str | None]) -> None:
        """Note an element that gives nothing, whatever is inside it: lines g to i."""
        kind = ascii_lower(attributes.get("type") or "") if tag == "input" else ""
        if does is Does.IMAGE:
            self.images.append(node)
        elif does is Does.EMBEDDED or kind == "image":
            if tag in _DRAWN:
                text = shown_text(node)
            else:
                text = tidy(next(filter(None, map(attributes.get, ("srcdoc", "src", "data"))), "") or "")
            if text or tag != "canvas":
                self.asides.append(Aside("embedded", text))
        elif does is Does.CONTROL and kind != "hidden":
            if kind in _BOXES:
                text = "checked" if "checked" in attributes else ""
            elif tag == "input":
                text = tidy(attributes.get("value") or attributes.get("placeholder") or "")
            else:
                text = shown_text(node) or tidy(attributes.get(_INSTEAD.get(tag, "")) or "")
            if text or kind in _BOXES or tag in _GAUGES or has_more_than_text(node):
                self.asides.append(Aside("skipped", text))


def _is_link(node: LexborNode) -> bool:
    return node.tag == "a" and "href" in node.attributes
