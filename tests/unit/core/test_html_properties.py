"""What holds for every page: the result is canonical, and what is cosmetic changes nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from notary.core.html import Page, canonical_page
from notary.core.profile import parse_profile
from notary.core.text import canonical_document
from notary.errors import InvalidText

PROFILE = parse_profile({"spec": "notary-profile/1", "title": "h1", "body": "#b", "ignore": [".ad"]})
BODY_ONLY = parse_profile({"spec": "notary-profile/1", "body": "body"})

# Trees that stand for pages: a string is text, a list is an element with its children.
Tree = Any

TEXTS = st.sampled_from(
    [
        *("a", "word ", " two words", "公告", "10", "e\u0301", "\u0301", "&", "<b>", "x\u200dy", "\u2067z\u2069", " "),
        *("\u1100\u1161", "\u1161", "x" * 40, "\u00a0", "\n", "\u2028", "가", "\u0323", "\u2067", "\u200d"),
    ]
)
INLINE = st.sampled_from(["b", "span", "sup", "sub", "s", "ins", "q", "x-y", "a href=/x", "i style='color:red'"])
LEFT_OUT = st.sampled_from(["i hidden", "button", "script", "i class=ad", "svg", "p style=display:none"])
BLOCK = st.sampled_from(["p", "div", "ol", "ul", "li", "h2", "pre", "section", "table", "tr", "td"])


def trees(names: st.SearchStrategy[str]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        TEXTS,
        lambda inner: st.tuples(names, st.lists(inner, max_size=4)),
        max_leaves=14,
    )


inline_trees = trees(INLINE | LEFT_OUT)
block_trees = st.lists(trees(BLOCK | INLINE | LEFT_OUT), max_size=6)
paragraphs = st.lists(st.lists(trees(INLINE), max_size=4), min_size=1, max_size=4)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def written(tree: Tree) -> str:
    if isinstance(tree, str):
        return escaped(tree)
    name, children = tree
    return f"<{name}>{''.join(map(written, children))}</{name.partition(' ')[0]}>"


def read(body: str) -> Page:
    return canonical_page(f"<h1>T</h1><div id=b>{body}</div>".encode(), PROFILE)


def accepted(body: str) -> Page:
    try:
        return read(body)
    except InvalidText:
        assume(False)
        raise


@given(block_trees)
@settings(max_examples=400)
def test_canonical_of_the_result_is_the_result(tree: list[Tree]) -> None:
    page = accepted("x" + "".join(map(written, tree)))
    again = canonical_document(page.text.data)
    assert again.data == page.text.data
    assert [notice for notice in page.text.notices if notice.code == "kept-invisible"] == list(again.notices)


@given(st.text(alphabet="<>/=\"' abip!-&;#x1\n", max_size=60) | st.text(max_size=40))
@settings(max_examples=400)
def test_any_characters_are_a_page_or_refused(text: str) -> None:
    try:
        page = canonical_page(text.encode("utf-8", "surrogatepass"), BODY_ONLY)
    except InvalidText:
        return
    assert canonical_document(page.text.data).data == page.text.data
    json.dumps([(aside.kind, aside.text) for aside in page.asides])


def document(content: list[list[Tree]], *, block: str = "p", between: str = "", wrap: str = "", mark: str = "") -> str:
    def text(tree: Tree) -> str:
        if isinstance(tree, str):
            return mark.join(map(escaped, ["", *tree, ""])) if mark else escaped(tree)
        name, children = tree
        return f"<{name}>{''.join(map(text, children))}</{name.partition(' ')[0]}>"

    inner = ["".join(map(text, paragraph)) for paragraph in content]
    if wrap:
        inner = [f"<{wrap}>{paragraph}</{wrap.partition(' ')[0]}>" for paragraph in inner]
    return between.join(f"<{block}>{paragraph}</{block}>" for paragraph in inner)


@given(paragraphs)
@settings(max_examples=300)
def test_what_is_cosmetic_changes_nothing(content: list[list[Tree]]) -> None:
    first = accepted("x" + document(content))
    for variant in (
        document(content, mark="&shy;"),
        document(content, mark="<!-- -->"),
        document(content, mark="<wbr>"),
        document(content, mark="<script>y</script>"),
        document(content, between="\n\t  "),
        document(content, between="<div> &nbsp;</div>"),
        document(content, block="div"),
        document(content, block="section"),
        document(content, wrap="span"),
        document(content, wrap="b class=x"),
        document(content, wrap="font color=red"),
        "<br>" + "<br>".join(document([paragraph], block="span") for paragraph in content),
    ):
        other = read("x" + variant)
        assert other.text.data == first.text.data
        assert other.asides == first.asides


@given(paragraphs, st.sampled_from(["s", "sup", "sub", "ins"]))
@settings(max_examples=100)
def test_a_tag_around_everything_changes_the_text(content: list[list[Tree]], tag: str) -> None:
    first = accepted("x" + document(content))
    try:
        other = read("x" + document(content, wrap=tag))
    except InvalidText:
        return
    shown = [line for line in first.text.body[1:] if line.strip("\u200d \u2067\u2069")]
    if any(f"<{tag}>" not in line for line in shown):
        assert other.text.data != first.text.data


@given(inline_trees)
@settings(max_examples=200)
def test_asides_are_what_the_text_lacks(tree: Tree) -> None:
    plain = accepted("x" + written(tree))
    hidden = read(f"x<i hidden>y{written(tree)}</i>")
    assert hidden.text.data == b"T\n\nx"
    assert [aside.kind for aside in hidden.asides] == ["hidden"]
    assert plain.text.data.startswith(b"T\n\nx")
