"""The selector for an element of a page: short, made of what is likely to stay, and matching nothing else.

Ids come before classes, classes before names, and places among siblings last. What looks made by a program (digits,
hashes), or says how an element looks or is at the moment, is taken only where nothing better tells it apart.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from notary.core.selectors import parse_selector
from notary.errors import InvalidProfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from notary.core.html.match import Matcher

_TRIES = 40
_ANCESTORS = 12
_IDENT = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]{0,49}")
_VALUE = re.compile(r"[A-Za-z0-9 :._%/-]{1,50}")
_GENERATED = re.compile(
    r"\d{2}|(?=[a-z]*\d)[0-9a-f]{6}|^(?:css|sc|jsx|svelte|ng|ember|__)[-_]|[a-z]\d[a-z]|__\w{5}$", re.IGNORECASE
)
_PASSING = frozenset(
    (
        *("active", "bold", "center", "clear", "clearfix", "col", "container", "current", "first", "fixed", "fl", "fr"),
        *(
            "hover",
            "inner",
            "last",
            "left",
            "odd",
            "even",
            "on",
            "open",
            "red",
            "right",
            "row",
            "show",
            "visible",
            "wrap",
        ),
    )
)
_TELLING_NAMES = frozenset(("article", "main", "time", "h1"))
_TELLING_ATTRIBUTES = ("itemprop", "property", "role", "name")
_LAYOUT_ATTRIBUTES = ("width", "align")

_NAME_COST = 6
_PASSING_COST = 6
_PLACE_COST = 14


def address(node: LexborNode, matcher: Matcher) -> tuple[str, int] | None:
    """Return a selector that matches ``node`` only, and its cost (less is better); None where there is none."""
    for cost, text in islice(_candidates(node), _TRIES):
        if is_only(text, node, matcher):
            return text, cost
    return _path(node, matcher)


def is_only(text: str, node: LexborNode, matcher: Matcher) -> bool:
    """Say whether ``text`` is a selector that matches ``node`` and nothing else."""
    try:
        selector = parse_selector(text, field="body")
    except InvalidProfile:
        return False  # too long, or an element with a name that no selector has (`o:p`)
    found = matcher.find([selector])
    return len(found) == 1 and found[0].mem_id == node.mem_id


def _candidates(node: LexborNode) -> Iterator[tuple[int, str]]:
    """Yield cost and text of selectors that match ``node``, cheapest first."""
    own = _compounds(node)
    found = list(own)
    for distance, above in enumerate(_above(node)):
        joint = " > " if distance == 0 else " "
        found += [
            (cost + outer + 2 + distance // 4, f"{text_above}{joint}{text}")
            for outer, text_above in _compounds(above)
            for cost, text in own
        ]
    yield from sorted(set(found), key=lambda item: (item[0], len(item[1]), item[1]))


def _above(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent
    for _ in range(_ANCESTORS):
        if above is None or above.tag in {None, "-document", "html"}:
            return
        yield above
        above = above.parent


def _compounds(node: LexborNode) -> list[tuple[int, str]]:
    """Return the simple selectors that match ``node``, with their cost, without places."""
    name = node.tag or ""
    if not _IDENT.fullmatch(name):
        return []
    attributes = node.attributes
    telling = name in _TELLING_NAMES
    found: list[tuple[int, str]] = [(3 if telling else _NAME_COST, name)]
    if (identity := attributes.get("id") or "") and (cost := _word_cost(identity)) is not None:
        found.append((1 + cost, f"#{identity}"))
    classes = [
        (cost, word) for word in (attributes.get("class") or "").split()[:4] if (cost := _word_cost(word)) is not None
    ]
    for cost, word in classes:
        found += [(2 + cost, f".{word}"), (3 + cost, f"{name}.{word}")]
    if len(classes) > 1:
        found.append((4 + sum(cost for cost, _ in classes[:2]), "".join(f".{word}" for _, word in classes[:2])))
    for names, cost in ((_TELLING_ATTRIBUTES, 3), (_LAYOUT_ATTRIBUTES, 9)):
        for attribute in names:
            value = attributes.get(attribute)
            if value and _VALUE.fullmatch(value):
                found.append((cost, f'{name}[{attribute}="{value}"]'))
    return found


def _word_cost(word: str) -> int | None:
    """Return what an id or class costs beyond others; None for one that must not be used."""
    if not _IDENT.fullmatch(word) or word in {"-", "--"} or _GENERATED.search(word):
        return None
    return _PASSING_COST if word.lower() in _PASSING or any(map(str.isdigit, word)) else 0


def _path(node: LexborNode, matcher: Matcher) -> tuple[str, int] | None:
    """Return the way to ``node`` from the nearest element that can be named without it."""
    steps: list[str] = []
    here: LexborNode | None = node
    while here is not None and here.tag not in {None, "-document"}:
        if here.tag == "body":
            steps.append("body")
            break
        if steps:
            anchor = next((text for _, text in islice(_cheap(here), 8) if is_only(text, here, matcher)), None)
            if anchor is not None:
                steps.append(anchor)
                break
        steps.append(_place(here))
        here = here.parent
    text = " > ".join(reversed(steps))
    if not is_only(text, node, matcher):
        return None
    return text, _PLACE_COST * len(steps)


def _cheap(node: LexborNode) -> Iterator[tuple[int, str]]:
    yield from sorted(item for item in _compounds(node) if item[0] < _NAME_COST)


def _place(node: LexborNode) -> str:
    """Return the name of an element with its place among siblings of that name, where it needs one."""
    name = node.tag or "*"
    parent = node.parent
    same = [child.mem_id for child in parent.iter() if child.tag == name] if parent is not None else [node.mem_id]
    return name if len(same) == 1 else f"{name}:nth-of-type({same.index(node.mem_id) + 1})"
