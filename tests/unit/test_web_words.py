"""Times on pages: also those of chains that count them otherwise."""

from __future__ import annotations

import pytest

from notary.core.bundle import Anchor, StorageAnchor
from notary.core.verify import Verdict, verify
from notary.service.evidence import own_evidence
from notary.web import words
from notary.web.present import _bundle_words, _checks
from tests.worlds import NOW, World


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


@pytest.mark.parametrize("stored", [False, True])
def test_what_the_server_takes_for_granted_is_no_pass_on_its_page(stored: bool) -> None:
    """Its own bundles it checks with the chain as its worker saw it: nobody else has asked."""
    world = World()
    bundle = world.bundle(anchors=(world.storage_anchor() if stored else world.anchor(),))
    report = verify(bundle, trust=world.trust(), evidence=own_evidence(bundle, world.trust()), now=NOW)
    assert report.verdict is Verdict.MATCH
    kinds = {line.name: line.kind for line in _checks(report)}
    assert kinds["On the chain"] == "unchecked"
    assert kinds["Anchored"] == ("unchecked" if stored else "pass")
