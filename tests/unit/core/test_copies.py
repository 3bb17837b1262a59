"""A page as the reader's copy: what it shows beyond the record is never a match, and never silently left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from notary.core.bundle import Bundle
from notary.core.copies import Copy
from notary.core.outcome import CheckStatus
from notary.core.profile import parse_profile
from notary.core.verify import Report, Verdict, verify
from notary.errors import InvalidText
from tests.pageworld import PAGE, PROFILE, SRC, PageWorld, page, picture_digest
from tests.worlds import NOW

WORLD = PageWorld()


def check(copy: Copy, bundle: Bundle | None = None) -> Report:
    made = WORLD.page_bundle() if bundle is None else bundle
    return verify(made, trust=WORLD.trust(), evidence=WORLD.evidence(), copy=copy, now=NOW)


def copied(change: Callable[[str], str] = lambda text: text) -> Copy:
    return Copy(page(change), "html")


def outcome(report: Report) -> tuple[CheckStatus, str, Verdict]:
    found = report.outcome("copy")
    return found.status, found.code, report.verdict


def put(text: str) -> Callable[[str], str]:
    """Return the change that puts ``text`` at the end of the article."""
    return lambda source: source.replace("</div><div class", f"{text}</div><div class")


def test_the_page_itself_matches() -> None:
    assert outcome(check(copied())) == (CheckStatus.PASS, "same-page", Verdict.MATCH)


def test_a_page_that_differs_outside_the_article_matches() -> None:
    report = check(copied(lambda text: text.replace("1,204", "1,205").replace("Home", "Start")))
    assert report.verdict is Verdict.MATCH


def test_another_text_is_changed() -> None:
    report = check(copied(lambda text: text.replace("<b>not</b> ", "")))
    assert outcome(report) == (CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_other_quotes_or_breaks_are_typography() -> None:
    report = check(copied(lambda text: text.replace("it.</p><p>", "it. ")))
    assert outcome(report) == (CheckStatus.FAIL, "typography-only", Verdict.TYPOGRAPHY_ONLY)


@pytest.mark.parametrize(
    ("added", "listed"),
    [
        ("<p hidden>It is open to all.</p>", "“It is open to all.”"),
        ('<p style="display:none">It is open.</p>', "hidden"),
        ("<button>Cross it now</button>", "“Cross it now”"),
        ('<div class="share">Paid for by Mill plc</div>', "“Paid for by Mill plc”"),
        ('<iframe src="https://elsewhere.example/"></iframe>', "https://elsewhere.example/"),
        ('<img src="other.png" alt="An open bridge">', "other.png “An open bridge”"),
        ('<a href="https://elsewhere.example/map"></a>', "to https://elsewhere.example/map"),
    ],
)
def test_what_no_digest_covers_caps_the_verdict_and_is_listed(added: str, listed: str) -> None:
    report = check(copied(put(added)))
    assert outcome(report) == (CheckStatus.UNCHECKED, "same-text-with-unchecked", Verdict.MATCH_WITH_UNCHECKED)
    assert listed in report.outcome("copy").detail


def test_it_is_listed_beside_a_changed_text_too() -> None:
    report = check(copied(lambda text: put("<p hidden>It is open.</p>")(text.replace("<b>not</b> ", ""))))
    assert report.verdict is Verdict.CHANGED
    assert "“It is open.”" in report.outcome("copy").detail


def test_another_target_of_a_link_caps_the_verdict() -> None:
    report = check(copied(lambda text: text.replace('"/map"', '"https://elsewhere.example/"')))
    assert outcome(report) == (CheckStatus.UNCHECKED, "same-text-with-unchecked", Verdict.MATCH_WITH_UNCHECKED)
    assert "“the map” to https://elsewhere.example/" in report.outcome("copy").detail


def test_a_copy_without_links_shows_none_that_could_mislead() -> None:
    report = check(copied(lambda text: text.replace('<a href="/map">', "").replace("</a>", "")))
    assert report.verdict is Verdict.MATCH


@pytest.mark.parametrize("tag", ["", '<img src="gone.png" alt="">', '<img src="data:image/png;base64,AAAA">'])
def test_images_that_are_missing_or_others_cap_the_verdict(tag: str) -> None:
    report = check(copied(lambda text: text.replace(f'<img src="{SRC}" alt="The bridge">', tag)))
    assert outcome(report) == (CheckStatus.UNCHECKED, "same-text-with-unchecked", Verdict.MATCH_WITH_UNCHECKED)
    assert "image" in report.outcome("copy").detail


def test_an_image_beside_the_page_counts_by_its_digest() -> None:
    copy = copied(lambda text: text.replace(SRC, "article_files/bridge.png"))
    assert check(copy).verdict is Verdict.MATCH_WITH_UNCHECKED
    assert check(replace(copy, images={"article_files/bridge.png": picture_digest()})).verdict is Verdict.MATCH
    assert check(replace(copy, images={"article_files/bridge.png": bytes(32)})).verdict is Verdict.MATCH_WITH_UNCHECKED


def test_an_image_that_is_there_twice_may_stand_for_another() -> None:
    report = check(copied(put(f'<img src="{SRC}">')))
    assert outcome(report) == (CheckStatus.UNCHECKED, "same-text-with-unchecked", Verdict.MATCH_WITH_UNCHECKED)
    assert report.outcome("copy").detail.count("an image:") == 2


def test_a_match_says_what_was_not_looked_at() -> None:
    report = check(copied(lambda text: text + " "))
    assert report.verdict is Verdict.MATCH
    assert "style sheets and scripts" in report.outcome("copy").detail


def test_a_plain_copy_cannot_show_that_the_images_are_the_same() -> None:
    text = WORLD.page_bundle().text
    assert text is not None
    assert check(Copy(text.encode(), "canonical")).verdict is Verdict.MATCH_WITH_UNCHECKED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace('id="article"', 'id="story"'), "selector-no-match"),
        (put('</div><div id="article">'), "selector-ambiguous"),
        (lambda text: text.replace("<body>", "<body hidden>"), "selected-hidden"),
    ],
)
def test_a_profile_that_does_not_fit_says_nothing_about_the_text(change: Callable[[str], str], code: str) -> None:
    assert outcome(check(copied(change))) == (CheckStatus.UNCHECKED, code, Verdict.CANNOT_CHECK)


def test_the_readers_own_profile_counts() -> None:
    profile = parse_profile({**PROFILE, "body": "#story"})
    copy = copied(lambda text: text.replace('id="article"', 'id="story"'))
    assert check(replace(copy, profile=profile)).verdict is Verdict.MATCH


def test_without_a_profile_a_page_cannot_be_checked() -> None:
    report = check(copied(), WORLD.page_bundle(profile=None))
    assert outcome(report) == (CheckStatus.UNCHECKED, "no-profile", Verdict.CANNOT_CHECK)


def test_a_text_withheld_is_known_from_a_page_that_has_it() -> None:
    withheld = WORLD.page_bundle(text=None)
    report = check(copied(), withheld)
    assert report.verdict is Verdict.MATCH
    assert report.outcome("text").status is CheckStatus.PASS
    report = check(copied(lambda text: text.replace("<b>not</b> ", "")), withheld)
    assert report.outcome("text").code == "not-disclosed"
    assert report.verdict is Verdict.CHANGED


def test_an_article_that_was_emptied_or_hidden_is_changed() -> None:
    start, end = PAGE.index('<div id="article">'), PAGE.index('</div><div class="foot">')
    report = check(Copy((PAGE[:start] + '<div id="article">' + PAGE[end:]).encode(), "html"))
    assert outcome(report) == (CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_a_page_that_cannot_be_read_is_unreadable_not_altered() -> None:
    for change in (put("\u202e"), put("<bdo>x</bdo>")):
        with pytest.raises(InvalidText):
            check(copied(change))
    with pytest.raises(InvalidText):
        check(Copy(b"<!doctype html><h1>\xff</h1>", "html"))


def test_the_charset_of_the_transport_counts() -> None:
    data = PAGE.replace('<meta charset="utf-8">', "").replace("may <b>not</b>", "may <b>not</b>\u00a0").encode("cp1252")
    assert check(Copy(data, "html", charset="windows-1252")).verdict is Verdict.MATCH
    with pytest.raises(InvalidText):
        check(Copy(data, "html"))
