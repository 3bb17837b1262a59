"""Find the elements of a page that a selector matches. docs/spec/html.md, "The profile".

The parser's own CSS engine only names candidates, by the most telling simple test of the last compound; each of them is
then checked here. Nothing that the engine reads in its own way (letter case in quirks mode, escapes) can add a match,
and the tests that it is asked for are the plainest ones, so that it cannot lose one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notary.core.html.names import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from selectolax.lexbor import LexborNode

    from notary.core.selectors import Compound, PositionTest, Selector

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


class Matcher:
    """The elements of one page, asked for by selectors."""

    def __init__(self, root: LexborNode) -> None:
        """Start with the `html` element of a page that does not change from then on."""
        self._root = root
        self._foreign: dict[int, bool] = {}
        self._positions: dict[int, dict[int, tuple[int, int]]] = {}

    def find(self, selectors: Iterable[Selector]) -> list[LexborNode]:
        """Return the elements that match one of ``selectors``, each once, in the order of the document."""
        chains = [chain for selector in selectors for chain in selector.chains]
        found: dict[int, LexborNode] = {}
        for node in self._root.css(", ".join(sorted({_key(chain[-1]) for chain in chains}))):
            if node.mem_id not in found and any(self._matches(node, chain) for chain in chains):
                found[node.mem_id] = node
        return list(found.values())

    def _matches(self, node: LexborNode, chain: tuple[Compound, ...]) -> bool:
        """Say whether ``node`` is the last of the chain, the others being its ancestors as the combinators say."""
        if not self._is(node, chain[-1]) or self._is_foreign(node):
            return False
        # From the inside out, all ways at once: a chain that can be cut in many places takes no longer than others.
        children, descendants = _before(chain, {len(chain) - 1})
        if 0 in children | descendants:
            return True
        above = node.parent
        while above is not None and above.tag != "-document" and children | descendants:
            here = {place - 1 for place in children | descendants if self._is(above, chain[place - 1])}
            children, further = _before(chain, here)
            descendants |= further
            if 0 in children | descendants:
                return True
            above = above.parent
        return False

    def _is(self, node: LexborNode, compound: Compound) -> bool:
        if compound.name is not None and node.tag != compound.name:
            return False
        if compound.attributes:
            attributes = node.attributes
            for test in compound.attributes:
                if test.name not in attributes or not test.holds(attributes[test.name] or ""):
                    return False
        return all(self._stands(node, test) for test in compound.positions)

    def _stands(self, node: LexborNode, test: PositionTest) -> bool:
        parent = node.parent
        if parent is None:
            return False
        places = self._positions.get(parent.mem_id)
        if places is None:
            places = self._positions[parent.mem_id] = _number_children(parent)
        return places[node.mem_id][test.of_type] == test.index

    def _is_foreign(self, node: LexborNode) -> bool:
        """Say whether ``node`` is `svg` or `math`, or inside; or inside `textarea`, where only lexbor has elements."""
        seen: list[int] = []
        answer = False
        above: LexborNode | None = node
        while above is not None:
            tag, key = above.tag, above.mem_id
            if tag == "textarea" and seen:
                answer = True
                break
            seen.append(key)
            known = self._foreign.get(key)
            if tag in FOREIGN or known is not None:
                answer = tag in FOREIGN or bool(known)
                break
            above = above.parent
        self._foreign.update(dict.fromkeys(seen, answer))
        return answer


def _before(chain: tuple[Compound, ...], reached: set[int]) -> tuple[set[int], set[int]]:
    """Return which of the ``reached`` places of a chain want the place before on the parent, which on any ancestor.

    Place 0, among the latter, has nothing before it: the chain is complete.
    """
    children = {place for place in reached if chain[place].child}
    return children, reached - children


def _number_children(parent: LexborNode) -> dict[int, tuple[int, int]]:
    places: dict[int, tuple[int, int]] = {}
    by_name: dict[str, int] = {}
    for child in parent.iter():
        name = child.tag
        # A comment is a child here, but no element; its "tag" is `-comment`, or none.
        if name is not None and name[0] != "-":
            by_name[name] = by_name.get(name, 0) + 1
            places[child.mem_id] = (len(places) + 1, by_name[name])
    return places


def _key(compound: Compound) -> str:
    """Return a selector for the parser's engine that all matches of ``compound`` match."""
    for test in compound.attributes:
        if test.operator in {"=", "~="} and _PLAIN.fullmatch(test.value):
            return f'[{test.name}{test.operator}"{test.value}"]'
    if compound.attributes:
        return f"[{compound.attributes[0].name}]"
    return compound.name or "*"
