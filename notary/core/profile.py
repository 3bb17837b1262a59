"""The profile, `notary-profile/1`: which elements of a publisher's pages hold headline, date, source and body.

It is confirmed by the publisher, its digest is in the record, and it travels in the bundle, so that a reader's page is
cut the way the publisher's was. See docs/spec/html.md, "The profile".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core import jcs
from notary.core.jcs import Json, printable
from notary.core.selectors import Selector, parse_selector
from notary.errors import InvalidProfile

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = "notary-profile/1"
MAX_IGNORE = 64
REGIONS = ("title", "date", "source", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile; made by :func:`parse_profile`."""

    body: Selector
    title: Selector | None = None
    date: Selector | None = None
    source: Selector | None = None
    ignore: tuple[Selector, ...] = ()

    def regions(self) -> Iterator[tuple[str, Selector]]:
        """Yield name and selector of the regions that the profile has, in the order of the text."""
        for name, selector in zip(REGIONS, (self.title, self.date, self.source, self.body), strict=True):
            if selector is not None:
                yield name, selector

    def selectors(self) -> Iterator[Selector]:
        """Yield all selectors."""
        yield from (selector for _, selector in self.regions())
        yield from self.ignore

    def to_json(self) -> dict[str, Json]:
        """Return the JSON value of the profile."""
        value: dict[str, Json] = {"spec": SPEC}
        value |= {name: selector.text for name, selector in self.regions()}
        if self.ignore:
            value["ignore"] = [selector.text for selector in self.ignore]
        return value

    def digest(self) -> bytes:
        """Return SHA-256 of the canonical JSON: what a record carries as ``text.profile_sha256``."""
        return hashlib.sha256(jcs.dumps(self.to_json())).digest()


def parse_profile(value: Json) -> Profile:
    """Return the profile in a JSON value; its :meth:`Profile.to_json` is that value again.

    Raises :class:`InvalidProfile` with the dotted ``field`` and, inside a selector, the ``position`` in code points.
    """
    if not isinstance(value, dict):
        raise _fail("profile", "must be an object")
    left = dict(value)
    if left.pop("spec", None) != SPEC:
        raise _fail("profile.spec", f"must be {SPEC!r}")
    regions = {name: _selector(left.pop(name), f"profile.{name}") for name in REGIONS if name in left}
    if "body" not in regions:
        raise _fail("profile.body", "is missing: the selector of the element that holds the body")
    ignore = _ignore(left.pop("ignore")) if "ignore" in left else ()
    if left:
        raise _fail(f"profile.{printable(min(left))}", "is not a known field")
    return Profile(
        title=regions.get("title"),
        date=regions.get("date"),
        source=regions.get("source"),
        body=regions["body"],
        ignore=ignore,
    )


def _ignore(value: Json) -> tuple[Selector, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_IGNORE:
        raise _fail("profile.ignore", f"must be an array of 1 to {MAX_IGNORE} selectors, or left out")
    selectors: list[Selector] = []
    for i, item in enumerate(value):
        selector = _selector(item, f"profile.ignore[{i}]")
        if selector in selectors:
            raise _fail(f"profile.ignore[{i}]", "is there twice")
        selectors.append(selector)
    return tuple(selectors)


def _selector(value: Json, field: str) -> Selector:
    if not isinstance(value, str):
        raise _fail(field, "must be a string: a selector")
    return parse_selector(value, field=field)


def _fail(field: str, problem: str) -> InvalidProfile:
    return InvalidProfile(f"{field} {problem}.", code="invalid-profile", field=field)
