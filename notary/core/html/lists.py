"""What a list shows before its items. docs/spec/html.md, "Markers"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notary.core.html.tree import integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from selectolax.lexbor import LexborNode

# Most items have no attributes; a page may have very many items.
_NONE: dict[str, str | None] = {}
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def markers(ol: LexborNode, is_hidden: Callable[[dict[str, str | None]], bool]) -> dict[int, str]:
    """Return the markers of the items of an `ol`, by their ``mem_id``: ``3. ``; hidden items have none, nor count."""
    items = [(item.mem_id, item.attributes or _NONE) for item in ol.iter() if item.tag == "li"]
    items = [(key, attributes) for key, attributes in items if not (attributes and is_hidden(attributes))]
    own = ol.attributes
    step = -1 if "reversed" in own else 1
    start = integer(own.get("start"))
    if start is None:
        start = len(items) if step < 0 else 1
    result: dict[int, str] = {}
    for key, attributes in items:
        value = integer(attributes["value"]) if "value" in attributes else None
        ordinal = start if value is None else value
        result[key] = f"{_written(ordinal, attributes.get('type', own.get('type')))}. "
        start = ordinal + step
    return result


def _written(ordinal: int, style: str | None) -> str:
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
