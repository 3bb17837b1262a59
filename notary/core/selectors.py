"""The selectors of a profile: a small part of CSS, parsed here, so that every program means the same by them.

A selector is parsed once, when its profile is, and matched against the tree of a page by :mod:`notary.core.html.match`.
The grammar is in docs/spec/html.md, "The profile"; what it does not have is refused, at the first code point that
cannot go on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from notary.errors import InvalidProfile

MAX_SELECTOR_LENGTH = 500

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_IDENT = re.compile(r"[A-Za-z_\u00a0-\U0010ffff-][A-Za-z0-9_\u00a0-\U0010ffff-]*")
_VALUE = re.compile(r"[^\x00-\x1f\x22\x5c\x7f]*")
_DIGITS = re.compile(r"[1-9][0-9]{0,3}")
_SPACES = re.compile(" *")
_NTH = ("nth-child(", "nth-of-type(")

Operator: TypeAlias = Literal["", "=", "~=", "^=", "$=", "*="]


@dataclass(frozen=True, slots=True)
class AttributeTest:
    """``[name]`` (no operator) or ``[name op "value"]``; ids and classes are ``[id="…"]`` and ``[class~="…"]``."""

    name: str
    operator: Operator = ""
    value: str = ""

    def holds(self, value: str) -> bool:
        """Say whether the test holds for the ``value`` that the attribute has."""
        wanted = self.value
        match self.operator:
            case "":
                return True
            case "=":
                return value == wanted
            case "~=":
                return wanted in _ASCII_SPACE.split(value) if wanted else False
            case "^=":
                return bool(wanted) and value.startswith(wanted)
            case "$=":
                return bool(wanted) and value.endswith(wanted)
            case "*=":
                return bool(wanted) and wanted in value


_ASCII_SPACE = re.compile("[\t\n\f\r ]+")


@dataclass(frozen=True, slots=True)
class PositionTest:
    """``:nth-child(n)``, or ``:nth-of-type(n)``."""

    index: int
    of_type: bool


@dataclass(frozen=True, slots=True)
class Compound:
    """What one element must be, by name (None: any) and tests; with ``child`` its parent is the compound before."""

    name: str | None
    attributes: tuple[AttributeTest, ...]
    positions: tuple[PositionTest, ...]
    child: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector: alternatives, each a chain of compounds from the outermost to the element itself."""

    text: str
    chains: tuple[tuple[Compound, ...], ...] = field(compare=False, repr=False)


def parse_selector(text: str, *, field: str) -> Selector:
    """Return the selector in ``text``.

    Raises :class:`InvalidProfile` with ``field``, and ``position``: that of the first code point that cannot go on.
    """
    if not 1 <= len(text) <= MAX_SELECTOR_LENGTH:
        raise InvalidProfile(
            f"{field} must have 1 to {MAX_SELECTOR_LENGTH} characters.", code="invalid-profile", field=field
        )
    return Selector(text, _Parser(text, field).selector())


class _Parser:
    """One reading of a selector, from the left."""

    def __init__(self, text: str, field: str) -> None:
        self._text = text
        self._field = field
        self._at = 0

    def selector(self) -> tuple[tuple[Compound, ...], ...]:
        chains = [self._complex()]
        while self._at < len(self._text):
            # A complex ends only where nothing else of it can follow: at a comma, spaces before it skipped.
            self._expect(",", "a combinator, a comma or the end")
            self._spaces()
            chains.append(self._complex())
        return tuple(chains)

    def _complex(self) -> tuple[Compound, ...]:
        compounds = [self._compound(child=False)]
        while True:
            spaces = self._spaces()
            child = self._take(">")
            if child:
                self._spaces()
            elif not spaces or self._peek() == ",":
                return tuple(compounds)
            compounds.append(self._compound(child=child))

    def _compound(self, *, child: bool) -> Compound:
        start = self._at
        name: str | None = None
        if not self._take("*") and (found := self._match(_NAME)):
            name = ascii_lower(found)
        attributes: list[AttributeTest] = []
        positions: list[PositionTest] = []
        while (sign := self._peek()) and sign in "#.[:":
            self._at += 1
            if sign == "#":
                attributes.append(AttributeTest("id", "=", self._require(_IDENT, "an id")))
            elif sign == ".":
                attributes.append(AttributeTest("class", "~=", self._require(_IDENT, "a class")))
            elif sign == "[":
                attributes.append(self._attribute())
            else:
                positions.append(self._position())
        if self._at == start:
            raise self._fail("the name of an element, *, #, ., [ or :")
        return Compound(name, tuple(attributes), tuple(positions), child)

    def _attribute(self) -> AttributeTest:
        name = ascii_lower(self._require(_NAME, "the name of an attribute"))
        if self._take("]"):
            return AttributeTest(name)
        operator: Operator
        for operator in ("~=", "^=", "$=", "*="):
            if self._take(operator[0]):
                self._expect("=", "=")
                break
        else:
            operator = "="
            self._expect("=", "], =, ~=, ^=, $= or *=")
        self._expect('"', 'a value in "')
        value = self._match(_VALUE)
        self._expect('"', 'the " behind the value')
        self._expect("]", "]")
        return AttributeTest(name, operator, value)

    def _position(self) -> PositionTest:
        for keyword in _NTH:
            if self._text.startswith(keyword, self._at):
                self._at += len(keyword)
                break
        else:
            self._at += max(_common_length(self._text[self._at :], keyword) for keyword in _NTH)
            raise self._fail("nth-child( or nth-of-type(")
        index = int(self._require(_DIGITS, "a number from 1 to 9999"))
        self._expect(")", ")")
        return PositionTest(index, of_type=keyword == "nth-of-type(")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> bool:
        found = self._peek() == char
        self._at += found
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()

    def _spaces(self) -> bool:
        return bool(self._match(_SPACES))

    def _require(self, pattern: re.Pattern[str], what: str) -> str:
        found = self._match(pattern)
        if not found:
            raise self._fail(what)
        return found

    def _expect(self, char: str, what: str) -> None:
        if not self._take(char):
            raise self._fail(what)

    def _fail(self, expected: str) -> InvalidProfile:
        place = f"at position {self._at}" if self._at < len(self._text) else "at its end"
        return InvalidProfile(
            f"{self._field} is not a selector: {place} there must be {expected}.",
            code="invalid-profile",
            field=self._field,
            position=self._at,
        )


def _common_length(text: str, keyword: str) -> int:
    length = 0
    while length < min(len(text), len(keyword)) and text[length] == keyword[length]:
        length += 1
    return length


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Return ``text`` with A to Z in lower case, and nothing else changed (the Kelvin sign, for one, is no k here)."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
