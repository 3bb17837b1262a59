"""What a list shows before its items. docs/spec/html.md, "Markers"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notary.core.html.names import EMBEDDED, LISTS, NOT_SHOWN
from notary.core.html.tree import integer
from notary.core.selectors import ascii_lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborNode

# Most items have no attributes; a page may have very many items.
_NONE: dict[str, str | None] = {}
_BULLETS = frozenset(("disc", "circle", "square", "none"))
_NUMBERED = frozenset(("1", "a", "A", "i", "I"))
# Behind the border of another list, and what is not drawn in its place.
_NO_ITEMS = LISTS | NOT_SHOWN | EMBEDDED | {"noscript", "template"}
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def markers(owner: LexborNode, is_hidden: Callable[[str, dict[str, str | None]], bool]) -> dict[int, str]:
    """Return the markers of the items of a list, by their ``mem_id``: ``3. ``; empty for those that show no number.

    What is hidden has none, nor counts.
    """
    items = [(item.mem_id, item.attributes or _NONE) for item in _items(owner, is_hidden)]
    own = owner.attributes if owner.tag == "ol" else _NONE
    style = own.get("type") if own.get("type") in _NUMBERED else "1" if owner.tag == "ol" else None
    step = -1 if "reversed" in own else 1
    start = integer(own.get("start"))
    if start is None:
        start = len(items) if step < 0 else 1
    result: dict[int, str] = {}
    for key, attributes in items:
        value = integer(attributes["value"]) if "value" in attributes else None
        ordinal = start if value is None else value
        result[key] = _marker(ordinal, attributes.get("type"), style)
        start = ordinal + step
    return result


def list_around(node: LexborNode) -> LexborNode | None:
    """Return the list that an `li` belongs to if it is ``node`` or inside it and in no other list there."""
    above = node.parent
    while above is not None and above.tag not in LISTS:
        above = above.parent
    return above


def _items(owner: LexborNode, is_hidden: Callable[[str, dict[str, str | None]], bool]) -> Iterator[LexborNode]:
    """Yield the `li` that belong to ``owner``: those inside it, but not inside another list, or where none is drawn."""
    # Without recursion: what is left out may be nested as deep as the parser lets it.
    following: list[LexborNode | None] = []
    child = owner.first_child
    while True:
        if child is None:
            if not following:
                return
            child = following.pop()
            continue
        tag = child.tag
        if tag is not None and tag[0] != "-" and tag not in _NO_ITEMS and not is_hidden(tag, child.attributes or _NONE):
            if tag == "li":
                yield child
            following.append(child.next)
            child = child.first_child
        else:
            child = child.next


def _marker(ordinal: int, own: str | None, style: str | None) -> str:
    """Return what an item shows that says ``own`` of itself, in a list of this style; none has bullets."""
    if own in _NUMBERED:
        style = own
    elif own is not None and ascii_lower(own) in _BULLETS:
        style = None
    return "" if style is None else f"{_written(ordinal, style)}. "


def _written(ordinal: int, style: str) -> str:
    if style in {"a", "A"} and ordinal >= 1:
        text = _letters(ordinal)
    elif style in {"i", "I"} and 1 <= ordinal <= 3999:
        text = _roman(ordinal)
    else:
        return str(ordinal)
    return text.upper() if style in {"A", "I"} else text


def _letters(ordinal: int) -> str:
    text = ""
    while ordinal:
        ordinal, letter = divmod(ordinal - 1, 26)
        text = chr(ord("a") + letter) + text
    return text


def _roman(ordinal: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, ordinal = divmod(ordinal, value)
        text += letters * count
    return text
