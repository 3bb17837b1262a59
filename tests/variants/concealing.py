"""Variants of a page that show, or could show, a reader something else than the text says: hidden, embedded, ignored.

And images, links, and what no digest covers.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from dataclasses import replace

from tests.variants.changes import Alteration, Change, added, around, replaced, tag, wrapped
from tests.variants.pages import Page, once, split, sub_once
from tests.variants.words import WORDS


def _ignoring(selector: str, then: Change) -> Change:
    """The copy comes with a profile of its maker, which ignores what its maker wants."""
    return lambda page: replace(then(page), profile={**page.profile, "ignore": [selector]})


def _unchanged(page: Page) -> Page:
    return page


def _other_profile(**members: str) -> Change:
    return lambda page: replace(page, profile={**page.profile, **members})


def _article_twice(page: Page) -> Page:
    before, article, after = split(page.text)
    return page.with_text(before + article + article + after)


def _article_gone(page: Page) -> Page:
    before, _, after = split(page.text)
    return page.with_text(before + after)


def _folded(page: Page) -> Page:
    paragraph = rf"<p[^>]*>(?:(?!<p\b).)*{re.escape(WORDS[page.language].two_sentences[0])}.*?</p>"
    return page.edit_article(lambda article: sub_once(paragraph, r"<details>\g<0></details>", article))


def _folding(what: str) -> Change:
    """Put something folded away behind the announcement's list."""
    return lambda page: page.edit_article(lambda article: once(article, "</ol>", f"</ol><details>{what}</details>"))


