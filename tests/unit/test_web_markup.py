"""Canonical text as HTML: what is shown, and that nothing a publisher writes becomes markup of ours."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.web.markup import MAX_SHOWN_CHARACTERS, MAX_SHOWN_LINES, article, line_html, plain


class Seen(HTMLParser):
    """Collects the tags and the text that a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize(
    ("line", "html", "characters"),
    [
        ("plain", "plain", "plain"),
        ("a &lt; b &amp; c &gt; d", "a &lt; b &amp; c &gt; d", "a < b & c > d"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O", "H2O"),
        ("<ins>a<s>b</s></ins>", "<ins>a</ins><ins><s>b</s></ins>", "ab"),
        ("10<sup>2</sup>", "10<sup>2</sup>", "102"),
        ("<script>", "&lt;script&gt;", "<script>"),
        ("<sup>open", "&lt;sup&gt;open", "<sup>open"),
        ("close</sup>", "close&lt;/sup&gt;", "close</sup>"),
        ("a & b", "a &amp; b", "a & b"),
        ("&quot;", "&amp;quot;", "&quot;"),
        ("\" '", "&#34; &#39;", "\" '"),
    ],
)
def test_line(line: str, html: str, characters: str) -> None:
    assert line_html(line) == html
    assert plain(line) == characters


@given(st.text(alphabet=st.sampled_from("<>&/\"'= supinlgtmscr;x"), max_size=60) | st.text(max_size=60))
def test_no_line_makes_tags_of_its_own(line: str) -> None:
    html = seen(str(line_html(line)))
    assert set(html.tags) <= {"sup", "sub", "s", "ins"}
    assert html.text.replace("\r", "\n") == plain(line).replace("\r", "\n")


def test_title_paragraphs_and_tables() -> None:
    shown = article("The title\n\nFirst.\nA\tB\nC\nD\tE\tF\nG\t\nLast &amp; least.")
    assert shown.title == "The title"
    assert [block.paragraph for block in shown.blocks] == ["First.", None, "C", None, "Last &amp; least."]
    assert [block.rows for block in shown.blocks if block.rows] == [(("A", "B"),), (("D", "E", "F"), ("G", "", ""))]
    assert shown.left_out == 0


def test_a_text_without_a_title() -> None:
    shown = article("First line.\nSecond line.")
    assert shown.title is None
    assert len(shown.blocks) == 2


def test_a_long_text_is_shown_in_part_and_says_so() -> None:
    shown = article("T\n\n" + "\n".join(["line"] * (MAX_SHOWN_LINES + 7)))
    assert len(shown.blocks) == MAX_SHOWN_LINES
    assert shown.left_out == 7
    wide = article("T\n\n" + "\n".join(["x" * MAX_SHOWN_CHARACTERS] * 3))
    assert len(wide.blocks) == 1
    assert wide.left_out == 2
