"""Which elements of a page a profile selects, and whether it may. docs/spec/html.md, §2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core.html.folded import first_summary, is_closed
from notary.core.html.names import CONTROLS, EMBEDDED, NOT_SHOWN
from notary.core.html.walk import MAX_DEPTH, TAGGED
from notary.errors import Unselectable

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from notary.core.html.match import Matcher
    from notary.core.html.walk import Walk
    from notary.core.profile import Profile

_NO_PLACE_FOR_TEXT = NOT_SHOWN | EMBEDDED | CONTROLS | {"noscript", "template"}


@dataclass(frozen=True, slots=True)
class Selected:
    """A region: the profile's name for it, its element, and the elements around that, from the inside."""

    name: str
    node: LexborNode
    ancestors: tuple[LexborNode, ...]


def select(matcher: Matcher, profile: Profile) -> list[Selected]:
    """Return the regions in the order of the profile.

    Raises :class:`Unselectable`: ``selector-no-match``, ``selector-ambiguous``.
    """
    regions: list[Selected] = []
    for name, selector in profile.regions():
        found = matcher.find([selector])
        if not found:
            raise _refuse(name, "selector-no-match", "selects no element of this page")
        if len(found) > 1:
            raise _refuse(name, "selector-ambiguous", f"selects {len(found)} elements of this page, not one")
        regions.append(Selected(name, found[0], _ancestors(found[0])))
    return regions


def check_regions(regions: list[Selected], walk: Walk) -> None:
    """Refuse regions that a reader would not see, or that overlap.

    Raises :class:`Unselectable` (``page-too-deep``, ``selected-hidden``, ``profile-overlap``).
    """
    for region in regions:
        if len(region.ancestors) > MAX_DEPTH:
            raise _refuse(region.name, "page-too-deep", f"selects an element inside more than {MAX_DEPTH} others")
        inner: LexborNode | None = None
        for node in (region.node, *region.ancestors):
            tag, attributes = node.tag or "", node.attributes
            if tag in _NO_PLACE_FOR_TEXT or walk.is_hidden(tag, attributes):
                raise _refuse(region.name, "selected-hidden", f"selects what is not shown: it is, or is in, a {tag}")
            if inner is not None and is_closed(tag, attributes) and not _is_same(first_summary(node), inner):
                raise _refuse(region.name, "selected-hidden", "selects what a closed details folds away")
            inner = node
    keys = {region.node.mem_id: region.name for region in reversed(regions)}
    for region in regions:
        around = {node.mem_id for node in region.ancestors}
        same = keys[region.node.mem_id]
        outer = next((name for key, name in keys.items() if key in around and name != "body"), None)
        if same != region.name or outer is not None:
            other = same if same != region.name else outer
            raise _refuse(region.name, "profile-overlap", f"selects what {other} selects too")


def tags_around(region: Selected, walk: Walk) -> int:
    """Return the tags that the elements around a region put in force.

    Raises :class:`InvalidText` (``style-escape``, ``inline-direction``) for those that the walk would refuse.
    """
    tags = 0
    for node in reversed(region.ancestors):
        tag, attributes = node.tag or "", node.attributes
        walk.require_readable(tag, attributes)
        tags |= TAGGED.get(tag, 0) | walk.style(attributes).tags
    return tags


def _is_same(node: LexborNode | None, other: LexborNode) -> bool:
    return node is not None and node.mem_id == other.mem_id


def _ancestors(node: LexborNode) -> tuple[LexborNode, ...]:
    found: list[LexborNode] = []
    above = node.parent
    while above is not None and above.tag != "-document":
        found.append(above)
        above = above.parent
    return tuple(found)


def _refuse(name: str, code: str, problem: str) -> Unselectable:
    return Unselectable(f"The profile's {name} {problem}.", code=code, field=name)
