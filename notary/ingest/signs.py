"""By what headlines, dates, sources, and what is no part of an article, are known, in English and Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notary.core.html.characters import tidy
from notary.ingest.outline import weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from selectolax.lexbor import LexborNode

    from notary.ingest.boxes import Box

_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?"
)
_DATE = re.compile(
    rf"(?:19|20)\d\d\s?[-/.年]\s?\d{{1,2}}\s?[-/.月]\s?\d{{1,2}}\s?日?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:{_MONTHS})\.?,?\s(?:19|20)\d\d"
    rf"|(?:{_MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
    rf"|\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)\d\d",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^(?:(?:文章|信息|新闻|稿件|内容)?(?:来源|出处|稿源)|source|from|by|issued by|published by)\s?[:：]?\s?\S",
    re.IGNORECASE,
)
_SOURCE_LABEL = re.compile(r"来源|出处|稿源|source\s?[:：]", re.IGNORECASE)
_TITLE_WORDS = re.compile(r"title|headline|(?:^|[-_ ])tit(?:[-_ ]|$)|biaoti", re.IGNORECASE)
_DATE_WORDS = re.compile(r"date|time|publish", re.IGNORECASE)
_SOURCE_WORDS = re.compile(r"source|origin|laiyuan|(?:^|[-_ ])(?:from|ly)(?:[-_ ]|$)", re.IGNORECASE)
_ASIDE_WORDS = re.compile(
    r"share|social|toolbar|(?:^|[-_ ])tools?(?:[-_ ]|$)|print|related|recommend|breadcrumb|crumb|comment"
    r"|(?:^|[-_ ])ads?(?:[-_ ]|$)|advert|newsletter|subscribe|qrcode|pager|prev-?next|(?:^|[-_ ])nav",
    re.IGNORECASE,
)
_ASIDE_TEXT = re.compile(
    r"^[【\[(（|\s]*(?:打印|关闭|分享|收藏|print|close|share|email|top|返回顶部|back to top)(?![a-z])[^。.]{0,40}$",
    re.IGNORECASE,
)
_HEADINGS = {"h1": 4, "h2": 2, "h3": 1, "h4": 1}
_META_TITLES = frozenset(("articletitle", "og:title", "twitter:title", "dc.title", "title"))
_MAX_LINE = 120
_MAX_TITLE = 400


def titles(root: LexborNode) -> list[str]:
    """Return what the head of the page says its title is."""
    found = [shown for node in root.css("head title") if (shown := tidy(node.text() or ""))]
    for node in root.css("meta"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        if name in _META_TITLES and (content := tidy(attributes.get("content") or "")):
            found.append(content)
    return found


def headline(boxes: Sequence[Box], core: Box, known: Iterable[str], *, first: int) -> Box | None:
    """Return the element that is most likely the headline of the article; ``first`` is where its first paragraph is."""
    known = list(known)
    best: tuple[int, int, Box] | None = None
    for box in boxes:
        if not 6 <= box.weight <= _MAX_TITLE or not box.is_line:
            continue
        if box.order > first and not core.holds(box):
            continue
        score = _headline_score(box, known, before=box.order < first)
        # Of several of one score the last before the first paragraph; of nested ones the innermost.
        place = (score, box.order if box.order < first else -box.order, box)
        if score >= 4 and (best is None or place[:2] > best[:2]):
            best = place
    return None if best is None else best[2]


def _headline_score(box: Box, known: list[str], *, before: bool) -> int:
    score = _HEADINGS.get(box.tag, 0) + 2 * bool(_TITLE_WORDS.search(_words(box.node))) + before
    if 2 * box.linked > box.weight:
        score -= 6
    text = box.text
    if any(title == text or (title.startswith(text) and weight(text) >= 12) for title in known):
        score += 6
    return score


def date_line(lines: Sequence[Box]) -> Box | None:
    """Return the shortest of the elements that hold a date; of several dates the last before the first paragraph."""
    found: list[tuple[int, int, Box]] = []
    for box in lines:
        if box.weight <= _MAX_LINE and box.is_line and (matched := _DATE.search(box.text)):
            score = 3 * (box.tag == "time") + 2 * bool(_DATE_WORDS.search(_words(box.node)))
            score += 2 * (len(box.text) <= len(matched.group()) + 20) - 2 * (2 * box.linked > box.weight)
            found.append((score, box.order, box))
    return max(found, key=lambda item: item[:2])[2] if found else None


def source_line(lines: Sequence[Box]) -> Box | None:
    """Return the element that names a source."""
    found: list[tuple[int, int, Box]] = []
    for box in lines:
        if not 2 <= box.weight <= _MAX_LINE or not box.is_line or 2 * box.linked > box.weight + 20:
            continue
        text = box.text
        score = 3 * bool(_SOURCE_WORDS.search(_words(box.node))) + 3 * bool(_SOURCE.match(text))
        score += bool(_SOURCE_LABEL.search(text))
        if score >= 3:
            found.append((score, box.order, box))
    return max(found, key=lambda item: item[:2])[2] if found else None


def is_aside(box: Box) -> bool:
    """Say whether an element inside an article looks like no part of it: links to elsewhere, tools, advertisements."""
    if box.weight == 0 or box.prose > 0:
        return False
    if box.tag in {"nav", "aside"} or (box.linked >= 30 and 5 * box.linked > 4 * box.weight and box.children[1:]):
        return True
    return _ASIDE_WORDS.search(_words(box.node)) is not None or (
        box.weight <= 60 and _ASIDE_TEXT.match(box.text) is not None
    )


def is_bare(node: LexborNode) -> bool:
    """Say whether an element has neither an id nor a class."""
    attributes = node.attributes
    return not (attributes.get("id") or attributes.get("class"))


def _words(node: LexborNode) -> str:
    attributes = node.attributes
    return " ".join(filter(None, (attributes.get("id"), attributes.get("class"), attributes.get("itemprop"))))
