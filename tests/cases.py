"""The vectors under ``tests/vectors``: one JSON file a case, with ``desc`` and, for bad ones, ``error``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"


def load(area: str, *, bad: bool | None = None) -> dict[str, Any]:
    """Return the cases of an area by file name; ``bad`` keeps only those with, or without, an expected ``error``."""
    cases = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((VECTORS / area).glob("*.json"))
    }
    assert cases, f"no vectors for {area}"
    assert all(case["desc"] for case in cases.values())
    return {name: case for name, case in cases.items() if bad is None or ("error" in case) == bad}