def _picture(color: bytes) -> str:
    """Return another picture than the samples have."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" + color)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


_OTHER = f'<img src="{_picture(bytes([160, 0, 0]))}" alt="">'
_SRC = r'src="data:[^"]*"'

_HIDING = {
    "hidden": "hidden",
    "display:none": 'style="display:none"',
    "visibility:hidden": "style='color: red; VISIBILITY : hidden'",
    "opacity:0": 'style="opacity:0"',
    "opacity:0.01": 'style="opacity: .01 !important"',
    "font-size:0": 'style="font-size:0"',
    "font-size:1px": 'style="font-size: 1px"',
    "font: 0/0": 'style="font: 0/0 serif"',
    "off-screen left": 'style="position:absolute;left:-9999px"',
    "text-indent": 'style="display: inline-block; text-indent: -9999px"',
    "transparent": 'style="color: transparent"',
    "color alpha 0": 'style="color:rgba(0, 0, 0, 0)"',
    "clip": 'style="position:absolute; clip: rect(0 0 0 0)"',
    "height:0": 'style="display:block; height:0; overflow:hidden"',
    "scale(0)": 'style="display:block; transform: scale(0)"',
    "spaced !important": 'style="display: none ! important"',
    "variable": 'style="--d:none; display:var(--d)"',
    "exponent": 'style="opacity:1e-9"',
    "color of four parts": 'style="color: rgb(0 0 0 / 0%)"',
    "content": 'style="content:url(data:,)"',
    "undone later": 'style="display:none; display:inline"',
    "moved away by transform": 'style="display: inline-block; transform: translate(-99em, 1000px)"',
    "moved away by translate": 'style="display: inline-block; translate: 0 2000px"',
    "invisible by filter": 'style="filter: blur(1px) opacity(0)"',
    "margin": 'style="display: inline-block; margin: 0 0 0 -9999px"',
    "inset": 'style="position: absolute; inset: -500px auto auto 0"',
    "line-height:0": 'style="display: block; line-height: 0; overflow: hidden"',
}

_EMBEDDED = {
    "svg text": "<svg><text y=20>EXTRA</text></svg>",
    "math": "<math><mtext>EXTRA</mtext></math>",
    "iframe": '<iframe srcdoc="EXTRA"></iframe>',
    "object": '<object data="data:text/html,EXTRA"></object>',
    "embed": '<embed src="data:text/html,EXTRA">',
    "video": '<video src="https://video.example/1.mp4" controls></video>',
    "canvas": "<canvas>EXTRA</canvas>",
    "image button": '<input type=image src="https://image.example/1.png">',
    "shadow root": "<span><template shadowrootmode=open>EXTRA</template></span>",
}

_CONTROLS = {
    "button": "<button>EXTRA</button>",
    "input value": '<input value="EXTRA" readonly style="border:0">',
    "placeholder": '<input placeholder="EXTRA">',
    "textarea": "<textarea>EXTRA</textarea>",
    "select": "<select><option>EXTRA</select>",
    "noscript": "<noscript>EXTRA</noscript>",
    "option label": '<select><option label="EXTRA"></select>',
    "picture in a button": f"<button>{_OTHER}</button>",
    "checked box": "<input type=checkbox checked>",
    "gauge": "<meter value=.2></meter>",
}

_SHOWN_ALL_THE_SAME = {
    "picture, hidden and shown again": f'<b style="display:none; display:inline">{_OTHER}</b>',
    "picture without height": f'<div style="height:0">{_OTHER}</div>',
    "input, hidden and shown again": '<b hidden style="display:inline"><input value="EXTRA"></b>',
    "script shown by its style": '<script type="text/x" style="display:inline">EXTRA</script>',
    "title shown by its style": '<title style="display:inline">EXTRA</title>',
    "rp shown by its style": '<rp style="display:inline">EXTRA</rp>',
    "popover": "<b popover>EXTRA</b>",
}

CONCEALING: dict[str, Alteration] = {
    "hidden text made visible": Alteration(
        lambda page: page.edit_article(lambda text: once(text, ' style="display:none"', "")),
        "changed",
        before=added('<span style="display:none"> EXTRA</span>'),
    ),
    "hidden text changed": Alteration(
        lambda page: page.edit_article(lambda text: once(text, " 1.</span>", " 2.</span>")),
        "match, hidden",
        before=added('<span style="display:none">EXTRA 1.</span>'),
    ),
    "whole page hidden": Alteration(
        lambda page: page.edit(lambda text: sub_once("<body", '<body style="opacity:0"', text)),
        "refused: selected-hidden",
    ),
    "paragraph folded into details": Alteration(_folded, "changed, hidden"),
    "addition folded into details": Alteration(_folding("EXTRA"), "match, hidden"),
    "image folded into details": Alteration(_folding(_OTHER), "match, hidden"),
    "style with a backslash": Alteration(wrapped(r'<span style="d\69splay:none">', "</span>"), "refused: style-escape"),
    "own profile ignores a sentence": Alteration(
        _ignoring(".x", wrapped('<span class="x">', "</span>")), "changed, ignored"
    ),
    "own profile ignores an addition": Alteration(
        _ignoring(".x", added(' <span class="x">EXTRA</span>')), "match, ignored"
    ),
    "own profile ignores the list": Alteration(_ignoring("ol", _unchanged), "changed, ignored"),
    "own profile ignores the image": Alteration(_ignoring("img", _unchanged), "match, ignored, images"),
    "own profile, smaller body": Alteration(_other_profile(body="ol"), "changed, images"),
    "own profile, no such element": Alteration(_other_profile(body="#no"), "refused: selector-no-match"),
    "own profile, date from the body": Alteration(
        lambda page: replace(page, profile={**page.profile, "source": page.profile["date"]}), "refused: profile-overlap"
    ),
    "announcement twice": Alteration(_article_twice, "refused: selector-ambiguous"),
    "announcement gone": Alteration(_article_gone, "refused: selector-no-match"),
    "image swapped": Alteration(tag(_SRC, f'src="{_picture(bytes(3))}"'), "match, images"),
    "image from elsewhere": Alteration(tag(_SRC, 'src="https://image.example/1.png"'), "match, images"),
    "image, one byte more": Alteration(tag(r'(src="data:[^"]*[^"=])=*"', r'\1AAAA"'), "match, images"),
    "image by screen size": Alteration(tag("<img", '<img srcset="https://image.example/2.png 2x"'), "match, images"),
    "image added": Alteration(added(_OTHER), "match, images"),
    "image removed": Alteration(tag(r"<img[^>]*>", ""), "match, images"),
    "tracker inside": Alteration(added('<img src="https://pixel.example/1.gif" width=1 height=1>'), "match, images"),
    "link target": Alteration(lambda page: page.swap("/reports/2026-11", "/reports/2026-12"), "match, links"),
    "base added": Alteration(
        lambda page: page.edit(lambda text: once(text, "</head>", '<base href="https://elsewhere.example/"></head>')),
        "match, links",
    ),
    "link text": Alteration(around(lambda words: words.linked, "", "?"), "changed, links"),
    "link added": Alteration(wrapped('<a href="https://elsewhere.example/">', "</a>"), "match, links"),
    "link moved": Alteration(
        lambda page: page.edit_article(
            lambda text: re.sub(r"(<a href[^>]*>)(.*?)(</a>)([^<]*)", r"\2\1\4\3", text, count=1)
        ),
        "match, links",
    ),
}
CONCEALING |= {
    f"sentence hidden: {name}": Alteration(wrapped(f"<b {how}>", "</b>"), "changed, hidden")
    for name, how in _HIDING.items()
}
CONCEALING |= {
    "sentence hidden: comment in style": Alteration(
        wrapped("<b style=\"--a:'/*'; display:none\">", "</b>"), "refused: style-escape"
    )
}
CONCEALING |= {
    f"addition hidden: {name}": Alteration(added(f"<b {how}>EXTRA</b>"), "match, hidden")
    for name, how in _HIDING.items()
}
CONCEALING |= {f"added: {name}": Alteration(added(how), "match, embedded") for name, how in _EMBEDDED.items()}
CONCEALING |= {f"added: {name}": Alteration(added(how), "match, skipped") for name, how in _CONTROLS.items()}
CONCEALING |= {f"added: {name}": Alteration(added(how), "match, hidden") for name, how in _SHOWN_ALL_THE_SAME.items()}
CONCEALING |= {
    "sentence as svg": Alteration(replaced("<svg><text>IT</text></svg>"), "changed, embedded"),
    "sentence as a button": Alteration(replaced("<button>IT</button>"), "changed, skipped"),
    "sentence as a picture": Alteration(replaced(_OTHER), "changed, images"),
}

# What html.md does not cover, or its net for hidden text lets through: the digest stays, nothing is listed. So whoever
# shows a result says that style sheets and scripts are not looked at.
NOT_COVERED: dict[str, Change] = {
    "alternative text of an image": lambda page: page.edit_article(
        lambda text: sub_once('alt="[^"]*"', 'alt="?"', text)
    ),
    "hidden by a style sheet": lambda page: wrapped('<b class="x">', "</b>")(page).edit(
        lambda text: once(text, "</head>", "<style>.x { display: none }</style></head>")
    ),
    "white on white": wrapped('<b style="color: #fff">', "</b>"),
    "added by a style sheet": lambda page: page.edit(
        lambda text: once(text, "</head>", "<style>h1::after { content: '?' }</style></head>")
    ),
    "changed by a script": lambda page: page.edit(
        lambda text: once(text, "</body>", "<script>document.body.append('?')</script></body>")
    ),
    "told beside the announcement": lambda page: page.edit(
        lambda text: once(text, "<!-- article end -->", "<!-- article end --><p>?</p>")
    ),
}
