"""What a reader who holds a variant of a sample page is told: the verdict, by the whole verification."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from notary.core.bundle import Bundle
from notary.core.chain import ChainEvidence
from notary.core.copies import Copy
from notary.core.html import canonical_page
from notary.core.profile import parse_profile
from notary.core.record import TextDigest
from notary.core.trust import Trust
from notary.core.verify import Verdict, verify
from notary.errors import InvalidText
from tests import worlds
from tests.variants.pages import Page
from tests.variants.table import Case, cases
from tests.worlds import NOW, World

NOT_FOUND = ("selector-no-match", "selector-ambiguous", "selected-hidden", "profile-overlap")


@dataclass(frozen=True)
class Published:
    """A page in a log, its hidden text confirmed, and what a reader needs to check a copy of it."""

    bundle: Bundle
    trust: Trust
    evidence: ChainEvidence

    @classmethod
    def of(cls, page: Page) -> Published:
        profile = parse_profile(page.profile)
        read = canonical_page(page.data, profile, charset=page.charset)
        content = TextDigest(
            sha256=read.text.sha256,
            lines=len(read.text.lines),
            lines_root=read.text.lines_root,
            profile_sha256=profile.digest(),
            links_sha256=read.links_sha256,
        )
        world = World(entry=worlds.entry(worlds.record(content=content, media=read.media)))
        bundle = world.bundle(text=read.text.data.decode(), profile=page.profile)
        return cls(bundle, world.trust(), world.evidence())

    def told_of(self, case: Case) -> str:
        # A reader has a profile of their own only where the copy came with one.
        own = None if case.copy.profile == case.recorded.profile else parse_profile(case.copy.profile)
        copy = Copy(case.copy.data, "html", profile=own, charset=case.copy.charset)
        try:
            report = verify(self.bundle, trust=self.trust, evidence=self.evidence, copy=copy, now=NOW)
        except InvalidText as error:
            return f"unusable: {error.code}"
        return f"{report.verdict}: {report.outcome('copy').code}"


def told(expected: str) -> str:
    """Turn the table's words into the verdict that they mean."""
    first, _, rest = expected.partition(", ")
    if first.startswith("refused: "):
        code = first.removeprefix("refused: ")
        return f"{Verdict.CANNOT_CHECK}: {code}" if code in NOT_FOUND else f"unusable: {code}"
    if first != "match":
        return f"{first}: {first}"
    return f"{Verdict.MATCH_WITH_UNCHECKED}: same-text-with-unchecked" if rest else f"{Verdict.MATCH}: same-page"


@pytest.mark.parametrize("group", sorted({case.group for case in cases()}))
def test_a_reader_is_told_what_the_table_says(group: str) -> None:
    published: dict[bytes, Published] = {}
    wrong = []
    for case in cases():
        if case.group == group:
            if case.recorded.data not in published:
                published[case.recorded.data] = Published.of(case.recorded)
            said = published[case.recorded.data].told_of(case)
            if said != told(case.expected):
                wrong.append((case.variant, case.recorded.template, case.recorded.language, said, case.expected))
    assert wrong == []
