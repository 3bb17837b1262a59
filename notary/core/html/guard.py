"""Pages that no parser should be given: checked on the characters, before the parse. docs/spec/html.md, "Reading".

The HTML standard's own algorithm takes time that grows with the square of the nesting, and of the attributes of one
tag; and it makes an element anew for each formatting tag left open, in each paragraph. A megabyte can so stand for
hours of work, or for more memory than there is. What is counted here bounds that work from above, whatever a tag turns
out to be in the end (a comment, a script, the value of an attribute): nothing is parsed to find out.
"""

from __future__ import annotations

import re

from notary.core.html.names import FOREIGN
from notary.core.selectors import ascii_lower
from notary.errors import InvalidText

MAX_TAGS = 500_000
MAX_ATTRIBUTES = 1000
MAX_NESTING_WORK = 500_000_000
MAX_FORMATTING_WORK = 2_000_000

_WS = r"\t\n\f\r "
_TAG = re.compile("</?[A-Za-z]")
_START = re.compile("<[A-Za-z]")
# Start tags of elements that do not nest in themselves: each of them has no content, or ends the one before it.
_NEVER_NESTS = ("br", "embed", "hr", "img", "li", "meta", "p")
# Nor these, but inside `svg` and `math` they do.
_SELDOM_NESTS = (
    *("area", "base", "col", "colgroup", "input", "link", "option", "param", "source", "tbody", "td", "tfoot", "th"),
    *("thead", "tr", "track", "wbr"),
)
_FORMATTING = ("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")


def _start_of(names: tuple[str, ...], rest: str = "") -> re.Pattern[str]:
    return re.compile(rf"<(?:{'|'.join(names)})(?=[{_WS}/>]|\Z){rest}", re.IGNORECASE | re.ASCII)


