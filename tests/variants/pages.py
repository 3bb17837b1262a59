"""The sample pages of the demonstration, as the tests of variants take them apart and put them together."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import notary.cli.demo
from notary.core.jcs import Json

FOLDER = Path(notary.cli.demo.__file__).parent / "samples" / "pages"
TEMPLATES = ("1-table-layout", "2-content-system", "3-semantic")
LANGUAGES = ("en", "zh")

_BEGIN, _END = "<!-- article begin -->", "<!-- article end -->"
_META = re.compile(r"(<meta [^>]*charset=\"?)([a-z0-9-]+)", re.IGNORECASE)
_NOT_TEXT = r"<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!doctype[^>]*>"
_TOKEN = re.compile(rf"({_NOT_TEXT}|</?[a-z][^>]*>)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader holds: the bytes of a page, the charset that came with them, and the profile to read it with."""

    template: str
    language: str
    data: bytes
    profile: dict[str, Json]
    charset: str | None = None

    @property
    def text(self) -> str:
        """The page's HTML; only for pages in UTF-8, as ``load`` gives them."""
        return self.data.decode()

    def vector(self) -> dict[str, Any]:
        """Return the page as a case in the form of ``tests/vectors/html``."""
        charset = {} if self.charset is None else {"charset": self.charset}
        return {"page_hex": self.data.hex(), "profile": self.profile, **charset}

    def with_text(self, text: str) -> Page:
        """Return the page with other HTML."""
        return replace(self, data=text.encode())

    def edit(self, change: Callable[[str], str]) -> Page:
        """Return the page with its whole HTML changed."""
        return self.with_text(change(self.text))

    def edit_article(self, change: Callable[[str], str]) -> Page:
        """Return the page with the HTML of the announcement changed, and all around it left as it is."""
        before, article, after = split(self.text)
        return self.with_text(before + change(article) + after)

    def swap(self, old: str, new: str) -> Page:
        """Return the page with the one place in the announcement that reads ``old`` reading ``new``."""
        return self.edit_article(lambda article: once(article, old, new))


@cache
def published(template: str, language: str) -> Page:
    """Return a sample as it is published."""
    profile = json.loads((FOLDER / f"{template}.profile.json").read_text("utf-8"))
    return Page(template, language, (FOLDER / f"{template}.{language}.html").read_bytes(), profile)


@cache
def load(template: str, language: str) -> Page:
    """Return a sample in UTF-8, its letters written as themselves: what the variants are made from."""
    page = published(template, language)
    [(_, charset)] = _META.findall(page.data.decode("latin-1"))
    text = page.data.decode({"gb2312": "gbk", "iso-8859-1": "cp1252"}.get(charset, charset))
    text = re.sub("&(minus|euml);", lambda found: html.unescape(found[0]), text)
    return page.with_text(with_charset(text, "utf-8"))


def with_charset(text: str, charset: str) -> str:
    """Return a page that names another charset in its ``meta``."""
    return _META.sub(rf"\g<1>{charset}", text)


def split(text: str) -> tuple[str, str, str]:
    """Return what stands before the announcement, the announcement, and what stands behind it."""
    before, begin, rest = text.partition(_BEGIN)
    article, end, after = rest.partition(_END)
    assert begin
    assert end
    return before + begin, article, end + after


def once(text: str, old: str, new: str) -> str:
    """Replace ``old``, which must stand there exactly once."""
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def sub_once(pattern: str, new: str | Callable[[re.Match[str]], str], text: str) -> str:
    """Replace the first match of a pattern, letter case aside; there must be one."""
    result, count = re.subn(pattern, new, text, count=1, flags=re.IGNORECASE | re.DOTALL)
    assert count == 1, pattern
    return result


def edit_words(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to each piece of text between tags that is not just white space.

    It gets the text with its references resolved, and returns HTML.
    """
    parts = _TOKEN.split(text)
    return "".join(part if at % 2 or not part.strip() else change(html.unescape(part)) for at, part in enumerate(parts))


def edit_tags(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to each tag; not to comments, scripts and style sheets."""
    parts = _TOKEN.split(text)
    return "".join(
        change(part) if at % 2 and _TAG.match(part) and not part.lower().startswith(("<script", "<style")) else part
        for at, part in enumerate(parts)
    )


def escape(text: str) -> str:
    """Return text as it is written in HTML, no-break spaces so that they can be seen."""
    return html.escape(text, quote=False).replace("\xa0", "&nbsp;")
