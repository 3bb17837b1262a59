"""Write every case, and what Python takes from it, for the other implementation: a JSON object a line."""

from __future__ import annotations

import json

from tests.parity.answers import python_answer
from tests.variants.table import cases


def _main() -> None:
    for case in cases():
        line = {
            "group": case.group,
            "variant": case.variant,
            "column": f"{case.recorded.template[:1]}-{case.recorded.language}",
            "expected": case.expected,
            "recorded": case.recorded.vector(),
            "copy": case.copy.vector(),
            "python": python_answer(case.copy.vector()),
        }
        print(json.dumps(line))


_main()
