"""`notary profile` shows what a profile takes of a page and what it leaves, and drafts one that a person can mend."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from notary.core.html import canonical_page, parse_page
from notary.core.profile import parse_profile
from notary.ingest.boxes import MAX_ELEMENTS
from notary.ingest.suggest import suggest
from tests.program import call
from tests.program import notary as run

PAGES = Path(__file__).parents[3] / "notary" / "cli" / "demo" / "samples" / "pages"
TEMPLATES = ("1-table-layout", "2-content-system", "3-semantic")
PARAGRAPH = "The council decided on Monday that the bridge stays closed until the repair is done. " * 4
PAGE = f"""\
<!doctype html><meta charset=utf-8><title>Bridge closed – City</title>
<div class=nav><a href=/>Home</a> <a href=/news>News</a></div>
<div id=main class="box wide">
 <h1>Bridge closed</h1><p class=date>2026-03-05</p>
 <div class=text><p>{PARAGRAPH}</p><p>Second paragraph.</p><div class=share>Share: <a href=x>A</a></div>
 <p hidden>Not to be seen.</p></div>
 <p class=more>{PARAGRAPH}</p>
</div>
<div class=foot>City, Town Hall</div>
"""
PROFILE: dict[str, Any] = {
    "spec": "notary-profile/1",
    "title": "h1",
    "date": ".date",
    "body": ".text",
    "ignore": [".share"],
}


def files(folder: Path, profile: object, *pages: str | bytes) -> list[Path]:
    paths = [folder / "profile.json", *(folder / f"{number}.html" for number in range(len(pages)))]
    paths[0].write_text(json.dumps(profile), "utf-8")
    for path, page in zip(paths[1:], pages, strict=True):
        path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return paths


def check(folder: Path, profile: object, page: str, *options: str) -> str:
    done = call("profile", "check", *options, *files(folder, profile, page))
    assert (done.code, done.err) == (0, "")
    return done.out.decode()


# -------------------------------------------------------------------------------------------------------------- check


def test_what_each_selector_takes_and_what_is_left(tmp_path: Path) -> None:
    shown = check(tmp_path, PROFILE, PAGE)
    digest = hashlib.sha256(canonical_page(PAGE.encode(), parse_profile(PROFILE)).text.data).hexdigest()
    for line in (
        f"{tmp_path / '0.html'}: utf-8",
        "  title: h1 → h1, 1 line, 13 characters",
        "    Bridge closed",
        "  date: .date → p.date, 1 line, 10 characters",
        "    Second paragraph.",
        "  ignore[0]: .share → div.share",
        "    Share: A",
        "  not covered, ignored: “Share: A”",
        "  not covered, hidden: “Not to be seen.”",
        "    div.foot: “City, Town Hall”",
        "    div.nav: “Home News”",
        f"  text_sha256: {digest}",
        "The profile fits 1 of 1 page.",
    ):
        assert f"{line}\n" in shown
    assert "left: 3 pieces" in shown


def test_a_paragraph_that_was_missed_is_pointed_out(tmp_path: Path) -> None:
    missed = check(tmp_path, PROFILE, PAGE)
    assert "  ! p.more: “The council decided" in missed
    assert "Of 1 page long text is left that reads like a part of the article" in missed
    assert "long text is left" not in check(tmp_path, {**PROFILE, "body": "#main"}, PAGE)
    # Neither is a long list of links, nor a long line without the end of a sentence.
    for other in ("<p>" + "<a href=x>Some news of today. </a>" * 20, "<p>" + "word " * 100):
        left = check(tmp_path, {**PROFILE, "body": "#main"}, PAGE + other)
        assert "long text is left" not in left
    # In Chinese fewer characters make a paragraph.
    assert "! p: “桥" in check(
        tmp_path, {**PROFILE, "body": "#main"}, PAGE + "<p>" + "桥梁自周一起封闭，车辆绕行。" * 6
    )


def test_full_shows_all_of_it(tmp_path: Path) -> None:
    page = PAGE.replace("Second", "".join(f"Line {number}.<br>" for number in range(50)) + "Second")
    assert "Line 25." not in check(tmp_path, PROFILE, page)
    assert "… 48 lines …" in check(tmp_path, PROFILE, page)
    assert PARAGRAPH.strip() in check(tmp_path, PROFILE, page, "--full")
    assert "    Line 25.\n" in check(tmp_path, PROFILE, page, "--full")


def test_several_pages_of_which_some_do_not_fit(tmp_path: Path) -> None:
    ten = PAGE + "<h1 id=a class=b>x</h1>" * 9
    profile = {**PROFILE, "ignore": [".share", ".never"]}
    done = call("profile", "check", *files(tmp_path, profile, PAGE, ten, PAGE, PAGE.replace("text", "else")))
    assert done.code == 3
    first, second = done.err.splitlines()
    assert (
        f"{tmp_path / '1.html'}: The profile's title selects 10 elements of this page, not one. They are h1, " in first
    )
    assert "h1, h1#a.b, h1#a.b, h1#a.b, h1#a.b, …. (selector-ambiguous, field title)" in first
    assert f"{tmp_path / '3.html'}: The profile's body selects no element of this page." in second
    out = done.out.decode()
    assert "The profile fits 2 of 4 pages.\n" in out
    assert "  body: .text → no element\n" in out
    # What the others take is shown all the same.
    assert out.count("  date: .date → p.date") == 4
    assert "ignore[1], .never, takes nothing on any page.\n" in out
    assert "ignore[0], " not in out


def test_a_page_that_cannot_be_read_does_not_keep_the_others_from_being_shown(tmp_path: Path) -> None:
    done = call("profile", "check", *files(tmp_path, PROFILE, b"\xff\xff\xff", PAGE), tmp_path / "missing.html")
    assert done.code == 2
    assert "undecodable" in done.err
    assert "unreadable-file" in done.err
    assert "The profile fits 1 of 3 pages.\n" in done.out.decode()


def test_json(tmp_path: Path) -> None:
    paths = files(tmp_path, PROFILE, PAGE, "<h1>x</h1>", b"\xff\xff\xff")
    done = call("profile", "check", "--json", *paths)
    assert done.code == 2
    good, bad, unreadable = done.json["pages"]
    assert not done.json["fits"]
    assert good["fits"]
    assert good["page"] == str(paths[1])
    assert [region["name"] for region in good["regions"]] == ["title", "date", "body"]
    assert good["regions"][0] == {
        "name": "title",
        "selector": "h1",
        "count": 1,
        "elements": ["h1"],
        "text": "Bridge closed",
    }
    assert good["asides"] == [{"kind": "ignored", "text": "Share: A"}, {"kind": "hidden", "text": "Not to be seen."}]
    assert [left["article"] for left in good["left"]] == [True, False, False]
    assert good["text_sha256"] == canonical_page(PAGE.encode(), parse_profile(PROFILE)).text.sha256.hex()
    assert (bad["fits"], bad["error"]["code"], bad["error"]["field"]) == (False, "selector-no-match", "date")
    assert (unreadable["error"]["code"], unreadable["error"]["position"]) == ("undecodable", 0)
    assert call("profile", "check", "--json", *paths[:2]).json["fits"]


def test_what_strangers_wrote_cannot_move_the_cursor(tmp_path: Path) -> None:
    evil = "\x1b[2J\u202eevil\u200d"
    page = f"<h1 class='a{evil}'>x</h1><h1>y</h1><p id='{evil}'>left {evil}</p><div id=b>b</div><img alt='{evil}'>"
    for profile in ({**PROFILE, "title": "p"}, PROFILE):
        for options in ([], ["--full"]):
            done = call("profile", "check", *options, *files(tmp_path, profile, page))
            assert not set(done.out.decode() + done.err) & set("\x1b\u202e\u200d")
    done = call(
        "profile", "suggest", *files(tmp_path, PROFILE, PAGE.replace("Bridge closed", "Bridge \x1b[2J closed"))[1:]
    )
    assert "\x1b" not in done.err + done.out.decode()


def test_the_image_files_beside_a_page_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"image")
    shown = check(
        tmp_path, PROFILE, PAGE.replace("Second", "<img src=a.png alt=Bridge><img src=b.png alt=River>Second")
    )
    assert f"image: “Bridge”, a.png, SHA-256 {hashlib.sha256(b'image').hexdigest()[:16]}…\n" in shown
    assert "image: “River”, b.png, without a digest\n" in shown


def test_standard_input_is_one_page(tmp_path: Path) -> None:
    profile = files(tmp_path, PROFILE)[0]
    assert run("profile", "check", profile, "-", stdin=PAGE.encode()).code == 0
    done = call("profile", "check", profile, "-", "-")
    assert (done.code, done.out) == (2, b"")
    assert "same-input" in done.err


def test_the_charset_that_came_with_the_page_counts(tmp_path: Path) -> None:
    paths = files(tmp_path, PROFILE, PAGE.replace("Second", "桥梁").encode("gbk"))
    assert call("profile", "check", *paths).code == 2
    done = call("profile", "check", "--charset", "gbk", *paths)
    assert done.code == 0
    assert "0.html: gbk\n" in done.out.decode()


# ------------------------------------------------------------------------------------------------------------ suggest


def drafted(page: str | bytes) -> dict[str, Any]:
    return suggest(parse_page(page if isinstance(page, bytes) else page.encode())).profile.to_json()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_draft_takes_what_the_profile_made_by_hand_takes(template: str, language: str, tmp_path: Path) -> None:
    page = PAGES / f"{template}.{language}.html"
    by_hand = parse_profile(json.loads((PAGES / f"{template}.profile.json").read_bytes()))
    done = call("profile", "suggest", page)
    assert done.code == 0
    draft = parse_profile(json.loads(done.out))
    (tmp_path / "draft.json").write_bytes(done.out)
    found = canonical_page(page.read_bytes(), draft)
    assert found.text.sha256 == canonical_page(page.read_bytes(), by_hand).text.sha256
    assert found.asides == ()
    # One draft is good for the same page in the other language.
    both = [PAGES / f"{template}.{other}.html" for other in ("en", "zh")]
    assert call("profile", "check", tmp_path / "draft.json", *both).code == 0


def test_what_was_taken_for_what_is_said(tmp_path: Path) -> None:
    done = call("profile", "suggest", *files(tmp_path, PROFILE, PAGE)[1:])
    assert done.code == 0
    assert json.loads(done.out) == {
        "spec": "notary-profile/1",
        "title": "#main h1",
        "date": "#main .date",
        "body": "#main",
        "ignore": [".share"],
    }
    assert "notary: title: #main h1, the headline: h1 “Bridge closed”\n" in done.err
    assert "notary: ignore: .share, looks like no part of the article: div.share “Share: A”\n" in done.err
    assert "notary: source: none found\n" in done.err
    assert "look at what it takes with notary profile check" in done.err


def test_ids_and_classes_that_will_not_stay_are_avoided() -> None:
    page = PAGE.replace("id=main", "id=post-20260305").replace('"box wide"', '"css-1x2y3z article-body"')
    assert drafted(page)["body"] == ".article-body"
    # Nothing but places tells these apart.
    bare = f"<body><div><div>a</div><div>b</div><div><div><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></div></div></div>"
    assert "nth-of-type(3)" in drafted(bare)["body"]


def test_a_page_of_links_has_no_article(tmp_path: Path) -> None:
    page = "<ul>" + "<li><a href=x>The council decided on Monday that the bridge stays closed. Read on.</a>" * 30
    done = call("profile", "suggest", *files(tmp_path, PROFILE, page)[1:])
    assert (done.code, done.out) == (3, b"")
    assert "write the profile by hand" in done.err


def test_a_page_too_large_to_guess_from(tmp_path: Path) -> None:
    done = call("profile", "suggest", *files(tmp_path, PROFILE, PAGE + "<p>a" * MAX_ELEMENTS)[1:])
    assert (done.code, done.out) == (3, b"")
    assert "page-too-large" in done.err


def test_what_is_hidden_is_not_taken() -> None:
    hidden = f"<div class=old style='display:none'><p>{PARAGRAPH * 5}</p><p>{PARAGRAPH * 5}</p></div>"
    assert drafted(PAGE.replace("<div id=main", hidden + "<div id=main"))["body"] == "#main"


def test_a_date_and_source_in_one_line_are_one_region() -> None:
    page = PAGE.replace("<p class=date>2026-03-05</p>", "<p class=info>2026-03-05 Source: City</p>")
    draft = drafted(page)
    assert draft["date"] == "#main .info"
    assert "source" not in draft
