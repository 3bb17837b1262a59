"""docs/api.md names every route of the application, and no other; and the codes it lists exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weblog import WebLog

ROOT = Path(__file__).parents[2]
HEADING = re.compile(r"^### `(GET|POST) ([^`\s]+)`", re.MULTILINE)
CODE = re.compile(r"^\| `([a-z0-9-]+)` \|", re.MULTILINE)


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("docs")) / "data")
    yield made
    made.close()


def documented() -> str:
    return (ROOT / "docs" / "api.md").read_text("utf-8")


def test_every_route_is_documented_and_none_besides(log: WebLog) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)))
        for rule in log.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(HEADING.findall(documented())) == routes


def test_every_code_in_the_table_is_in_the_source() -> None:
    source = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "notary").rglob("*.py")))
    codes = CODE.findall(documented())
    assert len(codes) > 40
    assert len(set(codes)) == len(codes)
    missing = [code for code in codes if f'"{code}"' not in source]
    assert missing == []


def test_every_field_of_a_submission_is_documented() -> None:
    from notary.web.models import SubmissionBody

    text = documented()
    for name in SubmissionBody.model_fields:
        assert f"| `{name}` |" in text
