"""What a closed `details` folds away: all but its first `summary`. docs/spec/html.md, "Folded"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notary.core.html.tree import holds_more_than_text, shown_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode


def is_closed(tag: str, attributes: dict[str, str | None]) -> bool:
    """Say whether an element is a `details` that is closed, or may be.

    Of those with one `name` browsers leave at most one open, and take `open` away from the others as they parse.
    """
    return tag == "details" and ("open" not in attributes or bool(attributes.get("name")))


def first_summary(details: LexborNode) -> LexborNode | None:
    """Return the child of a `details` that is shown even if it is closed."""
    return next((child for child in details.iter() if child.tag == "summary"), None)


def folded_text(details: LexborNode, summary: LexborNode | None) -> str | None:
    """Return the shown text of a closed `details` but for its ``summary``; None if nothing at all is folded away."""
    apart = 0 if summary is None else summary.mem_id
    text = shown_text(details, leave_out=lambda node: node.mem_id == apart)
    if text or any(holds_more_than_text(child) for child in details.iter() if child.mem_id != apart):
        return text
    return None
