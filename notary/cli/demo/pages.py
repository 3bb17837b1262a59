"""The sample pages of the demonstration, and copies of them: some that only look other, some that say something else.

Each is published as a portal publishes it, between a breadcrumb and a "print, close" foot, with the profile that says
where in it the announcement is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources

from notary.core import jcs
from notary.core.jcs import Json

_BEGIN, _END = "<!-- article begin -->", "<!-- article end -->"


@dataclass(frozen=True, slots=True)
class PageSample:
    """A page, the profile of its portal, and what the copies are made with.

    ``encoding`` is what the page is written in; ``around`` what a page must have around the announcement to be found.
    Of the pairs, the first becomes the second, once.
    """

    name: str
    language: str
    file: str
    template: str
    encoding: str
    around: tuple[str, str]
    redesign: tuple[str, str]
    altered: tuple[str, str]
    addition: tuple[str, str]

    def data(self) -> bytes:
        """Return the page, as it is published."""
        return _file(self.file)

    def profile(self) -> Json:
        """Return the profile that the page is published with."""
        return _profile(self.template)

    def text(self) -> str:
        """Return the HTML of the page."""
        return self.data().decode(self.encoding)

    def other(self) -> tuple[bytes, Json]:
        """Return the same announcement on a page that looks quite different, and the profile for that one."""
        file, template = self.redesign
        return _file(file), _profile(template)


@dataclass(frozen=True, slots=True)
class PageCopy:
    """A reader's copy of a page: what it shows, what was done to it, and what must come out when it is checked.

    ``profile`` is the reader's own, where the copy does not fit the one in the bundle.
    """

    group: str
    name: str
    data: bytes
    exit: int
    verdict: str
    profile: Json | None = None

    def file_name(self, sample: PageSample) -> str:
        """Return the name of its file."""
        return f"{sample.name}.{self.name}.html"


SAME, ALTERED, MORE, ELSEWHERE = (
    "page, only looks other",
    "page, altered: refuted",
    "page, shows more: listed",
    "page without the announcement",
)

PAGES = (
    PageSample(
        name="31-east-basin",
        language="en",
        file="3-semantic.en.html",
        template="3-semantic",
        encoding="utf-8",
        around=("<main>", "</main>"),
        redesign=("1-table-layout.en.html", "1-table-layout"),
        altered=("will not call", "will call"),
        addition=("Bicycles travel free of charge.", " Dogs do not."),
    ),
    PageSample(
        name="32-east-basin",
        language="zh-CN",
        file="1-table-layout.zh.html",
        template="1-table-layout",
        encoding="gbk",
        around=('<table><tr><td width="760">', "</td></tr></table>"),
        redesign=("3-semantic.zh.html", "3-semantic"),
        altered=("不停靠窑湾码头", "停靠窑湾码头"),
        addition=("自行车免费随船。", "犬只不得上船。"),
    ),
)


def copies(sample: PageSample) -> Iterator[PageCopy]:
    """Yield the copies of a page, the page itself first."""
    text = sample.text()
    head, _, rest = text.partition(_BEGIN)
    article, _, foot = rest.partition(_END)

    def made(group: str, name: str, change: Callable[[str], str], code: int, verdict: str) -> PageCopy:
        return PageCopy(group, name, (head + change(article) + foot).encode(sample.encoding), code, verdict)

    yield PageCopy(SAME, "as-published", sample.data(), 0, "match")
    opened, closed = sample.around
    view = f'<!doctype html><meta charset="utf-8"><title>{sample.name}</title>{opened}{article}{closed}'
    yield PageCopy(SAME, "print-view", view.encode(), 0, "match")
    yield PageCopy(SAME, "utf-16", b"\xff\xfe" + text.encode("utf-16-le"), 0, "match")
    yield made(SAME, "tags-and-scripts", _dressed, 0, "match")
    data, profile = sample.other()
    yield PageCopy(SAME, "another-design", data, 0, "match", profile)
    yield made(ALTERED, "not-removed", lambda html: html.replace(*sample.altered, 1), 1, "changed")
    yield made(ALTERED, "superscript", lambda html: html.replace("<sup>2</sup>", "2", 1), 1, "changed")
    yield made(ALTERED, "list-start", lambda html: html.replace("<ol", '<ol start="2"', 1), 1, "changed")
    yield made(ALTERED, "quotes", lambda html: html.replace("“", '"').replace("”", '"'), 1, "typography-only")
    before, added = sample.addition
    hidden = f'{before}<span style="opacity: 0">{added}</span>'
    yield made(MORE, "hidden-text", lambda html: html.replace(before, hidden, 1), 3, "match-with-unchecked")
    button = f"{before}<button>{added}</button>"
    yield made(MORE, "button", lambda html: html.replace(before, button, 1), 3, "match-with-unchecked")
    yield made(MORE, "link", lambda html: html.replace("/reports/", "/report/", 1), 3, "match-with-unchecked")
    yield made(MORE, "image", lambda html: html.replace('src="data:', 'src="x.png?', 1), 3, "match-with-unchecked")
    yield made(ELSEWHERE, "gone", lambda _: "", 3, "cannot-check")


def _dressed(html: str) -> str:
    """Return the announcement as another system would write it, with what readers do not see."""
    html = html.replace("<p", "<script>track()</script><!-- p --><p").replace("</p>", "</P\n>")
    return html.replace("“", "<b><q>").replace("”", "</q></b>").replace(" 2026", "&nbsp;<i>20</i>&shy;26")


def _file(name: str) -> bytes:
    return (resources.files(__package__) / "samples" / "pages" / name).read_bytes()


def _profile(template: str) -> Json:
    return jcs.loads(_file(f"{template}.profile.json"), max_bytes=1 << 16)
