"""A page and its profile by chance, without a fault yet, and the ways to put one in."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from tests.parity.pages import ALL_TAGS, PageMaker

Vector = dict[str, Any]
TAG = re.compile("<[^>]*>")
SELECTORS = {
    "title": (
        "h1",
        "#t",
        "h1#t.x",
        "body > h1",
        "body>h1",
        '[id="t"]',
        "h1:nth-of-type(1)",
        "body h1.x , h6",
        "H1",
        "#标, #t",
    ),
    "date": (
        ".date",
        "span.date",
        ".meta > .date",
        "div .date",
        ".meta span:nth-child(1)",
        '[class^="date"]',
        "[data-d]",
    ),
    "source": (".source", 'span[class~="source"]', ".meta > :nth-child(2)", '[class$="source"]', '*[class*="ourc"]'),
    "body": (
        "#b",
        "div.content",
        '[class~="content"]',
        "body #b",
        "#b.content",
        "body > div.content",
        "main , #b",
        "body > #b",
    ),
}
IGNORED = (
    [".ad"],
    [".ad", "figure"],
    ["p.ad", "[hidden], table table"],
    ["li:nth-child(2)"],
    ["sup, .x .ad", "#b > p:nth-of-type(1)"],
)
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8", "gbk", "gb18030", "windows-1252", "utf-16le", "utf-16be")


class PageCase:
    """What a seed and a number stand for."""

    def __init__(self, seed: int, number: int, *, for_parse5: bool) -> None:
        """Start the chances of this case; they depend on no other case."""
        self.for_parse5 = for_parse5
        self.rng = Random(f"{seed}/{number}")
        self.maker = PageMaker(self.rng)
        self.before = self.after = ""
        self.title, self.date, self.source = (self.maker.inlines() for _ in range(3))
        self.body = self.maker.soup() if self.rng.random() < 0.15 else self.maker.blocks()
        self.opening = "<div id=b class='content y'>"
        self.profile: Any = {"spec": "notary-profile/1", "body": self.rng.choice(SELECTORS["body"])}
        for name, chance in (("title", 0.85), ("date", 0.5), ("source", 0.4)):
            if self.rng.random() < chance:
                self.profile[name] = self.rng.choice(SELECTORS[name])
        if self.rng.random() < 0.4:
            self.profile["ignore"] = self.rng.choice(IGNORED)
        self.charset: str | None = "utf-8"
        self.extra: Vector = {}
        self.in_rows = self.rng.random() < 0.04
        if self.in_rows:
            names = {
                "title": ("#t", "table"),
                "body": ("#b", "table", "tbody", "#b td:nth-of-type(1)", "td:nth-child(1), #b"),
            }
            self.profile = {"spec": "notary-profile/1"} | {
                name: self.rng.choice(choice) for name, choice in names.items()
            }

    def page(self) -> str:
        date = f"<span class='date' data-d>{self.date}</span>"
        meta = f"<div class=meta>{date} <span class='the source'>{self.source}</span></div>"
        if self.in_rows:
            rows = f"<tr class=x id=t>{self.title}<td rowspan=2>t<tr id=b class='content y'><td>{self.body}<td>b"
            return f"<table>{rows}<tr><td>c</table>{self.after}"
        place = self.rng.random()
        inside = meta if place < 0.2 else ""
        head = self.rng.choice(
            (
                "<!doctype html><html lang=en><head><title>T</title></head><body>",
                "<title>T</title>",
                "<!DOCTYPE html>\n",
                "",
            )
        )
        nav = self.rng.choice(("", "<nav><a href=/>Home</a>&gt;<a href=/n>News</a></nav>", "<!-- top -->"))
        foot = self.rng.choice(("", "<footer>【print】 【close】</footer></body></html>", "<script>1<2</script>"))
        return (
            f"{head}{self.before}{nav}<h1 id=t class=x>{self.title}</h1>{'' if inside else meta}"
            f"{self.opening}{inside}{self.body}</div>{self.after}{foot}"
        )

    def damaged(self, page: str) -> str:
        """Take a tag away, put one in, exchange two, cut, or write one in another way."""
        tags = list(TAG.finditer(page))
        if not tags:
            return page
        one, other = sorted((self.rng.choice(tags), self.rng.choice(tags)), key=lambda found: found.start())
        name = self.rng.choice(ALL_TAGS)
        if name in {"plaintext", "frameset"} and self.rng.random() < 0.8:
            name = "table"
        new = self.rng.choice(
            (
                f"<{name}>",
                f"</{name}>",
                f"<{name} ",
                "<table>",
                "</table>",
                "<tr>",
                "</b>",
                "<b>",
                "</div>",
                "<p>",
                "<a href=x>",
                "<!--",
                "-->",
                "<",
                "<li>",
                "<form>",
            )
        )
        if new == "<!--" and self.rng.random() < 0.8:
            new = "<i>"
        match self.rng.randint(0, 6):
            case 0 | 1:
                return page[: one.start()] + page[one.end() :]
            case 2 | 3:
                return page[: one.start()] + new + page[one.start() :]
            case 4 if one.end() <= other.start():
                return page[: one.start()] + other[0] + page[one.end() : other.start()] + one[0] + page[other.end() :]
            case 5:
                return page[: one.start()] + one[0].upper() + page[one.end() :]
            case _:
                return page[: self.rng.randint(len(page) // 2, len(page))]

    def encoded(self, page: str) -> Vector:
        encoding = self.rng.choice(ENCODINGS) if self.charset == "utf-8" and not self.extra.get("bytes") else "utf-8"
        data = page.encode(encoding, "xmlcharrefreplace") if encoding != "utf-8" else page.encode()
        inserted = self.extra.pop("bytes", b"")
        if inserted:
            at = self.rng.randint(0, len(data))
            data = data[:at] + inserted + data[at:]
        charset = encoding if self.charset == "utf-8" else self.charset
        if encoding == "utf-8" and self.charset == "utf-8" and self.rng.random() < 0.3:
            charset = None
            data = b"\xef\xbb\xbf" + data if self.rng.random() < 0.3 else data
        named = {} if charset is None else {"charset": charset}
        try:
            return {"page": data.decode()} | named if encoding == "utf-8" else {"page_hex": data.hex()} | named
        except UnicodeDecodeError:
            return {"page_hex": data.hex()} | named

    def put(self, text: str) -> None:
        """Put something into one of the regions, between two tags or words."""
        name = self.rng.choice(("body", "body", "body", "title"))
        content: str = getattr(self, name)
        places = [
            0,
            len(content),
            *(found.end() for found in TAG.finditer(content)),
            *(i for i, char in enumerate(content) if char == " "),
        ]
        at = self.rng.choice(places)
        setattr(self, name, content[:at] + text + content[at:])

    def around(self, before: str, after: str) -> None:
        """Put something around the body."""
        self.opening = before + self.opening
        self.after += after
