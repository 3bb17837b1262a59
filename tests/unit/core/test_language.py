"""Language tags in the recommended letter case."""

from __future__ import annotations

import pytest

from notary.core.language import recommended_case


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("EN", "en"),
        ("zh-cn", "zh-CN"),
        ("ZH-HANS-CN", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("de-ch-1901", "de-CH-1901"),
        ("sl-ROZAJ-biske", "sl-rozaj-biske"),
        ("en-us-u-CA-Gregory", "en-US-u-ca-gregory"),
        ("X-AB-CDEF", "x-ab-cdef"),
        ("", ""),
        ("not a tag", "not a tag"),
    ],
)
def test_recommended_case(given: str, expected: str) -> None:
    assert recommended_case(given) == expected
    assert recommended_case(expected) == expected
