"""The pages: what they claim at each state, revisions that cannot be missed, hostile strings, and the search."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from sqlalchemy import text

import notary.web
from notary.model.anchors import AnchorState
from tests import backends
from tests.weblog import BLOCK, ORIGIN, TEXT, TITLE, WebLog

NOWHERE = "cd" * 32
BLOCK_TIME = 1_800_000_000
BLOCK_WORDS = "15 January 2027, 08:00:00 UTC"
TEST_CHAIN = "local test chain: proves nothing to others"

# Words that claim what no log can claim. "notary verify" is the name of a program.
FORBIDDEN = re.compile(r"verified|\btrue\b|notari[sz]|legally|certified|authentic|guarantee|公证", re.IGNORECASE)


class Page(HTMLParser):
    """The parts of a page that tests look at."""

    VOID = frozenset({"meta", "link", "br", "input"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.headings: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((tag, ""))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self._open:
            return
        self.words += data.replace("\u00a0", " ")
        for name in ("h1", "h2", "h3"):
            if name in self._open:
                tag, text = self.headings[-1]
                self.headings[-1] = (tag, (text + data).replace("\u00a0", " "))

    @property
    def h1(self) -> str:
        (heading,) = [text for tag, text in self.headings if tag == "h1"]
        return heading.strip()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data", development=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    """A log for tests that do not look at what else is in it."""
    made = WebLog(Path(tmp_path_factory.mktemp("pages")) / "data", development=False)
    yield made
    made.close()


@pytest.fixture
def test_log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "test-data", development=True)
    yield made
    made.close()


def get(log: WebLog, path: str, status: int = 200) -> Page:
    response = log.client.get(path)
    assert (response.status_code, response.mimetype) == (status, "text/html"), response.text
    page = Page(response.text)
    claims = FORBIDDEN.search(page.words)
    assert claims is None, claims
    root = next(attrs for tag, attrs in page.tags if tag == "html")
    assert root["lang"] == "en"
    for tag, attrs in page.tags:
        # The one script is our own file; what stands in the page is data for it.
        if tag == "script" and "src" not in attrs:
            assert attrs == {"type": "application/json", "id": "strings"}
        elif tag == "script":
            assert attrs.keys() == {"type", "src"}
            assert str(attrs["src"]).startswith("/static/built/")
        assert tag not in {"style", "iframe", "object", "embed", "base"}
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action"):
            value = attrs.get(name)
            assert value is None or value.startswith(("/", "#", "?", "https://roads.example/")), value
    assert page.h1
    return page


def test_what_each_state_says(log: WebLog) -> None:
    leaf = log.submit()
    path = f"/e/{leaf}"
    page = get(log, path)
    assert re.fullmatch(r"This text was accepted on .* UTC and is not in the log yet\.", page.h1)
    log.integrate()
    page = get(log, path)
    assert re.fullmatch(r"This text was logged on .* UTC and is not anchored yet\.", page.h1)
    assert "nothing about time that would hold without this log’s word" in page.words
    log.anchor(AnchorState.MAYBE_SENT)
    assert get(log, path).h1.endswith("its anchor was sent and is not in a block yet.")
    for state in (AnchorState.INCLUDED, AnchorState.FINAL):
        log.anchor(state)
        page = get(log, path)
        assert page.h1.endswith("its anchor is in a block that is not final yet.")
        assert "no later than" not in page.words
        assert str(BLOCK) not in page.words
    log.anchor(AnchorState.PROVEN, block_time=BLOCK_TIME)
    page = get(log, path)
    assert page.h1 == f"This text was in this log no later than {BLOCK_WORDS}."
    assert f"block {BLOCK}" in page.words
    assert "Rewriting, backdating or dropping this entry is detectable by anyone who audits this log." in page.words


def test_what_a_page_does_not_claim(log: WebLog) -> None:
    page = get(log, f"/e/{log.final()}")
    assert ("h2", "What it does not show") in page.headings
    assert "Whether what it says is so." in page.words
    assert "Who wrote it." in page.words
    assert "This is this server’s own word" in page.words
    assert re.search(r"On the chain\s+Not checked", page.words)
    assert re.search(r"Anchored\s+Holds", page.words)
    # Nothing is shown in a colour that says "good".
    assert not [attrs for tag, attrs in page.tags if "green" in str(attrs) or "success" in str(attrs)]


def test_the_text_the_record_and_the_way_to_check(log: WebLog) -> None:
    text = f"{TITLE}\nCars & bikes < 7.5 t.\nRoad\tOpen\nMill Street\tyes\n"
    leaf = log.final(text, language="en-GB", document="bridge/1", url="https://roads.example/1?a=1&b=2", author="A. B.")
    page = get(log, f"/e/{leaf}")
    assert ("h2", TITLE) in page.headings
    assert "Cars & bikes < 7.5 t." in page.words
    article = next(attrs for tag, attrs in page.tags if tag == "article")
    assert article["lang"] == "en-GB"
    assert len([tag for tag, _ in page.tags if tag == "td"]) == 4
    for value in ("City Roads Office", "city-roads-office", "A. B.", "bridge/1", leaf, "en-GB"):
        assert value in page.words
    assert "https://roads.example/1?a=1&b=2" in page.links
    assert f"/api/v1/entries/{leaf}/bundle" in page.links
    assert f"/api/v1/entries/{leaf}/tlog-proof" in page.links
    assert "/.well-known/notary-log.json" in page.links
    assert f"notary verify {leaf}.bundle.json" in page.words
    digest = log.get_json(f"/api/v1/entries/{leaf}")["record"]["text"]["sha256"]
    assert digest in page.words


def test_the_fingerprint_is_on_every_page(log: WebLog) -> None:
    fingerprint = hashlib.sha256(log.client.get("/.well-known/notary-log.json").data).hexdigest()
    leaf = log.submit()
    for path, status in (("/", 200), (f"/e/{leaf}", 200), ("/nowhere", 404), ("/?digest=x", 422)):
        assert fingerprint in get(log, path, status).words


def test_a_test_chain_says_so_on_every_page(test_log: WebLog) -> None:
    leaf = test_log.final()
    for path, status in (("/", 200), (f"/e/{leaf}", 200), ("/nowhere", 404), ("/?digest=x", 422)):
        assert TEST_CHAIN in get(test_log, path, status).words.lower()
    page = get(test_log, f"/e/{leaf}")
    assert page.h1.endswith(f"on a {TEST_CHAIN}.")
    assert "no later than" not in page.h1


def test_no_such_words_on_another_chain(log: WebLog) -> None:
    leaf = log.final()
    for path, status in (("/", 200), (f"/e/{leaf}", 200), ("/nowhere", 404)):
        assert TEST_CHAIN not in get(log, path, status).words.lower()


def test_a_correction_cannot_be_missed(log: WebLog) -> None:
    first = log.submit("Boil water\nFor five minutes.", document="water")
    note = "The number of minutes was wrong."
    second = log.submit(
        "Boil water\nFor ten minutes.", document="water", status="correction", previous=first, note=note
    )
    log.integrate()
    log.anchor()
    page = get(log, f"/e/{first}")
    assert page.h1.startswith("This is an older version: it was corrected on ")
    assert note in page.words
    assert f"/e/{second}" in page.links
    assert re.search(r"Latest revision\s+Superseded", page.words)
    page = get(log, f"/e/{second}")
    assert page.h1.startswith("This text was in this log no later than ")
    assert "This corrects an earlier version." in page.words
    assert note in page.words
    assert f"/e/{first}" in page.links
    assert re.search(r"Latest revision\s+Holds", page.words)


def test_a_retraction_cannot_be_missed(log: WebLog) -> None:
    first = log.submit("Pool opens\nOn Sunday.", document="pool")
    second = log.submit("Pool opens\nOn Sunday, at ten.", document="pool", status="update", previous=first)
    third = log.submit("Withdrawn\nSent by mistake.", document="pool", status="retraction", previous=second)
    for leaf in (first, second):
        page = get(log, f"/e/{leaf}")
        assert page.h1.startswith("This text was retracted on ")
        assert f"/e/{third}" in page.links
        # The history names all three.
        assert {f"/e/{one}" for one in (first, second, third) if one != leaf} <= set(page.links)
    page = get(log, f"/e/{third}")
    assert "This retracts an earlier version." in page.words
    assert page.h1.startswith("This text was accepted on ")


def test_an_erased_text(log: WebLog) -> None:
    leaf = log.final()
    with backends.behind_its_back(log.root) as connection:
        connection.execute(text("DELETE FROM disclosures"))
    page = get(log, f"/e/{leaf}")
    assert "The text of this entry is not disclosed." in page.words
    assert TITLE not in page.words
    assert "Text not disclosed" in get(log, "/").words
    assert "text" not in log.get_json(f"/api/v1/entries/{leaf}")


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</title></h1></body>",
    "{{ 7*7 }}{% raw %}",
    "\"><svg onload=alert(1)> ' ` &amp; &lt;",
    "x" * 10_000,
    "字" * 5_000,
    "\u2067rtl\u2069 \u200fmark",
)


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_as_it_is(shared: WebLog, line: str) -> None:
    leaf = shared.submit(f"{line}\n{line}\n{line}\t{line}")
    page = get(shared, f"/e/{leaf}")
    assert page.words.count(line) >= 4
    get(shared, "/")


def test_hostile_meta_is_isolated(shared: WebLog) -> None:
    note = "✅ <b>checked</b> & \"quoted\" 'too'"
    first = shared.submit("Note\nOne.", document="n", author=note)
    second = shared.submit("Note\nTwo.", document="n", status="update", previous=first, note=note, author=note)
    for leaf in (first, second):
        response = shared.client.get(f"/e/{leaf}")
        page = Page(response.text)
        assert note in page.words
        assert "<b>" not in response.text
        # Every place where a publisher's words stand among ours is isolated.
        assert response.text.count("✅") == response.text.count("<bdi>✅") > 0


def test_titles_in_lists_are_short_and_have_a_language(log: WebLog) -> None:
    log.submit("x" * 10_000 + "\nBody.")
    log.submit("关于调整首末班车时间的公告\n正文。")
    log.submit("한국어 제목\n본문")
    log.submit("日本語のタイトル\n本文")
    page = get(log, "/")
    titles = {text: attrs.get("lang") for attrs, text in zip(_h3(page), _h3_texts(page), strict=True)}
    assert titles["关于调整首末班车时间的公告"] == "zh"
    assert titles["한국어 제목"] == "ko"
    assert titles["日本語のタイトル"] == "ja"
    assert max(len(title) for title in titles) <= 140


def test_a_title_that_is_cut_leaves_what_stands_behind_it_alone(log: WebLog) -> None:
    leaf = log.submit(f"\u2067{'א' * 200}\u2069\nBody.")
    title = re.search(r"<title>(.*?) · ", log.client.get(f"/e/{leaf}").text)
    assert title is not None
    assert (title[1].count("\u2067"), title[1].count("\u2069")) == (1, 1)


def test_the_address_of_a_document_leads_to_it_whatever_its_name(log: WebLog) -> None:
    other = log.submit("Other\nBody.")
    for name in (f"a/../../e/{other}", "a/./b", "2026/17"):
        first = log.submit(f"Old\n{name}", document=name)
        last = log.submit(f"New\n{name}", document=name, status="update", previous=first)
        links = [one for one in get(log, f"/e/{first}").links if one.startswith("/d/")]
        assert links
        # As browsers do, which take dots that are segments out of an address.
        path = urljoin("http://log.example/", links[0]).removeprefix("http://log.example")
        assert f'data-leaf="{last}"' in log.client.get(path).text


def test_too_much_is_refused_in_words_for_people(shared: WebLog) -> None:
    response = shared.client.post("/check", data={"text": "x" * 7_000_000}, headers={"Accept-Language": "zh"})
    assert response.status_code == 413
    assert "发送的内容太大。" in response.text
    assert "The body" not in response.text


def _h3(page: Page) -> list[dict[str, str | None]]:
    return [attrs for tag, attrs in page.tags if tag == "h3"]


def _h3_texts(page: Page) -> list[str]:
    return [text for tag, text in page.headings if tag == "h3"]


def test_front_page_lists_the_newest_first(log: WebLog) -> None:
    assert "Nothing has been logged yet." in get(log, "/").words
    for number in range(35):
        log.submit(f"Number {number}\nBody.")
    page = get(log, "/")
    titles = _h3_texts(page)
    assert titles[0] == "Number 34"
    assert len(titles) == 30
    assert "city-roads-office" in page.words


def test_the_list_says_what_was_superseded(log: WebLog) -> None:
    first = log.submit("Pool opens\nOn Sunday.", document="pool")
    second = log.submit("Pool opens\nOn Monday.", document="pool", status="correction", previous=first)
    log.submit("Other\nOriginal.", document="other")
    words = " ".join(get(log, "/").words.split())
    assert re.search(r"Other city-roads-office·[^·]*UTC·accepted, not yet logged Pool opens", words)
    assert re.search(r"not yet logged·Correction Pool opens .*not yet logged·Corrected since Trust file", words)
    log.submit("Withdrawn\nBoth.", document="pool", status="retraction", previous=second)
    words = " ".join(get(log, "/").words.split())
    assert words.count("Retracted since") == 2
    assert words.count("·Retraction") == 1


def test_find(log: WebLog) -> None:
    leaf = log.submit()
    digest = log.get_json(f"/api/v1/entries/{leaf}")["record"]["text"]["sha256"]
    asked = (leaf, digest, digest.upper(), f"0x{leaf}", f"  {leaf} ", f"{digest}  -", f"https://{ORIGIN}/e/{leaf}")
    for one in asked:
        response = log.client.get("/", query_string={"digest": one})
        assert (response.status_code, response.headers["Location"]) == (303, f"/e/{leaf}"), one


def test_find_several_entries_of_one_text(log: WebLog) -> None:
    leaves = {log.submit(document=name) for name in ("a", "b")}
    digest = log.get_json(f"/api/v1/entries/{leaves.copy().pop()}")["record"]["text"]["sha256"]
    page = get(log, f"/?digest={digest}")
    assert "2 entries are about this very text." in page.words
    assert {f"/e/{leaf}" for leaf in leaves} <= set(page.links)


def test_find_nothing(shared: WebLog) -> None:
    page = get(shared, f"/?digest={NOWHERE}", 404)
    assert "Nothing in this log has this digest." in page.words


@pytest.mark.parametrize("asked", ["hello", "12", "g" * 64, NOWHERE + "0", "<script>", "%ff%00", "x" * 5000])
def test_find_something_that_is_no_digest(shared: WebLog, asked: str) -> None:
    page = get(shared, f"/?digest={asked}", 422)
    assert "This is not a digest" in page.words
    field = next(attrs for tag, attrs in page.tags if tag == "input")
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "digest-hint digest-answer"


@pytest.mark.parametrize(
    "path", ["/e/", "/e/x", f"/e/{NOWHERE}", f"/e/{NOWHERE.upper()}", "/nowhere", "/static/nothing"]
)
def test_not_found_page(shared: WebLog, path: str) -> None:
    page = get(shared, path, 404)
    assert page.h1 == "There is nothing at this address."
    assert "/" in page.links


def test_wrong_method_page(shared: WebLog) -> None:
    response = shared.client.post("/")
    assert (response.status_code, response.mimetype) == (405, "text/html")


def test_an_error_page_comes_out_without_a_database(log: WebLog) -> None:
    log.close()
    backends.lose_database(log.root)
    response = log.client.get(f"/e/{NOWHERE}")
    # A file that is gone is our fault; a server that cannot be reached may be back soon.
    status, words = (503, "cannot be reached now") if backends.on_postgresql() else (500, "Something went wrong")
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert words in response.text


def test_static_files_have_addresses_that_change_with_them(shared: WebLog) -> None:
    page = get(shared, "/")
    (sheet,) = [str(attrs["href"]) for tag, attrs in page.tags if attrs.get("rel") == "stylesheet"]
    assert re.fullmatch(r"/static/notary\.css\?v=[0-9a-f]{12}", sheet)
    response = shared.client.get(sheet)
    assert (response.status_code, response.content_type) == (200, "text/css; charset=utf-8")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    # Under an old address the file may be newer than what asks for it.
    other = shared.client.get("/static/notary.css?v=000000000000", headers={"If-None-Match": response.headers["ETag"]})
    assert (other.status_code, other.headers["Cache-Control"]) == (304, "public, no-cache")
    assert shared.client.get("/static/icon.svg").mimetype == "image/svg+xml"


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "", "/etc/passwd", "notary.css/", "%00"])
def test_no_other_file_is_served(shared: WebLog, name: str) -> None:
    assert shared.client.get(f"/static/{name}").status_code == 404


def test_the_style_sheet_fetches_nothing() -> None:
    sheet = (Path(notary.web.__file__).parent / "static" / "notary.css").read_text("utf-8")
    assert "url(" not in sheet
    assert "@import" not in sheet
    assert len(sheet.encode()) < 20_000


def test_text_of_the_sample_is_what_the_page_shows(log: WebLog) -> None:
    page = get(log, f"/e/{log.submit(TEXT)}")
    for line in TEXT.strip().split("\n"):
        assert line in page.words
