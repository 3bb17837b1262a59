"""Pages: the checks that a vector cannot show, and the limits."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from notary.core.html import canonical_page
from notary.core.html import guard as guard_module
from notary.core.html.guard import (
    MAX_ATTRIBUTES,
    MAX_FORMATTING_WORK,
    MAX_NESTING_WORK,
    MAX_TAGS,
    check_before_parsing,
)
from notary.core.html.page import MAX_PAGE_BYTES
from notary.core.profile import parse_profile
from notary.errors import InvalidText, NotaryError, Unselectable

if TYPE_CHECKING:
    from collections.abc import Callable

    from notary.core.html import Page
    from notary.core.jcs import Json

PROFILE = parse_profile({"spec": "notary-profile/1", "title": "h1", "body": "#b"})
BODY = parse_profile({"spec": "notary-profile/1", "body": "body", "ignore": [".ad", "div > p > i:nth-child(3)"]})


def page(body: str) -> Page:
    return canonical_page(f"<h1>T</h1><div id=b>{body}</div>".encode(), PROFILE)


def refusal(action: Callable[[], object]) -> NotaryError:
    with pytest.raises(NotaryError) as caught:
        action()
    return caught.value


def test_regions_are_shown_as_their_lines() -> None:
    found = page("<p>a <s>b</s></p>\n<p>c</p>").regions
    assert [(region.name, region.text) for region in found] == [("title", "T"), ("body", "a b\nc")]


def test_digest_of_links() -> None:
    value = '[{"href":"/x","text":"a \\"b\\""},{"href":"","text":"公"}]'
    found = page('<a href=/x>a "b"</a> <a href>公</a>').links_sha256
    assert found == hashlib.sha256(f"notary-links/1\n{value}".encode()).digest()
    assert page("<a>b</a>").links_sha256 is None


def test_media_are_the_known_digests_each_once() -> None:
    supplied = {"a.png": b"a" * 32, "b.png": b"b" * 32, "c.png": b"a" * 32}
    body = "x<img src=b.png><img src=' a.png '><img src=z.png><img src=c.png><img src=b.png srcset=y>"
    found = canonical_page(f"<h1>T</h1><div id=b>{body}</div>".encode(), PROFILE, supplied=supplied)
    assert [image.sha256 for image in found.images] == [b"b" * 32, b"a" * 32, None, b"a" * 32, None]
    assert found.media == (b"b" * 32, b"a" * 32)


def test_what_an_address_holds_is_not_taken_from_elsewhere() -> None:
    src = "data:;base64,AAAA"
    found = canonical_page(f"<h1>T</h1><div id=b>x<img src='{src}'>".encode(), PROFILE, supplied={src: b"a" * 32})
    assert found.media == (hashlib.sha256(bytes(3)).digest(),)


def test_notices_are_those_of_text() -> None:
    notices = page("a&shy;b&zwj;").text.notices
    assert [(notice.code, notice.codepoint) for notice in notices] == [
        ("deleted-invisible", 0xAD),
        ("kept-invisible", 0x200D),
    ]


def test_a_profile_that_does_not_fit_is_told_from_a_text_that_is_none() -> None:
    for body, profile in (("<p>x", PROFILE), ("<h1>T</h1><div id=b hidden>x", PROFILE)):
        with pytest.raises(Unselectable):
            canonical_page(body.encode(), profile)
    error = refusal(lambda: page("<bdo>x</bdo>"))
    assert isinstance(error, InvalidText)
    assert not isinstance(error, Unselectable)


def test_limit_of_the_page() -> None:
    data = b"<h1>T</h1><div id=b>x" + b" " * MAX_PAGE_BYTES
    assert canonical_page(data[:MAX_PAGE_BYTES], PROFILE).text.data == b"T\n\nx"
    assert refusal(lambda: canonical_page(data[: MAX_PAGE_BYTES + 1], PROFILE)).code == "page-too-large"


def test_limit_of_the_text() -> None:
    text = page("é<p>x").text
    assert canonical_page("<h1>T</h1><div id=b>é<p>x".encode(), PROFILE, max_bytes=len(text.data)).text == text
    for body in ("éé<p>x", "é<p>x<p>y", "&lt;<p>x", "<s>é</s><p>x"):
        data = f"<h1>T</h1><div id=b>{body}".encode()
        assert refusal(partial(canonical_page, data, PROFILE, max_bytes=len(text.data))).code == "text-too-large"


def test_too_much_text_is_refused_before_anything_else_about_it() -> None:
    # Without the early check these are the faults that the steps of text/1 find first.
    assert refusal(lambda: page("&#x202e;" + "x" * 3_145_728)).code == "text-too-large"
    assert refusal(lambda: page("&#x202e;" + "x" * 3_145_700)).code == "forbidden-code-point"
    lines = "<pre>" + "x\n" * 1_048_575
    assert refusal(lambda: page("&#x202e;" + lines + "x\n")).code == "text-too-large"
    assert refusal(lambda: page("<pre>&#x202e;\n" + lines[5:-2] + " \n" * 9)).code == "forbidden-code-point"


def test_limit_of_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_module, "MAX_NESTING_WORK", MAX_TAGS * MAX_TAGS)
    monkeypatch.setattr(guard_module, "MAX_FORMATTING_WORK", MAX_FORMATTING_WORK)
    check_before_parsing("<p>" * (MAX_TAGS // 2) + "</x" * (MAX_TAGS // 2))
    assert refusal(lambda: check_before_parsing("<p>" * MAX_TAGS + "</x")).code == "page-too-complex"


@pytest.mark.parametrize("flat", ["p", "IMG", "li", "td", "input"])
def test_limit_of_nesting(flat: str) -> None:
    def text(nesting: int, tags: int, more: str = "") -> str:
        return f"<{flat} x>" * (tags - nesting - bool(more)) + "<div>" * nesting + more

    nesting, tags = 2_500, MAX_NESTING_WORK // 2_500
    check_before_parsing(text(nesting, tags))
    assert refusal(lambda: check_before_parsing(text(nesting + 1, tags))).code == "page-too-complex"
    assert refusal(lambda: check_before_parsing(text(nesting, tags + 1))).code == "page-too-complex"
    in_drawing = flat in {"td", "input"}
    drawn = text(nesting - 1, tags, "<SVG>")
    if in_drawing:
        assert refusal(lambda: check_before_parsing(drawn)).code == "page-too-complex"
    else:
        check_before_parsing(drawn)


def test_an_end_tag_does_not_nest_and_a_longer_name_does() -> None:
    check_before_parsing("</div>" * 30_000)
    check_before_parsing("<li>" * 30_000)
    assert refusal(lambda: check_before_parsing("<lix>" * 30_000)).code == "page-too-complex"


def test_limit_of_formatting() -> None:
    def text(kinds: int, tags: int) -> str:
        return "".join(f"<b {kind}>" for kind in range(kinds)) + "<b 0>" * (tags - kinds)

    kinds, tags = 200, MAX_FORMATTING_WORK // 200
    check_before_parsing(text(kinds, tags))
    assert refusal(lambda: check_before_parsing(text(kinds + 1, tags))).code == "page-too-complex"
    assert refusal(lambda: check_before_parsing(text(kinds, tags + 1))).code == "page-too-complex"


def test_a_tag_that_may_go_on_behind_its_end_differs_from_all() -> None:
    # As long as the value is open, what stands behind the `>` belongs to the tag, and makes each another one.
    for value in ("=\">'", "= '>"):
        cut = "".join(f"<i a{value}{kind}>" for kind in range(1_500))
        assert refusal(partial(check_before_parsing, cut)).code == "page-too-complex"
    for value in ('="">\'', "=''>", ">'"):
        check_before_parsing("".join(f"<i a{value}{kind}>" for kind in range(1_500)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bare", "<p" + " a" * MAX_ATTRIBUTES),
        ("slashes", "<p" + "/a" * MAX_ATTRIBUTES),
        ("quoted", "<p" + " a=''b=\"\"" * (MAX_ATTRIBUTES // 2)),
        ("unquoted", "<p" + " a=b" * MAX_ATTRIBUTES),
        ("equals signs", "<p" + "/=" * MAX_ATTRIBUTES),
        ("cut by a value", "<p a='>'" + ' a = ">"' * (MAX_ATTRIBUTES - 1)),
        ("inside a value", "<p x='>' y=\"<p" + " a" * MAX_ATTRIBUTES),
        ("not ended", "<p" + " a" * (MAX_ATTRIBUTES - 1) + " a='"),
    ],
)
def test_limit_of_attributes(name: str, text: str) -> None:
    ending = "" if name == "not ended" else ">"
    check_before_parsing(text + ending)
    more = text.replace("<p", "<p z", 1) if name != "inside a value" else text.replace("<p a", "<p z a", 1)
    assert refusal(lambda: check_before_parsing(more + ending)).code == "page-too-complex"


def test_limit_of_elements_times_compounds() -> None:
    ignore: list[Json] = ["x y", ",".join(["x"] * 97)]
    profile = parse_profile({"spec": "notary-profile/1", "body": "body", "ignore": ignore})
    # With html, head and body 50,000 elements, held against 100 compounds; comments are none.
    data = b"x" + b"<p><!-- -->" * 49_997
    assert canonical_page(data, profile).text.data == b"x"
    assert refusal(lambda: canonical_page(data + b"<p>", profile)).code == "page-too-complex"


HOSTILE = {
    "nested": "<div>" * 1_600_000,
    "nested in svg": "<svg>" + "<tr>" * 100_000 + "</x>" * 100_000,
    "nested, ends that close nothing": "<div></x>" * 100_000,
    "list items in definitions": "<li><dd>" * 100_000,
    "nested q": "<q>" * 1_000_000,
    "formatting left open": "<p>" + "".join(f"<b {i}>" for i in range(900)) + "</p>" + "<p>x" * 2_000,
    "misnested": "<b><i></b>" * 100_000,
    "attributes": "<p " + " ".join(f"a{i}" for i in range(1_000_000)) + ">x",
    "the same attribute": "<p " + "a " * 2_000_000 + ">x",
    "attributes in attributes": "<a b='" * 1_300_000,
    "cells": "<table>" + ("<tr>" + "<td>x" * 10) * 10_000,
    "items": "<ol>" + "<li>x" * 200_000,
    "spans": "<table><tr>" + "<td colspan=100 rowspan=0>x" * 10 + "<tr><td>" * 200_000,
    "tables in tables": "<table><tr><td>" * 60 + "y<br>" * 390_000,
    "links in links": "<a href=x><marquee>" * 120 + "y" * 7_900_000,
    "less-than signs": "<" * 4_000_000,
    "comments": "<!--" * 2_000_000,
    "selects": "<select></select>" * 200_000,
    "style": "<p style='" + "a:b;c(" * 1_300_000 + "'>x",
    "digits": "<ol start=" + "9" * 7_000_000 + "><li style='width:" + "0" * 1_000_000 + "'>x",
    "ignored": "<p class=ad>x</p>" * 100_000,
    "lines": "<pre>" + "x\n" * 3_900_000,
}


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends(name: str) -> None:
    """Each of these takes minutes, or all memory, where a limit is missing; the timeout of a test is what fails."""
    codes = {"page-too-complex", "page-too-deep", "table-too-large", "text-too-large", "empty-text", None}
    assert outcome(HOSTILE[name].encode()) in codes


def outcome(data: bytes) -> str | None:
    try:
        canonical_page(data, BODY)
    except InvalidText as error:
        return error.code
    return None
