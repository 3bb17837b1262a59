"""The pages in two languages: complete catalogues, which language an answer is in, and words that are never used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.web.explain import CODES
from notary.web.offline import OFFLINE
from notary.web.strings import CHECK, ENTRY
from scripts import _messages
from tests.weblog import WebLog

ROOT = Path(__file__).parents[2]
UI = ROOT / "notary" / "web" / "static" / "ui"
GROUPS = "|".join(sorted({key.partition(".")[0] for key in ENTRY if "." in key}))
KEY = re.compile(rf'"((?:{GROUPS})\.[a-z0-9-]+)"')


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("languages")) / "data", development=False)
    yield made
    made.close()


@pytest.mark.parametrize("path", _messages.catalogues(), ids=lambda path: path.parents[1].name)
def test_a_catalogue_is_complete(path: Path) -> None:
    assert list(_messages.faults(path)) == []
    assert path.read_bytes() == _messages.updated(path), "run scripts/messages"


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    whole = _messages.catalogues()[0].read_text("utf-8")
    for old, new, fault in (
        ('msgstr "查找"', 'msgstr ""', "not translated: Find"),
        ('msgstr "查找"', 'msgstr "Find"', "not Chinese: Find"),
        ('msgid "Find"', 'msgid "Found"', "missing: Find"),
        ('msgid "Find"', '#, fuzzy\nmsgid "Find"', "marked as fuzzy: Find"),
        ("错误 %(number)s", "错误", "other placeholders than the English: Error %(number)s"),
    ):
        assert old in whole
        path.write_text(whole.replace(old, new), encoding="utf-8")
        assert fault in list(_messages.faults(path))


def test_chinese_says_nothing_of_notaries_and_law() -> None:
    text = _messages.catalogues()[0].read_text("utf-8")
    assert not re.search("公证|法律|已证实|真实", text)
    assert "存证" in text


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", "", "", "en"),
        ("", "", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("", "", "en-GB,zh;q=0.5", "en"),
        ("", "", "fr, de;q=0.5", "en"),
        ("", "", "fr, zh-TW;q=0.5", "zh-Hans"),
        ("", "zh-Hans", "en", "zh-Hans"),
        ("?lang=zh", "", "en", "zh-Hans"),
        ("?lang=en", "zh-Hans", "zh", "en"),
        ("?lang=<b>", "x", "zh;q=x", "en"),
    ],
)
def test_which_language(log: WebLog, query: str, cookie: str, accepted: str, language: str) -> None:
    client = log.app.test_client()
    if cookie:
        client.set_cookie("lang", cookie)
    response = client.get(f"/{query}", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}" dir="ltr">' in response.text
    assert {"accept-language", "cookie"} <= {value.lower() for value in response.vary}


def test_a_choice_is_remembered_and_nothing_else(log: WebLog) -> None:
    client = log.app.test_client()
    chosen = client.get("/?digest=x&lang=zh")
    assert len(chosen.headers.getlist("Set-Cookie")) == 1
    cookie = chosen.headers["Set-Cookie"]
    assert cookie.startswith("lang=zh-Hans;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert 'href="?digest=x&amp;lang=en"' in chosen.text
    assert "这不是摘要" in chosen.text
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" not in client.get("/api/v1/entries/x?lang=zh").headers


def test_every_page_comes_out_in_chinese(log: WebLog) -> None:
    first = log.submit("Boil water\nFor five minutes.", document="water", language="en")
    log.submit("Boil water\nFor ten minutes.", document="water", status="correction", previous=first)
    log.integrate()
    log.anchor()
    for path in ("/", "/nowhere", "/?digest=x", f"/e/{first}", "/d/water", "/verifier"):
        response = log.client.get(path, headers={"Accept-Language": "zh"})
        assert '<html lang="zh-Hans" dir="ltr">' in response.text
        assert "信任文件" in response.text
        assert "公证" not in response.text


def test_the_scripts_ask_for_strings_that_there_are() -> None:
    sources = {path.name: path.read_text("utf-8") for path in UI.rglob("*.js")}
    asked = {key for source in sources.values() for key in KEY.findall(source)}
    assert asked - (ENTRY | CHECK | OFFLINE).keys() == set()
    # Keys that are put together from parts are those of these groups.
    whole = "\n".join(sources.values())
    built = {group for group in GROUPS.split("|") if f"`{group}.${{" in whole}
    unused = {key for key in ENTRY if key not in asked and key.partition(".")[0] not in built}
    assert unused - {"test-chain"} == set()


def test_every_outcome_of_the_vectors_has_a_sentence() -> None:
    vectors = [json.loads(path.read_text("utf-8")) for path in (ROOT / "tests" / "vectors" / "verify").glob("*.json")]
    assert vectors
    checks = [check for vector in vectors for check in vector.get("report", {}).get("checks", ())]
    assert checks
    seen = {f"{one['name']}.{one['code']}" for one in checks if one["status"] in {"pass", "unchecked"}}
    assert {name for name in seen if not name.startswith("copy.")} - CODES.keys() == set()
