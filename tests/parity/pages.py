"""Pages and profiles by chance: such as portals publish, with everything that HTML allows and much that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def names(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split(" "))


WORDS = names(
    "The harbour office moves to Lindenau on 1 April not later than 10 % of 1,234.50 € “quoted” it’s a–b x² H₂O "
    "关于 调整 首末班车 时间 的 公告 自２０２４年 起 执行 ，。 "
    "Ｆｕｌｌ ｶﾞｷﾞ Straße naïve e\u0301te\u0301 한국어 \u1112\u1161\u11ab "
    "עברית العربية देवनागरी ไทย \u1820\u180b\u1821 "
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 👩\u200d🚀 ❤\ufe0f "
    "a\u00adb c\u200bd e\ufefff g\u2060h \u2067i\u2069 j\u200ek "
    "&amp; &lt;b&gt; &nbsp; &copy; &notin; &not;in &amp;amp; &#8217; &#x200b; "
    "&#133; &bogus; &NotEqualTilde; &ampx AT&T a&b "
    "&lt &#65 &#x41g \u2028 \u3000 \u0085 \u00a0 \t \n \r\n \x0b \x0c 龍\u8c48豈 K Å ≮ <\u0338"
)
STYLES = (
    "color:red", "display:block", "display:none", "DISPLAY : NONE !important", "visibility:hidden",
    "visibility:collapse", "opacity:0", "opacity:0.05", "opacity:.1", "opacity:0.1", "opacity:9%", "opacity:10%",
    "opacity:+0.09", "opacity:-1", "font-size:0", "font-size:1.9px", "font-size:2px", "font-size:0.19em",
    "font-size:.2rem", "font-size:19%", "font-size:0vw", "font:0/1 a", "font:bold 0px x", "font:10px x",
    "font:italic 0 serif", "font:.0em x", "font:bold\t0px x", "color:transparent", "color:rgba(1,2,3,0)",
    "color:rgba(1,2,3, 0.0 )", "color:hsla(1,2%,3%,0%)", "color:rgb(0 0 0/0)", "color:rgb(0 0 0 / 0.0)",
    "color:rgba(0,0,0,.5)", "color:#1230", "color:#11223300", "color:#112233", "color:#123",
    "-webkit-text-fill-color:transparent", "width:0", "height:0px", "max-width:0.0", "max-height:00%", "width:10px",
    "text-indent:-9999px", "left:-100em", "left:-99.9px", "top:-1e3px", "margin-left:-500px", "bottom:-100",
    "transform:scale(0)", "transform:scale(1, 0)", "transform:scaleX(0.0)", "transform:scale(0.5)",
    "transform:rotate(0)", "scale:0", "scale:1 0", "scale:0.1", "clip:rect(0,0,0,0)", "clip:auto", "clip-path:none",
    "clip-path:inset(100%)", "-webkit-text-security:disc", "-webkit-text-security:none", "content-visibility:hidden",
    "text-decoration:line-through", "text-decoration-line:underline line-through", "text-decoration:none",
    "vertical-align:super", "vertical-align:sub", "vertical-align:top", "/* x */display:none", "display/**/:none",
    "display:no/**/ne", "display:none/* open", "a:b;;c", "display:block;display:none;display:block", "no colon",
    ":none", "display:", "opacity:", "clip:", "display:nonE", "İ:K",
    "margin:-100px", "margin:0 -99.9px", "margin:0 auto\t-1e3px", "margin:a-100px", "inset:0 -100%", "inset:-.5px 9px",
    "margin:calc(-100px + 1%)", "filter:opacity(0)", "filter:blur(1px) Opacity( .09 )", "-webkit-filter:opacity(9.9%)",
    "filter:opacity(0.1)", "filter:opacity(10%)", "filter:opacity(0.05px)", "filter:opacity(0", "filter:opacity()",
    "transform:translate(-100px)", "transform:translateX( 1000px)", "transform:translate3d(0,-99.9px,999px)",
    "transform:translateZ(-100px)", "transform:rotate(-180deg) translateY(-1000",
    "transform:translate(1px) scale(-100)", "translate:-100px", "translate:0 999.9px", "translate:0,1000",
    "line-height:0", "line-height:.0em", "line-height:1",
)  # fmt: skip
ATTRIBUTES = (
    'class="a"', 'class="b c"', "class='a b'", "id=x", 'title="t"', "lang=zh", "data-x", "HIDDEN",
    "hidden=until-found", "open", 'class=""', 'a"b', "=x", "x/y", 'style=""', "onclick='<b>'", 'x="<p>"',
    "class=a class=b", "href=/y", 'name="childNodes"',
)  # fmt: skip
SOURCES = (
    "a.png", "/b.jpg", " c .png ", "", "data:image/png;base64,AAAA", "DATA:;BASE64,QUI=", "data:;base64,QUJ=",
    "data:;base64,", "data:x,y;base64,AAAA", "data:image/gif;base64,R0lG ODlh", "data:image/gif,abc", "d\u200be.png",
    "data:;base64,AA==AA==", "data:;base64,A", "data:;base64,++//", "data:;base64,__--",
)  # fmt: skip
INTEGERS = (
    "1",
    "2",
    "3",
    "0",
    "-1",
    "+4",
    " 5x",
    "x",
    "",
    "7.9",
    "26",
    "27",
    "703",
    "3999",
    "4000",
    "2147483647",
    "2147483648",
    "\u0663",
)
INLINES = names(
    "b i em strong span font u small big code kbd sup sub s del strike ins q ruby rb rt rp rtc abbr cite dfn mark "
    "time tt var a label nobr bdo acronym unknown-x blink data output meter progress button"
)
BLOCKS = names(
    "p div section article aside header footer main nav blockquote address center h1 h2 h3 h4 ul ol dl dd dt li "
    "figure figcaption fieldset legend form details summary dialog menu dir hgroup search pre listing table"
)
ALL_TAGS = (
    INLINES
    + BLOCKS
    + names(
        "tr td th tbody thead tfoot caption col colgroup html head body frameset title script style template noscript "
        "svg math select option optgroup textarea iframe object video canvas img image input br wbr hr foreignObject "
        "mi mtext desc annotation-xml plaintext xmp noembed noframes marquee applet embed param source track area "
        "base link meta keygen"
    )
)
# From these on a parser takes everything as text, up to an end tag that a fault may have taken away.
SWALLOWING = frozenset(
    names("plaintext script style title textarea xmp iframe noembed noframes frameset select svg math")
)


class PageMaker:
    """Writes a page by the chances of ``rng``."""

    def __init__(self, rng: Random) -> None:
        """Start with the chances of one case."""
        self.rng = rng
        self.is_plain = rng.random() < 0.2

    def text(self) -> str:
        words = WORDS[:18] if self.is_plain else WORDS
        return " ".join(self.rng.choices(words, k=self.rng.randint(1, 6)))

    def attributes(self, *own: str) -> str:
        chosen = [attribute for attribute in own if self.rng.random() < 0.6]
        if self.rng.random() < (0.0 if self.is_plain else 0.12):
            chosen.append(self.rng.choice(ATTRIBUTES))
        if self.rng.random() < (0.0 if self.is_plain else 0.08):
            chosen.append(f'style="{"; ".join(self.rng.choices(STYLES, k=self.rng.randint(1, 2)))}"')
        return "".join(f" {attribute}" for attribute in chosen)

    def wrapped(self, name: str, content: str, *own: str) -> str:
        return f"<{name}{self.attributes(*own)}>{content}</{name}>"

    def integer(self) -> str:
        return self.rng.choice(INTEGERS)

    def inlines(self, depth: int = 0) -> str:
        return "".join(self.inline(depth) for _ in range(self.rng.randint(1, 4)))

    def inline(self, depth: int) -> str:
        if depth > 3 or self.rng.random() < 0.5:
            return self.text()
        makers: tuple[Callable[[int], str], ...] = (self.formatted, self.formatted, self.tagged, self.link, self.image)
        if not self.is_plain:
            makers += (self.control, self.embedded, self.unseen, self.ruby, self.broken_off)
        return self.rng.choice(makers)(depth + 1)

    def formatted(self, depth: int) -> str:
        name = self.rng.choice(names("b i em strong span font u small code mark abbr cite q unknown-x label"))
        return self.wrapped(name, self.inlines(depth))

    def tagged(self, depth: int) -> str:
        return self.wrapped(self.rng.choice(names("sup sub s del strike ins")), self.inlines(depth))

    def link(self, depth: int) -> str:
        return self.wrapped("a", self.inlines(depth), f'href="{self.rng.choice(("/x", " /y ", "", "https://a/?b&c"))}"')

    def image(self, depth: int) -> str:
        del depth
        source, alt = self.rng.choice(SOURCES), self.text()
        tag = "<img" + self.attributes(f"src='{source}'", f'alt="{alt}"') + ">"
        kind = self.rng.random()
        return f"<picture>{tag}</picture>" if kind < 0.1 else tag.replace(">", " srcset=x>", 1) if kind < 0.2 else tag

    def filled(self, depth: int, chosen: str) -> str:
        """Put what is nested into the one that was chosen: made for all of them it would cost most of the time."""
        return chosen.replace("INNER", self.inlines(depth)) if "INNER" in chosen else chosen

    def control(self, depth: int) -> str:
        text = self.text()
        return self.filled(depth, self.rng.choice((
            f"<button>{text}</button>", f'<input value="{text}">', f'<input type=hidden value="{text}">',
            f'<input TYPE=Image src="{self.rng.choice(SOURCES)}">',
            f'<input type=checkbox value=x placeholder="{text}">', f'<input value="" placeholder="{text}">',
            f'<input value=" " placeholder="{text}">', "<input type=text>", f"<textarea>\n{text}</textarea>",
            f'<textarea placeholder="{text}"> </textarea>',
            f"<select><option>{text}<option>b<optgroup label=x><option>c</select>", f"<select><b>{text}</b></select>",
            f"<meter>{text}</meter>", "<output>INNER</output>",
            "<noscript>INNER</noscript>",
        )))  # fmt: skip

    def embedded(self, depth: int) -> str:
        text = self.text()
        return self.filled(depth, self.rng.choice((
            f"<svg><text>{text}</text><title>t</title></svg>",
            f"<svg viewBox='0 0 1 1'><style>{text}</style><g>{text}</g></svg>",
            f"<svg><foreignObject><p>{text}</p></foreignObject></svg>", "<svg/>",
            f"<math><mi>{text}</mi><mo>+</mo></math>",
            f"<math><annotation-xml encoding='text/html'><p>{text}</annotation-xml></math>",
            f"<svg><![CDATA[{text}]]></svg>", "<canvas>INNER</canvas>",
            f"<iframe src='{self.rng.choice(SOURCES)}'>{text}</iframe>", f'<iframe srcdoc="{text}"></iframe>',
            "<object data=o.swf>INNER</object>", "<embed src=e>", f"<video src=v.mp4>{text}</video>",
            f"<audio><source src=s>{text}</audio>", "<canvas></canvas>",
            f"<template shadowrootmode=open><p>{text}</template>", f'<iframe srcdoc=" " src="{text}"></iframe>',
        )))  # fmt: skip

    def unseen(self, depth: int) -> str:
        text = self.text()
        return self.filled(depth, self.rng.choice((
            f"<script>var a = '{text.replace('<', '')}';</script>", f"<style>p {{ color: {text} }}</style>",
            f"<!-- {text} -->", f"<template><p>{text}</template>", "<span hidden>INNER</span>",
            f"<noembed>{text}</noembed>", f"<datalist><option>{text}</datalist>", "<link rel=x>", "<meta name=y>",
            f"<title>{text}</title>", "<?php x ?>",
            f'<span style="{self.rng.choice(STYLES)}">INNER</span>', f"<rp>{text}</rp>",
            "<!doctype html>", "<span class=ad>INNER</span>",
            f"<b class=ad></b><p class=ad>{text}<img></p>", "</>", "<!x>",
        )))  # fmt: skip

    def ruby(self, depth: int) -> str:
        del depth
        return self.rng.choice((
            "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", "<ruby>漢<rt>kan<rtc>x<rt>y</ruby>",
            "<ruby><rb>a<rt>b</ruby>", f"<rt>{self.text()}</rt>",
        ))  # fmt: skip

    def broken_off(self, depth: int) -> str:
        return self.rng.choice(("<br>", "<br/>", "</br>", "<wbr>", "<hr>", "</p>")) + self.inlines(depth)

    def blocks(self, depth: int = 0) -> str:
        gap = self.rng.choice(("", "\n", "\n    ", " "))
        return gap.join(self.block(depth) for _ in range(self.rng.randint(1, 3 if depth else 5))) + gap

    def block(self, depth: int) -> str:
        if depth > 2 or self.rng.random() < 0.45:
            return self.wrapped(self.rng.choice(("p", "p", "div", "h2", "blockquote", "address")), self.inlines())
        makers: tuple[Callable[[int], str], ...] = (
            self.list,
            self.list,
            self.table,
            self.table,
            self.pre,
            self.odd,
            self.inline,
        )
        return self.rng.choice(makers)(depth + 1)

    def list(self, depth: int) -> str:
        name = self.rng.choice(("ol", "ol", "ol", "ul", "menu"))
        items = "".join(self.item(depth) for _ in range(self.rng.randint(0, 4)))
        kind = self.rng.choice(("1", "a", "A", "i", "I", "disc", ""))
        return self.wrapped(
            name, items, f"start='{self.integer()}'", f"type='{kind}'", *["reversed"] * (self.rng.random() < 0.3)
        )

    def item(self, depth: int) -> str:
        content = self.inlines() if self.rng.random() < 0.6 else self.blocks(depth)
        content = "" if self.rng.random() < 0.1 else content
        value = [f"value='{self.integer()}'"] if self.rng.random() < 0.2 else []
        kind = [f"type={self.rng.choice('aAiI1')}"] if self.rng.random() < 0.15 else []
        item = self.wrapped("li", content, *value, *kind)
        return item.removesuffix("</li>") if self.rng.random() < 0.3 else item

    def table(self, depth: int) -> str:
        rows = [self.row(depth) for _ in range(self.rng.randint(1, 4))]
        if self.rng.random() < 0.3:
            rows.insert(0, "<caption>" + self.inlines() + "</caption><colgroup><col>")
        if self.rng.random() < 0.3:
            rows[1:] = [self.wrapped(self.rng.choice(("tbody", "thead", "tfoot")), "".join(rows[1:]))]
        if self.rng.random() < 0.1:
            rows.insert(self.rng.randint(0, len(rows)), self.inlines())
        return self.wrapped("table", "".join(rows))

    def row(self, depth: int) -> str:
        cells = [self.cell(depth) for _ in range(self.rng.randint(0, 4))]
        return self.wrapped("tr", "".join(cells))

    def cell(self, depth: int) -> str:
        kind = self.rng.random()
        content = "" if kind < 0.15 else self.inlines() if kind < 0.9 else self.blocks(depth)
        spans = [f"{name}='{self.integer()}'" for name in ("colspan", "rowspan") if self.rng.random() < 0.2]
        spans = [
            span
            for span in spans
            if "'2147483647'" not in span and "'703'" not in span and "99'" not in span and "'4000'" not in span
        ]
        return self.wrapped(
            self.rng.choice(("td", "td", "td", "th")), content, *spans, *["dir=rtl"] * (self.rng.random() < 0.05)
        )

    def pre(self, depth: int) -> str:
        del depth
        name = self.rng.choice(("pre", "pre", "listing", "xmp"))
        content = f"\n{self.text()}\n {self.text()}&#13;&#10;{self.text()}&#13;<b>x\n</b>\ty"
        return self.wrapped(name, content)

    def odd(self, depth: int) -> str:
        inner = self.blocks(depth)
        return self.filled(0, self.rng.choice((
            f"<dialog>{inner}</dialog>", f"<dialog open>{inner}</dialog>",
            self.details(inner),
            f"<fieldset><legend>{self.text()}</legend>{inner}</fieldset>", f"<dl><dt>{self.text()}<dd>{inner}</dl>",
            "<figure><img src=f.png><figcaption>INNER</figcaption></figure>",
            f"<form>{inner}<input name=attributes></form>", f"<center>{inner}</center>",
            f"<div class=ad>{inner}</div>", f"<div dir=rtl>{inner}</div>", f"<marquee>{inner}</marquee>",
            f"<div{self.attributes()}>{inner}</div>", f"<ul><li>{inner}</ul>",
        )))  # fmt: skip

    def details(self, inner: str) -> str:
        own = self.rng.choice(("", " open", " open name=n", " open name", " name=n", ' OPEN=""'))
        summary = f"<summary>{self.inlines()}</summary>"
        content = self.rng.choice((
            summary + inner, inner, inner + summary, summary * 2 + inner, f"<div>{summary}</div>{inner}", summary,
            f"{summary}<img>", f"{summary}<!-- x --> <script>y</script>",
            f"<summary><ul><li>{inner}</ul></summary>{inner}",
        ))  # fmt: skip
        return f"<details{own}>{content}</details>"

    def soup(self) -> str:
        """Tags and text in any order."""
        parts: list[str] = []
        for _ in range(self.rng.randint(3, 25)):
            kind = self.rng.random()
            names = ALL_TAGS if self.rng.random() < 0.3 else (*INLINES, *BLOCKS, "table", "tr", "td", "td", "svg", "a")
            name = self.rng.choice(names)
            if name in SWALLOWING and self.rng.random() < 0.8:
                name = "b"
            if name == "bdo" and self.rng.random() < 0.9:
                name = "i"
            parts.append(self.text() if kind < 0.3 else f"<{name}{self.attributes()}>" if kind < 0.75 else f"</{name}>")
        return "".join(parts)
