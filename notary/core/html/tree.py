"""Reading the parsed tree: what is inside an element, whatever the walk makes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notary.core.html.characters import tidy
from notary.core.html.names import CONTROLS, EMBEDDED, NOT_SHOWN, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborNode

# The number that an attribute like `start` or `colspan` begins with.
_INTEGER = re.compile("[\t\n\f\r ]*([+-]?)0*([0-9]+)")
_MAX_INTEGER = 2**31 - 1
_SILENT = (NOT_SHOWN - {"rp"}) | {"template"}
_WORTH_A_WORD = EMBEDDED | CONTROLS | {"img", "li", "template"}


def is_element(node: LexborNode) -> bool:
    """Say whether a node is an element; the "tag" of others begins with ``-``, or there is none."""
    tag = node.tag
    return tag is not None and tag[0] != "-"


def integer(value: str | None) -> int | None:
    """Return the integer that an attribute begins with; None if there is none, or it is beyond 32 bits."""
    found = _INTEGER.match(value) if value else None
    if found is None or len(found[2]) > 10 or (number := int(found[2])) > _MAX_INTEGER:
        return None
    return -number if found[1] == "-" else number


def shown_text(node: LexborNode, *, leave_out: Callable[[LexborNode], bool] | None = None) -> str:
    """Return the text inside ``node`` as an aside or link shows it, but for elements that ``leave_out`` says."""
    return tidy("".join(_texts(node, leave_out)))


def holds_more_than_text(node: LexborNode) -> bool:
    """Say whether ``node`` is, or has inside, what shows something without any text."""
    return _is_more_than_text(node) or any(map(_is_more_than_text, node.traverse()))


def has_more_than_text(node: LexborNode) -> bool:
    """Say whether ``node`` has inside what shows something without any text."""
    return any(_is_more_than_text(inner) for inner in node.traverse() if inner.mem_id != node.mem_id)


def is_shown_by_style(tag: str, attributes: dict[str, str | None]) -> bool:
    """Say whether an element that is not shown has a style of its own, which may show it."""
    return "style" in attributes and tag in NOT_SHOWN


def _is_more_than_text(node: LexborNode) -> bool:
    tag = node.tag
    if tag in NOT_SHOWN:
        return is_shown_by_style(tag, node.attributes) and bool(shown_text(node))
    return tag in _WORTH_A_WORD and (tag != "template" or "shadowrootmode" in node.attributes)


def _texts(node: LexborNode, leave_out: Callable[[LexborNode], bool] | None) -> Iterator[str]:
    # Without recursion: what is left out may be nested as deep as the parser lets it.
    following: list[LexborNode | None] = []
    child = node.first_child
    while True:
        if child is None:
            if not following:
                return
            child = following.pop()
            continue
        tag = child.tag
        if tag == TEXT:
            yield child.text_content or ""
        elif tag not in _SILENT and (leave_out is None or not leave_out(child)):
            following.append(child.next)
            child = child.first_child
            continue
        child = child.next
