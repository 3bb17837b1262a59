"""The pages in two languages: complete catalogues, which language an answer is in, and words that are never used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.web.explain import CODES
from notary.web.strings import ENTRY
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
