"""What pages load: made from the sources as they are, the same bytes each time, and small."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from scripts._dev import assets, node

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