_FLAT = _start_of(_NEVER_NESTS)
_FLAT_IN_HTML = _start_of(_NEVER_NESTS + _SELDOM_NESTS)
_FOREIGN = re.compile("<(?:svg|math)", re.IGNORECASE | re.ASCII)
# Markup that not all parsers read alike, and where it does not count: comments (`<!-->` is one) and scripts.
_READ_TWO_WAYS = _start_of(("select", "sup", "image", "search"))
_UNREAD = re.compile(
    rf"<!--(?:>|->|.*?(?:--!?>|\Z))|<script(?=[{_WS}/>]|\Z).*?(?=</script(?:[{_WS}/>]|\Z)|\Z)",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_SEARCH = _start_of(("search",))
_SELECT = _start_of(("select",))
_SELECT_END = re.compile(rf"</select(?=[{_WS}/>]|\Z)", re.IGNORECASE | re.ASCII)
# Tags that leave a drawing or formula, wherever they stand in it.
_LEAVES = frozenset(
    (
        *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "font"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol"),
        *("p", "pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var"),
    )
)
_LEAVES_AT_END = frozenset(("p", "br"))
_FOREIGN_CONTENT = re.compile(
    rf"<(/?)(svg|math|image|{'|'.join(sorted(_LEAVES))})(?=[{_WS}/>]|\Z)", re.IGNORECASE | re.ASCII
)
_MARKUP = re.compile("<[A-Za-z/!?]")
_IN_SELECT = re.compile(rf"<(?:/?(?:option|optgroup)|hr)(?=[{_WS}/>]|\Z)", re.IGNORECASE | re.ASCII)
_FORMAT = _start_of(_FORMATTING, "[^>]*")
# The value of an attribute that a `>` cuts, so that the tag goes on behind it.
_CUT_VALUE = re.compile(rf"""=[{_WS}]*+(?:"[^">]*+|'[^'>]*+)>""")
_CUT_AT_END = re.compile(rf"""=[{_WS}]*(?:"[^"]*|'[^']*)\Z""")

# An attribute as the standard's tokenizer reads it, and the name of a tag.
_ATTRIBUTE = re.compile(
    rf"[{_WS}/]*+[^{_WS}/>][^{_WS}/>=]*+(?:[{_WS}]*+=[{_WS}]*+"
    rf"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{_WS}>"'][^{_WS}>]*+)?)?"""
)
_TAG_NAME = re.compile(rf"<[^{_WS}/>]*+")


def check_before_parsing(text: str) -> None:
    """Refuse the decoded text of a page that must not be parsed.

    Raises :class:`InvalidText`: ``forbidden-code-point`` (U+0000), ``page-too-complex``, ``page-ambiguous``.
    """
    position = text.find("\0")
    if position >= 0:
        raise InvalidText(
            f"U+0000 at offset {position} of the page, which a page must not have.",
            code="forbidden-code-point",
            position=position,
        )
    _check_work(text)
    _check_attributes(text)
    if _READ_TWO_WAYS.search(text):
        read = _UNREAD.sub(lambda found: " " * len(found[0]), text)
        _check_selects(read)
        _check_foreign(read)
        if search := _SEARCH.search(read):
            raise _ambiguous("a search element", search.start())


def _check_work(text: str) -> None:
    # No more tags of any kind than this: most pages need no closer count.
    tags = text.count("<")
    if tags * tags <= MAX_FORMATTING_WORK:
        return
    tags = len(_TAG.findall(text))
    if tags > MAX_TAGS:
        raise _too_complex(f"more than {MAX_TAGS} tags")
    if tags * tags > MAX_NESTING_WORK:
        flat = _FLAT if _FOREIGN.search(text) else _FLAT_IN_HTML
        nesting = len(_START.findall(text)) - len(flat.findall(text))
        if nesting * tags > MAX_NESTING_WORK:
            raise _too_complex(f"{nesting} elements that may nest, and {tags} tags")
    formatting = _FORMAT.findall(text)
    if len(formatting) * tags > MAX_FORMATTING_WORK and (kinds := _different(formatting)) * tags > MAX_FORMATTING_WORK:
        raise _too_complex(f"{kinds} different formatting tags, and {tags} tags")


def _different(formatting: list[str]) -> int:
    """Return how many of the tags differ; one that may go on behind its `>` differs from all."""
    kinds: set[str] = set()
    cut = 0
    for tag in formatting:
        if _CUT_AT_END.search(tag):
            cut += 1
        else:
            kinds.add(tag)
    return len(kinds) + cut


def _check_attributes(text: str) -> None:
    # From the right, so that what stands behind an attribute has been counted when it is come to.
    behind: dict[int, int] = {}
    for start in reversed(_long_tags(text)):
        found = _TAG_NAME.match(text, start)
        at = found.end() if found is not None else start
        passed: list[int] = []
        while at not in behind and (attribute := _ATTRIBUTE.match(text, at)):
            passed.append(at)
            at = attribute.end()
        count = behind.setdefault(at, 0)
        for place in reversed(passed):
            count += 1
            behind[place] = count
        if count > MAX_ATTRIBUTES:
            raise _too_complex(f"a tag with more than {MAX_ATTRIBUTES} attributes")


def _long_tags(text: str) -> list[int]:
    """Return where each `<` with a letter stands that may begin a tag of more attributes than are let pass.

    Such a tag has two characters for each, or has a `>` inside a value; all others are the many that need no reading.
    """
    starts: set[int] = set()
    begin = 0
    for piece in text.split(">"):
        if len(piece) > 2 * MAX_ATTRIBUTES:
            starts.update(found.start() for found in _START.finditer(text, begin, begin + len(piece)))
        begin += len(piece) + 1
    for cut in _CUT_VALUE.finditer(text):
        begin = text.rfind(">", 0, cut.start()) + 1
        starts.update(found.start() for found in _START.finditer(text, begin, cut.end()))
    return sorted(starts)


def _check_selects(text: str) -> None:
    """Refuse a `select` that parsers of before 2025 and after build differently, and what stands behind it, too."""
    until = 0
    for select in _SELECT.finditer(text):
        end = _SELECT_END.search(text, select.end())
        begin, until = max(until, select.end()), end.start() if end is not None else len(text)
        for tag in _MARKUP.finditer(text, begin, until):
            if not _IN_SELECT.match(text, tag.start()):
                raise _ambiguous("a select with markup inside", tag.start())


def _check_foreign(text: str) -> None:
    """Refuse `sup` in a drawing or formula, and `image` outside of drawings: widespread parsers get these wrong."""
    inside = drawing = ""
    for tag in _FOREIGN_CONTENT.finditer(text):
        closes, name = tag[1], ascii_lower(tag[2])
        if name in FOREIGN:
            inside = drawing = "" if closes else name
        elif name == "image" and not closes and drawing != "svg":
            raise _ambiguous("an image element outside of svg", tag.start())
        elif name == "sup" and not closes and inside:
            raise _ambiguous(f"a sup element in {inside}", tag.start())
        elif name in (_LEAVES_AT_END if closes else _LEAVES):
            drawing = ""


def _ambiguous(what: str, position: int) -> InvalidText:
    return InvalidText(
        f"The page has {what}, at offset {position}: not all parsers read that alike.",
        code="page-ambiguous",
        position=position,
    )


def _too_complex(what: str) -> InvalidText:
    return InvalidText(f"The page is too intricate to be read safely: {what}.", code="page-too-complex")
