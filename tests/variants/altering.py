"""Variants of a page that a reader reads otherwise: words, figures, order, markup, characters."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.variants.changes import Alteration, Change, added, around, exchanged, inserted, pair, tag, wrapped
from tests.variants.pages import Page, once, sub_once
from tests.variants.words import WORDS

_ROW = r"<tr[^>]*>(?:(?!<tr\b).)*?</tr>"
_STRUCK = r'<(strike|del|span)(?: style="text-decoration[^"]*")?>(1\.50元?)</\1>'


def _row(article: str, having: str) -> str:
    [row] = [found[0] for found in re.finditer(_ROW, article, re.DOTALL) if having in found[0]]
    return row


def _dropped(page: Page) -> Page:
    return page.swap(WORDS[page.language].sentence, "")


def _sentences_swapped(page: Page) -> Page:
    words = WORDS[page.language]
    first, second = words.two_sentences
    return page.swap(f"{first}{words.between}{second}", f"{second}{words.between}{first}")


def _row_moved(page: Page) -> Page:
    words = WORDS[page.language]

    def change(article: str) -> str:
        last, first = _row(article, words.row), _row(article, words.cells[0])
        return once(once(article, last, ""), first, last + first)

    return page.edit_article(change)


def _row_dropped(page: Page) -> Page:
    return page.edit_article(lambda article: once(article, _row(article, WORDS[page.language].row), ""))


def _span_shifted(page: Page) -> Page:
    def change(article: str) -> str:
        head = _row(article, ' colspan="2"')
        return once(article, head, sub_once("<t[dh]", '<td colspan="2"', head.replace(' colspan="2"', "")))

    return page.edit_article(change)


def _rows_spanned(page: Page) -> Page:
    def change(article: str) -> str:
        row = _row(article, WORDS[page.language].cells[0])
        return once(article, row, row.replace("<td", '<td rowspan="2"', 1))

    return page.edit_article(change)


def _item(new: str) -> Change:
    return lambda page: page.swap(WORDS[page.language].items[1], new.replace("IT", WORDS[page.language].items[1]))


def _item_dropped(page: Page) -> Page:
    item = rf"<li>(?:(?!<li>).)*{re.escape(WORDS[page.language].items[1])}.*?</li>"
    return page.edit_article(lambda article: sub_once(item, "", article))


def _full_width(page: Page) -> Page:
    percent = WORDS[page.language].decimal[0]
    return page.swap(percent, "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in percent))


def _broken(old: bytes, new: bytes) -> Change:
    return lambda page: replace(page, data=page.data.replace(old, new, 1))


ALTERING: dict[str, Alteration] = {
    "headline": Alteration(pair(lambda words: words.headline), "changed"),
    "kicker": Alteration(pair(lambda words: words.kicker), "changed"),
    "date line": Alteration(pair(lambda words: words.date), "changed"),
    "source line": Alteration(pair(lambda words: words.source), "changed"),
    "word": Alteration(pair(lambda words: words.word), "changed"),
    "“not” removed": Alteration(pair(lambda words: words.negation), "changed"),
    "number": Alteration(pair(lambda words: words.number), "changed"),
    "decimal point moved": Alteration(pair(lambda words: words.decimal), "changed"),
    "unit": Alteration(pair(lambda words: words.unit), "changed"),
    "sign turned": Alteration(pair(lambda words: words.sign), "changed"),
    "sign removed": Alteration(pair(lambda words: words.unsigned), "changed"),
    "day": Alteration(pair(lambda words: words.day), "changed"),
    "clause added": Alteration(pair(lambda words: words.clause), "changed"),
    "space in a number": Alteration(lambda page: page.swap("62.5", "6 2.5"), "changed"),
    "sentence dropped": Alteration(_dropped, "changed"),
    "sentence added": Alteration(added(" EXTRA"), "changed"),
    "sentences swapped": Alteration(_sentences_swapped, "changed"),
    "paragraphs joined": Alteration(tag(r"</p>\s*<p[^>]*>", " "), "typography-only"),
    "table cell": Alteration(pair(lambda words: (words.cells[0], words.cells[0].replace("7", "1"))), "changed"),
    "two cells swapped": Alteration(exchanged(lambda words: words.cells), "changed"),
    "row moved": Alteration(_row_moved, "changed"),
    "row dropped": Alteration(_row_dropped, "changed"),
    "colspan moved": Alteration(_span_shifted, "changed"),
    "rowspan added": Alteration(_rows_spanned, "changed"),
    "list start": Alteration(tag("<ol", '<ol start="2"'), "changed"),
    "list value": Alteration(tag("<li>", '<li value="7">'), "changed"),
    "list reversed": Alteration(tag("<ol", "<ol reversed"), "changed"),
    "list type": Alteration(tag("<ol", '<ol type="a"'), "changed"),
    "list without numbers": Alteration(lambda page: tag("<ol", "<ul")(tag("</ol>", "</ul>")(page)), "changed"),
    "list items swapped": Alteration(exchanged(lambda words: words.items[:2]), "changed"),
    "list item dropped": Alteration(_item_dropped, "changed"),
    "list item hidden": Alteration(_item("<span hidden>IT</span>"), "changed, hidden"),
    "caption": Alteration(pair(lambda words: words.caption), "changed"),
    "struck out": Alteration(wrapped("<s>", "</s>"), "changed"),
    "struck out by style": Alteration(wrapped('<b style="text-decoration: line-through">', "</b>"), "changed"),
    "no longer struck out": Alteration(tag(_STRUCK, r"\2"), "changed"),
    "what was struck out dropped": Alteration(tag(_STRUCK, ""), "changed"),
    "marked as inserted": Alteration(wrapped("<ins>", "</ins>"), "changed"),
    "10² → 102": Alteration(lambda page: page.swap("10<sup>2</sup>", "102"), "changed"),
    "10² → 10₂": Alteration(lambda page: page.swap("<sup>2</sup>", "<sub>2</sub>"), "changed"),
    "10² as one character": Alteration(lambda page: page.swap("<sup>2</sup>", "²"), "changed"),
    "ruby": Alteration(around(lambda words: words.sentence, "<ruby>", "<rt>?</rt></ruby>"), "changed"),
    "full-width digits": Alteration(_full_width, "typography-only"),
    "quotes straightened": Alteration(
        lambda page: page.edit_article(lambda text: text.replace("“", '"').replace("”", '"')), "typography-only"
    ),
    "guillemets": Alteration(lambda page: page.edit_article(lambda text: text.replace("“", "«")), "typography-only"),
    "minus as hyphen": Alteration(
        lambda page: page.edit_article(lambda text: text.replace("−", "-")), "typography-only"
    ),
    "zero-width joiner": Alteration(inserted("\u200d"), "typography-only"),
    "homoglyph": Alteration(pair(lambda words: words.homoglyph), "changed"),
    "combining mark": Alteration(inserted("\u0338"), "changed"),
    "isolate, right to left": Alteration(lambda page: page.swap("62.5", "\u206762.5\u2069"), "changed"),
    "isolate, left open": Alteration(inserted("\u2067"), "refused: unbalanced-isolate"),
    "isolates, no effect": Alteration(lambda page: page.swap("62.5", "\u206662.5\u2069"), "typography-only"),
    "right-to-left mark": Alteration(inserted("\u200f"), "changed"),
    "bidi override": Alteration(lambda page: page.swap("62.5", "\u202e5.26\u202c"), "refused: forbidden-code-point"),
    "bdo": Alteration(lambda page: page.swap("62.5", "<bdo dir=rtl>5.26</bdo>"), "refused: inline-direction"),
    "dir": Alteration(wrapped("<span dir=rtl>", "</span>"), "refused: inline-direction"),
    "direction by style": Alteration(
        wrapped('<span style="unicode-bidi: bidi-override; direction: rtl">', "</span>"), "refused: inline-direction"
    ),
    "private-use character": Alteration(inserted("&#xE000;"), "refused: forbidden-code-point"),
    "interlinear annotation": Alteration(inserted("\ufffb"), "refused: forbidden-code-point"),
    "replacement character": Alteration(inserted("&#0;"), "refused: forbidden-code-point"),
    "tag characters": Alteration(inserted("\U000e0041"), "refused: forbidden-code-point"),
    "unassigned character": Alteration(inserted("\u0378"), "refused: unassigned-code-point"),
    "forty marks": Alteration(inserted("\u0301" * 40), "refused: too-many-marks"),
    "mark on a tag border": Alteration(inserted("<sup>\u0301</sup>"), "refused: leading-mark"),
    "NUL": Alteration(inserted("\0"), "refused: forbidden-code-point"),
    "cut in a character": Alteration(_broken("−".encode(), "−".encode()[:2]), "refused: undecodable"),
}
