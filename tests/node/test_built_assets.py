"""What pages load: made from the sources as they are, the same bytes each time, and small."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from scripts._dev import assets, node, paths

MAX_BYTES_OVER_THE_WIRE = 100_000


@pytest.fixture(scope="module")
def manifest() -> dict[str, dict[str, dict[str, object]]]:
    assert assets.is_current(), assets.ADVICE
    loaded: dict[str, dict[str, dict[str, object]]] = json.loads((assets.BUILT / assets.MANIFEST).read_text("utf-8"))
    return loaded


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_sources_give_the_same_bytes(tmp_path: Path, manifest: object) -> None:
    assert manifest
    assets.build(node.executable(), tmp_path / "built")
    assert contents(tmp_path / "built") == contents(assets.BUILT)


def test_a_page_loads_no_more_than_a_hundred_kilobytes(manifest: dict[str, dict[str, dict[str, object]]]) -> None:
    assert manifest["pages"]
    for name, page in manifest["pages"].items():
        parts = page["parts"]
        assert isinstance(parts, list)
        files = [assets.BUILT / str(part) for part in (page["script"], *parts)]
        size = sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in files)
        assert size <= MAX_BYTES_OVER_THE_WIRE, f"{name}: {size} bytes"


def test_the_documents_print_the_digest_of_the_saved_verifier(tmp_path: Path) -> None:
    assets.build(node.executable(), tmp_path / "built")
    digest = hashlib.sha256((tmp_path / "built" / assets.VERIFIER).read_bytes()).hexdigest()
    for name in assets.PRINTED_IN:
        printed = assets.PRINTED.findall((paths.ROOT / name).read_text(encoding="utf-8"))
        assert printed == [digest], f"{name}: run scripts/build-assets --print"


def test_the_saved_verifier_names_its_one_script_and_loads_nothing() -> None:
    text = (assets.BUILT / assets.VERIFIER).read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "'self'" not in policy[1]
    assert "unsafe" not in policy[1]
    assert re.findall(r"<[^>]+ (?:src|href|action)=", text.replace(script[0], "")) == []
