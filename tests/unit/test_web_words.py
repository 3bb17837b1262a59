"""Times on pages: also those of chains that count them otherwise."""

from __future__ import annotations

import pytest

from notary.web import words


@pytest.mark.parametrize("seconds", [253_402_300_800, 2**53 - 1, 2**63 - 1])
def test_a_time_that_no_calendar_has_is_shown_as_it_stands(seconds: int) -> None:
    shown = words.moment(seconds * 1000)
    assert shown.words == f"1970-01-01 + {seconds} s"
