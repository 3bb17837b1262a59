"""Variants of a page that a reader reads the same: print views, redesigns, other markup, other bytes.

Each takes a sample in UTF-8 and gives a copy that must keep the digest, list nothing, and have the same images, links.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from html.entities import html5

from tests.variants.pages import (
    TEMPLATES,
    Page,
    edit_tags,
    edit_words,
    escape,
    load,
    once,
    split,
    sub_once,
    with_charset,
)

Change = Callable[[Page], Page]

_BLOCKS = (
    "article|aside|div|figcaption|figure|footer|h1|h2|h3|h4|header|li|main|nav|ol|p|section"
    "|table|tbody|td|th|thead|tr|ul"
)
_NAMES = {value: name for name, value in html5.items() if name.endswith(";") and len(value) == 1}


def _print_view(page: Page) -> Page:
    _, article, _ = split(page.text)
    before = f'<!doctype html><html><head><meta charset="utf-8"><title>{page.template}</title></head><body>'
    # The selectors of the first template look for a column, those of the third for a main part.
    column = {"1": ('<table><tr><td width="760">', "</td></tr></table>"), "3": ("<main>", "</main>")}
    opened, closed = column.get(page.template[0], ("<div>", "</div>"))
    return page.with_text(f"{before}{opened}{article}{closed}</body></html>")


def _redesign(steps: int) -> Change:
    def other(page: Page) -> Page:
        return load(TEMPLATES[(TEMPLATES.index(page.template) + steps) % len(TEMPLATES)], page.language)

    return other


def _indented(page: Page) -> Page:
    def around(tag: str) -> str:
        return f"\n\t\t  {tag}\r\n      " if re.match(rf"</?(?:{_BLOCKS})\b", tag, re.IGNORECASE) else tag

    return page.edit(lambda text: edit_tags(text, around))


def _minified(page: Page) -> Page:
    def minify(text: str) -> str:
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r"[ \t\r\n]+", " ", text)
        text = re.sub(rf" ?(</?(?:{_BLOCKS})\b[^>]*>) ?", r"\1", text, flags=re.IGNORECASE)
        return re.sub(r'="([a-z0-9#%/-]*[a-z0-9#%-])"', r"=\1", text, flags=re.IGNORECASE)

    return page.edit(minify)


def _optional_tags_left_out(page: Page) -> Page:
    return page.edit(
        lambda text: re.sub(r"</(?:p|li|td|th|tr|thead|tbody|body|html)>", "", text, flags=re.IGNORECASE).replace(
            "<tbody>", ""
        )
    )


def _references(write: Callable[[str], str]) -> Change:
    """Write every other character as a reference."""

    def words(text: str) -> str:
        return "".join(escape(char) if at % 2 else write(char) for at, char in enumerate(text))

    return lambda page: page.edit(lambda text: edit_words(text, words))


def _named(char: str) -> str:
    return f"&{_NAMES[char]}" if char in _NAMES else escape(char)


def _no_break_spaces(page: Page) -> Page:
    spaces = itertools.cycle(["&nbsp;", "\xa0", "　", "&emsp;\n&thinsp;", " "])
    return page.edit_article(
        lambda text: edit_words(text, lambda words: re.sub(r"[ \xa0　]+", lambda _: next(spaces), escape(words)))
    )


def _decomposed(page: Page) -> Page:
    return page.edit(lambda text: unicodedata.normalize("NFD", text))


def _bytes(encoding: str, *, label: str | None, transport: str | None = None, mark: bytes = b"") -> Change:
    """Write the page in another encoding; what it does not have as a numeric reference, as browsers and editors do."""

    def recode(page: Page) -> Page:
        text = with_charset(page.text, label) if label else page.text
        return replace(page, data=mark + text.encode(encoding, "xmlcharrefreplace"), charset=transport)

    return recode


def _breaks_for_paragraphs(page: Page) -> Page:
    def change(text: str) -> str:
        plain = r"<p(?! class)(?: [^>]*)?>(.*?)</p>"
        return re.sub(plain, r"\1<br><br>", text, flags=re.IGNORECASE | re.DOTALL)

    return page.edit_article(change)


def _div_soup(page: Page) -> Page:
    def change(tag: str) -> str:
        name = r"(?:p|section|header|footer|figure|figcaption|center|h3)\b"
        tag = re.sub(rf"<{name}([^>]*)>", r"<div><div\1>", tag)
        return re.sub(rf"</{name}>", "</div></div>", tag)

    return page.edit_article(lambda text: edit_tags(text, change))


def _inline_tags(page: Page) -> Page:
    names = itertools.cycle(["span", "b", "em", "font color=red", "i", "u", "strong", "small", "mark"])

    def wrap(found: re.Match[str]) -> str:
        name = next(names)
        return f"<{name}>{escape(found[0])}</{name.split()[0]}>"

    return page.edit_article(lambda text: edit_words(text, lambda words: re.sub(r"\S+", wrap, words)))


def _inside_words(*pieces: str) -> Change:
    """Put something between every two characters of a word."""

    def change(page: Page) -> Page:
        turn = itertools.cycle(pieces)

        def words(text: str) -> str:
            parts = re.findall(r"\s+|\S+", text)
            return "".join("".join(char + (next(turn) if more else "") for char, more in _marked(p)) for p in parts)

        return page.edit_article(lambda text: edit_words(text, words))

    return change


def _marked(part: str) -> list[tuple[str, bool]]:
    return [(escape(char), not char.isspace() and at < len(part) - 1) for at, char in enumerate(part)]


def _split_tags(page: Page) -> Page:
    return page.edit_article(
        lambda text: edit_words(
            text,
            lambda words: re.sub(r"\w\w", lambda two: f"<b>{two[0][0]}</b><font>{two[0][1]}</font>", _plain(words)),
        )
    )


def _plain(text: str) -> str:
    """Return text without anything that had to be escaped."""
    assert not set(text) & set("&<>"), text
    return text


def _between_blocks(piece: str) -> Change:
    return lambda page: page.edit_article(lambda text: re.sub(r"(?=<p\b)|(?=<ol\b)", piece, text, flags=re.IGNORECASE))


def _trackers(page: Page) -> Page:
    pixel = '<img src="https://pixel.example/1.gif" width=1 height=1><iframe src="https://ads.example/"></iframe>'
    return page.edit(
        lambda text: once(
            once(text, "<!-- article end -->", f"<!-- article end -->{pixel}"), "</body>", f"{pixel}</body>"
        )
    )


def _other_surroundings(page: Page) -> Page:
    """Another day: other advertisements, other related news, a higher count."""
    before, article, after = split(page.text)
    after = edit_words(after, lambda words: escape(words.replace("10294", "99999").replace("10,294", "99,999") + "!"))
    return page.with_text(edit_words(before, lambda words: escape(words + "?")) + article + after)


def _attributes(page: Page) -> Page:
    def change(tag: str) -> str:
        found = re.fullmatch(r"<([a-z0-9]+)((?: [^>]*?)?)( ?/?)>", tag, re.IGNORECASE | re.DOTALL)
        if found is None:
            return tag
        pairs = re.findall(r'([a-z-]+)(?:="([^"]*)")?', found[2], re.IGNORECASE)
        own = {name.lower(): value for name, value in pairs}
        own["class"] = f"js-x {own.get('class', '')} loaded".replace("  ", " ")
        own |= {"data-v": "7", "onclick": "go(1 > 0)", "aria-label": "x", "translate": "no"}
        written = " ".join(f"{name} = '{value}'" for name, value in reversed(own.items()))
        return f"<{found[1]} {written}{found[3]}>"

    return page.edit(lambda text: edit_tags(text, change))


def _upper_case(page: Page) -> Page:
    def change(tag: str) -> str:
        tag = re.sub(r"^</?[a-z0-9]+", lambda name: name[0].upper(), tag)
        return re.sub(r" ([a-z-]+)=", lambda name: name[0].upper(), tag)

    return page.edit(lambda text: edit_tags(text, change))


def _quote_elements(page: Page) -> Page:
    return page.edit_article(lambda text: text.replace("“", "<q>").replace("”", "</q>"))


def _written_numbers(page: Page) -> Page:
    numbers = itertools.count(1)
    return page.edit_article(
        lambda text: re.sub(r"<li\b", lambda _: f"<li value=' +{next(numbers)}.'", text).replace(
            "<ol", "<ol start=1", 1
        )
    )


def _struck_and_raised(page: Page) -> Page:
    def change(text: str) -> str:
        struck = r'<(strike|del|span)(?: style="text-decoration[^"]*")?>(1\.50元?)</\1>'
        text = sub_once(struck, r'<font style="TEXT-DECORATION-LINE:underline line-through"><s>\2</s></font>', text)
        return once(text, "<sup>2</sup>", '<span style="font-size:smaller; vertical-align : super">2</span>')

    return page.edit_article(change)


def _same_image(page: Page) -> Page:
    """The same picture under an address written otherwise, at another size."""
    return page.edit_article(
        lambda text: sub_once(
            r'src="data:(image/png;base64,)(.{40})', r'decoding=async sizes=auto src="DATA:\1' + "\n \\2 ", text
        )
    )


def _no_doctype_changes(page: Page) -> Page:
    text = re.sub(r"^<!doctype[^>]*>", "", page.text, flags=re.IGNORECASE)
    return page.with_text(text if text != page.text else "<!DOCTYPE html>" + text)


def _links_taken_out(page: Page) -> Page:
    return page.edit_article(lambda text: re.sub(r"</?a\b[^>]*>", "", text))


COSMETIC: dict[str, Change] = {
    "print view": _print_view,
    "redesign: next template": _redesign(1),
    "redesign: the one after": _redesign(2),
    "other ads, news and count": _other_surroundings,
    "indented between blocks": _indented,
    "minified": _minified,
    "CR LF": lambda page: page.edit(lambda text: text.replace("\n", "\r\n")),
    "doctype gone or added": _no_doctype_changes,
    "optional end tags left out": _optional_tags_left_out,
    "upper-case tags": _upper_case,
    "attributes reordered, added": _attributes,
    "named references": _references(_named),
    "decimal references": _references(lambda char: f"&#{ord(char)};"),
    "hexadecimal references": _references(lambda char: f"&#x{ord(char):X};"),
    "no-break and wide spaces": _no_break_spaces,
    "decomposed (NFD)": _decomposed,
    "UTF-8 with mark": _bytes("utf-8", label="big5", transport="gbk", mark=codecs.BOM_UTF8),
    "GB 18030 by meta": _bytes("gb18030", label="gb18030"),
    "GBK by meta gb2312": _bytes("gbk", label="gb2312"),
    "GB 18030 by transport": _bytes("gb18030", label=None, transport="GB18030"),
    "UTF-16 LE with mark": _bytes("utf-16-le", label=None, mark=codecs.BOM_UTF16_LE),
    "UTF-16 BE with mark": _bytes("utf-16-be", label="gbk", transport="gbk", mark=codecs.BOM_UTF16_BE),
    "windows-1252 with references": _bytes("cp1252", label="latin1"),
    "br for p": _breaks_for_paragraphs,
    "div soup": _div_soup,
    "inline tags around words": _inline_tags,
    "inline tags inside words": _split_tags,
    "soft hyphens, zero-width": _inside_words("&shy;", "\u200b", "&#x2060;", "\ufeff", "<wbr>"),
    "comments inside words": _inside_words("<!-- . -->", "<!---->"),
    "scripts, styles inside words": _inside_words(
        "<script>document.write('<b>not</b>')</script>", "<style>p { color: red }</style>", "<template>not</template>"
    ),
    "scripts between blocks": _between_blocks("<script>var a = '<p>not</p>';</script><!-- <p>not</p> --><link rel=x>"),
    "empty blocks, rules": _between_blocks("<div>&nbsp;</div><div><br>　</div><hr><h2></h2><ul><li></ul>"),
    "anchors between blocks": _between_blocks('<a name="top"></a>'),
    "trackers outside": _trackers,
    "q for quotes": _quote_elements,
    "list numbers written out": _written_numbers,
    "struck, raised by style": _struck_and_raised,
    "image address respelled": _same_image,
    "links taken out": _links_taken_out,
}

# The same page in bytes that are not read, or would be read otherwise by whoever guesses: never a match, nor a change.
UNREADABLE: dict[str, tuple[Change, str]] = {
    "Big5": (_bytes("big5", label="Big5"), "refused: unsupported-encoding"),
    "Shift_JIS": (_bytes("shift_jis", label="Shift_JIS"), "refused: unsupported-encoding"),
    "UTF-32": (_bytes("utf-32", label=None), "refused: unsupported-encoding"),
    "GBK named UTF-8": (_bytes("gbk", label=None), "refused: undecodable"),
    "UTF-8 named windows-1252": (_bytes("utf-8", label="windows-1252"), "refused: forbidden-code-point"),
    "two names": (
        lambda page: page.edit(lambda text: once(text, "</head>", '<meta charset="gb18030"></head>')),
        "refused: conflicting-encodings",
    ),
    "unknown name from transport": (
        _bytes("utf-8", label=None, transport="utf-99"),
        "refused: unsupported-encoding",
    ),
}
