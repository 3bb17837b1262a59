"""A first draft of a profile, guessed from one page. A person looks at it: nothing here decides about a text.

The body is where the sentences are, the headline what the page's own title begins with, date and source are short
lines before the first paragraph. Selectors are made of what is likely to stay (:mod:`notary.ingest.address`), and the
draft is tried on the page by the rules of docs/spec/html.md before it is shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from notary.core.html import Tree, read_tree
from notary.core.html.match import Matcher
from notary.core.profile import SPEC, Profile, parse_profile
from notary.errors import CannotCheck, InvalidText
from notary.ingest import signs
from notary.ingest.address import address, is_only
from notary.ingest.boxes import Box, measure
from notary.ingest.outline import label

if TYPE_CHECKING:
    from notary.core.jcs import Json

# The part of all sentences that the body must hold.
_MOST = 0.8
_MIN_BODY = 100
# How much more than headline, date, source and sentences the article may have (a kicker, a byline), and of it in links.
_MAX_EXTRA = 150
_MAX_EXTRA_LINKED = 45
_MAX_IGNORED = 12
_MAX_SAME = 4
_ADVICE = "write the profile by hand (docs/profiles.md shows how), or try another page."


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile that fits the page it was made from, and in sentences what it was made of."""

    profile: Profile
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        """The profile as a file."""
        return json.dumps(self.profile.to_json(), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The elements of a draft: ``core`` holds the sentences, ``body`` is the article around it."""

    core: Box
    body: Box
    title: Box | None = None
    date: Box | None = None
    source: Box | None = None

    def regions(self) -> list[tuple[str, Box]]:
        named = (("title", self.title), ("date", self.date), ("source", self.source), ("body", self.body))
        return [(name, box) for name, box in named if box is not None]


def suggest(tree: Tree) -> Draft:
    """Return a draft for the page.

    Raises :class:`CannotCheck` (``no-article``, ``page-too-large``) where nothing in the page looks like an article, or
    what does cannot be taken.
    """
    boxes = measure(tree.root)
    core = _core(boxes)
    if core is None:
        raise CannotCheck(_nothing(tree), code="no-article")
    found = _article(boxes, core, signs.titles(tree.root))
    refused = ""
    # The widest guess first; what the rules for pages refuse is then narrowed.
    for attempt in dict.fromkeys(
        (found, replace(found, body=core), replace(found, date=None, source=None), _bare(core))
    ):
        draft = _draft(attempt, Matcher(tree.root))
        if draft is None:
            continue
        try:
            read_tree(tree, draft.profile)
        except InvalidText as error:
            refused = f" The best guess is refused: {error.message}"
            continue
        return draft
    raise CannotCheck(f"No profile could be drafted from this page; {_ADVICE}{refused}", code="no-article")


def _bare(core: Box) -> _Found:
    return _Found(core=core, body=core)


def _nothing(tree: Tree) -> str:
    if tree.root.css_first("frameset, frame") is not None:
        return "The page is made of frames: save the page that is shown inside the frame, and draft from that."
    return f"No element of this page holds sentences, as an article would; {_ADVICE}"


def _core(boxes: list[Box]) -> Box | None:
    """Return the innermost element with most of the sentences."""
    if not boxes:
        return None
    core = boxes[0]
    least = core.prose * _MOST
    if least < _MIN_BODY * _MOST:
        return None
    while True:
        inner = next((child for child in core.children if child.prose >= least), None)
        # A paragraph alone is the body only where it is the article's only one and nothing else is around it.
        if inner is None or inner.tag == "p":
            return None if core.tag in {"html", "body"} and 2 * core.linked > core.weight else core
        core = inner


def _article(boxes: list[Box], core: Box, titles: list[str]) -> _Found:
    first = next(
        (box.order for box in boxes[core.order :] if box.prose and box is not core and core.holds(box)), core.order
    )
    title = signs.headline(boxes, core, titles, first=first)
    scope = _common(core, title) if title is not None else (core.parent or core)
    date = source = None
    # In the smallest element around headline and body, or else in the one around that.
    for place in (scope, scope.parent):
        if place is None or (date is not None and source is not None):
            break
        lines = [box for box in boxes[place.order : first] if place.holds(box) and not (title and title.holds(box))]
        lines = [box for box in lines if title is None or not box.holds(title)]
        date = date or signs.date_line(lines)
        source = source or signs.source_line([box for box in lines if date is None or not _overlap(box, date)])
    found = _Found(core=core, body=core, title=title, date=date, source=source)
    return replace(found, body=_body(found))


def _body(found: _Found) -> Box:
    """Return the widest element around the sentences that adds little but headline, date, source and a kicker."""
    lines = [box for name, box in found.regions() if name != "body"]
    best = found.core
    for box in found.core.around():
        if box.tag in {"html", "body"} or any(line.holds(box) for line in lines):
            break
        outside = [line for line in lines if box.holds(line) and not found.core.holds(line)]
        extra = box.weight - found.core.weight - sum(line.weight for line in outside)
        linked = box.linked - found.core.linked - sum(line.linked for line in outside)
        if extra > _MAX_EXTRA or linked > _MAX_EXTRA_LINKED:
            break
        # Around what is there already, more is taken only together with one of the lines.
        if outside and sum(map(best.holds, outside)) < len(outside):
            best = box
        elif extra == 0 and box is not best:
            best = box if _adds_nothing(box, best) else best
    return best


def _adds_nothing(outer: Box, inner: Box) -> bool:
    return outer.weight == inner.weight and not signs.is_bare(outer.node) and signs.is_bare(inner.node)


def _draft(found: _Found, matcher: Matcher) -> Draft | None:
    value: dict[str, Json] = {"spec": SPEC}
    reasons: list[str] = []
    regions = found.regions()
    body = _selector(found.body, matcher, others=[box for name, box in regions if name != "body"])
    if body is None:
        return None
    for name, box in regions:
        others = [other for role, other in regions if role != name]
        selected = body if name == "body" else _selector(box, matcher, others=others, within=body)
        if selected is not None:
            chosen, value[name] = selected
            reasons.append(f"{name}: {selected[1]}, {_WHY[name]}: {_shortened(chosen)}")
    ignored = _ignored(found, matcher)
    if ignored:
        value["ignore"] = list(ignored)
        reasons += [
            f"ignore: {text}, looks like no part of the article: {_shortened(box)}" for text, box in ignored.items()
        ]
    reasons += [f"{name}: none found" for name in ("title", "date", "source") if name not in value]
    return Draft(parse_profile(value), tuple(reasons))


_WHY = {
    "title": "the headline",
    "date": "a date before the first paragraph",
    "source": "names a source before the first paragraph",
    "body": "holds most of the sentences",
}


def _selector(
    box: Box, matcher: Matcher, *, others: list[Box], within: tuple[Box, str] | None = None
) -> tuple[Box, str] | None:
    """Return the selector of ``box``, or of an element around it with the same text that has a better one.

    A line ``within`` the body is named by its place there: a page may get another `.date` elsewhere tomorrow.
    """
    same = [box]
    for outer in islice(box.around(), 1, _MAX_SAME):
        more = any(outer.holds(other) and not box.holds(other) for other in others)
        if more or outer.weight != box.weight or outer.tag in {"html", "body"}:
            break
        same.append(outer)
    found: list[tuple[int, int, Box, str]] = []
    for distance, one in enumerate(same):
        if (selected := address(one.node, matcher)) is not None:
            text, cost = selected
            found.append((cost, distance, one, text))
    if not found:
        return None
    _, _, chosen, text = min(found, key=lambda item: item[:2])
    if within is not None and within[0].holds(chosen) and " " not in text and not text.startswith("#"):
        longer = f"{within[1]} {text}"
        return chosen, longer if is_only(longer, chosen.node, matcher) else text
    return chosen, text


def _ignored(found: _Found, matcher: Matcher) -> dict[str, Box]:
    """Return the selectors of elements in the body that look like tools and links around an article."""
    regions = [box for _, box in found.regions()]
    chosen: dict[str, Box] = {}
    following = list(reversed(found.body.children))
    while following and len(chosen) < _MAX_IGNORED:
        box = following.pop()
        if signs.is_aside(box) and not any(map(box.holds, regions)):
            selected = address(box.node, matcher)
            if selected is not None:
                chosen[selected[0]] = box
        elif box not in regions:
            following += reversed(box.children)
    return chosen


def _shortened(box: Box) -> str:
    text = box.text
    return f"{label(box.node)} “{text if len(text) <= 80 else text[:79] + '…'}”"


def _common(box: Box, other: Box) -> Box:
    return next(around for around in box.around() if around.holds(other))


def _overlap(box: Box, other: Box) -> bool:
    return box.holds(other) or other.holds(box)
