"""The names of elements that the walk knows, as docs/spec/html.md lists them, and what it does with each."""

from __future__ import annotations

from enum import IntEnum, auto

NOT_SHOWN = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "col", "colgroup", "datalist", "head", "link", "meta", "noembed"),
        *("noframes", "param", "rp", "script", "source", "style", "title", "track"),
    )
)
EMBEDDED = frozenset(
    ("applet", "audio", "canvas", "embed", "frame", "frameset", "iframe", "math", "object", "svg", "video")
)
CONTROLS = frozenset(("button", "input", "meter", "optgroup", "option", "output", "progress", "select", "textarea"))
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "marquee", "menu", "nav"),
        *("ol", "p", "plaintext", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "ul", "xmp"),
    )
)
PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext"))
# What numbers the `li` inside, however deep.
LISTS = frozenset(("ol", "ul", "menu"))
FOREIGN = frozenset(("svg", "math"))
TEXT = "-text"


class Does(IntEnum):
    """What the walk does with an element that is neither left out nor refused: lines g to t of the table."""

    CHILDREN = auto()
    NOTHING = auto()
    BLOCK = auto()
    BREAK = auto()
    EMBEDDED = auto()
    IMAGE = auto()
    CONTROL = auto()
    QUOTE = auto()
    RUBY = auto()
    ROW = auto()
    ITEM = auto()
    PREFORMATTED = auto()
    LINK = auto()
    DETAILS = auto()
    LIST = auto()


DOES: dict[str, Does] = {
    **dict.fromkeys(BLOCKS, Does.BLOCK),
    **dict.fromkeys(PREFORMATTED, Does.PREFORMATTED),
    **dict.fromkeys(EMBEDDED, Does.EMBEDDED),
    **dict.fromkeys(CONTROLS, Does.CONTROL),
    "a": Does.LINK,
    "br": Does.BREAK,
    "details": Does.DETAILS,
    "hr": Does.BREAK,
    "img": Does.IMAGE,
    "li": Does.ITEM,
    **dict.fromkeys(LISTS, Does.LIST),
    "noscript": Does.CONTROL,
    "q": Does.QUOTE,
    "rt": Does.RUBY,
    "rtc": Does.RUBY,
    # Only with ``shadowrootmode``: without, it is not shown.
    "template": Does.EMBEDDED,
    "tr": Does.ROW,
    "wbr": Does.NOTHING,
}
