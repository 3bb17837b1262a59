"""Times on pages: also those of chains that count them otherwise."""

from __future__ import annotations

import pytest

from notary.core.bundle import Anchor, StorageAnchor
from notary.web import words
from notary.web.present import _bundle_words
from tests.worlds import World


@pytest.mark.parametrize("seconds", [253_402_300_800, 2**53 - 1, 2**63 - 1])
def test_a_time_that_no_calendar_has_is_shown_as_it_stands(seconds: int) -> None:
    shown = words.moment(seconds * 1000)
    assert shown.words == f"1970-01-01 + {seconds} s"


def test_a_bundle_that_only_the_registry_completes_is_not_called_complete() -> None:
    world = World()
    assert "every step of the proof" in _bundle_words([world.anchor()])
    both: list[Anchor | StorageAnchor] = [world.anchor(), world.storage_anchor()]
    for anchors in (both, both[1:]):
        said = _bundle_words(anchors)
        assert "every step of the proof" not in said
        assert "must be asked" in said
