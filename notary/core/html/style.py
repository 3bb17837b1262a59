"""What the `style` attribute of an element says that the walk must know. docs/spec/html.md, "Hidden"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notary.core.html.characters import BITS
from notary.core.selectors import ascii_lower

_SPACE = "\t\n\f\r "
_IMPORTANT = re.compile(rf"[{_SPACE}]*![{_SPACE}]*important\Z")
_DIGITS = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_NUMBER = re.compile(rf"({_DIGITS})(.*)\Z", re.DOTALL)
_NUMBERS = re.compile(rf"(?:^|(?<=[(,{_SPACE}])){_DIGITS}")
_FILTER = re.compile(rf"opacity\([{_SPACE}]*({_DIGITS})(%|(?=[){_SPACE}]|\Z))")
_MOVES = re.compile(r"translate(?:x|y|3d)?\(([^)]*)")
_ZERO_FONT = re.compile(rf"(?:^|(?<=[{_SPACE}]))[+-]?(?:0+(?:\.0+)?|\.0+)(?=[a-z%/{_SPACE}])")
_ZERO_SCALE = re.compile(rf"(?:^|(?<=[(,{_SPACE}]))[+-]?(?:0+(?:\.0+)?|\.0+)(?![0-9.])")
# How far something is put before or behind its place so that nobody sees it.
_BEFORE, _BEHIND = -100, 1000
_COLOR = re.compile(r"(?:rgb|hsl)a?\(([^)]*)", re.DOTALL)
_NO_COLOR = re.compile(r"transparent|#[0-9a-f]{3}0|#[0-9a-f]{6}00")
_PARTS = re.compile(rf"[^{_SPACE},/]+")
# What only a browser can work out.
_UNKNOWN = re.compile(r"(?:var|calc|env|min|max|clamp|attr)\(")
_FAINT = {"": 0.1, "%": 10.0}
_SMALL_FONT = {"px": 2.0, "pt": 2.0, "em": 0.2, "rem": 0.2, "%": 20.0}


@dataclass(frozen=True, slots=True)
class Style:
    """What matters about a `style`: is the element hidden, does it set the direction, which tags does it give."""

    hidden: bool = False
    direction: bool = False
    tags: int = 0


PLAIN = Style()


def read_style(text: str) -> Style:
    """Return what the value of a `style` attribute says; all declarations count."""
    hidden = direction = False
    tags = 0
    for name, value in _declarations(text):
        if name in {"direction", "unicode-bidi"}:
            direction = True
        elif name in {"text-decoration", "text-decoration-line"}:
            tags |= BITS["s"] if "line-through" in value else 0
        elif name == "vertical-align":
            tags |= BITS["sup"] if value == "super" else BITS["sub"] if value == "sub" else 0
        else:
            hidden = hidden or _hides(name, value)
    return Style(hidden, direction, tags)


def _declarations(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in ascii_lower(text).split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found.append((name.strip(_SPACE), _IMPORTANT.sub("", value.strip(_SPACE))))
    return found


def _hides(name: str, value: str) -> bool:  # noqa: C901  (one line of the table after the other)
    match name:
        case "display":
            return value == "none" or _is_unknown(value)
        case "visibility":
            return value in {"hidden", "collapse"} or _is_unknown(value)
        case "content-visibility":
            return value == "hidden" or _is_unknown(value)
        case "opacity":
            return _is_faint(value) or _is_unknown(value)
        case "filter" | "-webkit-filter":
            return any(float(found[1]) < _FAINT[found[2]] for found in _FILTER.finditer(value)) or _is_unknown(value)
        case "font-size":
            number, unit = _number(value)
            return number is not None and (number == 0 or number < _SMALL_FONT.get(unit, float("-inf")))
        case "font":
            return _ZERO_FONT.search(value) is not None
        case "color" | "-webkit-text-fill-color":
            return _is_see_through(value)
        case "content":
            return value not in {"normal", "none"}
        case "width" | "height" | "max-width" | "max-height" | "zoom" | "line-height":
            return _number(value)[0] == 0
        case "inline-size" | "block-size" | "max-inline-size" | "max-block-size":
            return _number(value)[0] == 0
        case "text-indent" | "left" | "top" | "right" | "bottom" | "margin-left" | "margin-top":
            number, _ = _number(value)
            return number is not None and number <= _BEFORE
        case "margin" | "inset":
            return any(number <= _BEFORE for number in _numbers(value))
        case "translate":
            return _moves_away(value)
        case "scale":
            return _ZERO_SCALE.search(value) is not None
        case "transform":
            if value.startswith("scale") and _ZERO_SCALE.search(value) is not None:
                return True
            return any(_moves_away(found[1]) for found in _MOVES.finditer(value))
        case "clip" | "clip-path":
            return value not in {"auto", "none"}
        case "-webkit-text-security":
            return value != "none"
    return False


def _number(value: str) -> tuple[float | None, str]:
    """Return the number at the start of ``value`` and what stands behind it."""
    found = _NUMBER.match(value)
    return (float(found[1]), found[2]) if found is not None else (None, "")


def _numbers(value: str) -> list[float]:
    """Return the numbers at the start of ``value`` and behind a parenthesis, a comma or white space."""
    return [float(found) for found in _NUMBERS.findall(value)]


def _moves_away(value: str) -> bool:
    return any(number <= _BEFORE or number >= _BEHIND for number in _numbers(value))


def _is_faint(value: str) -> bool:
    number, unit = _number(value)
    return number is not None and unit in _FAINT and number < _FAINT[unit]


def _is_see_through(value: str) -> bool:
    if _NO_COLOR.fullmatch(value):
        return True
    function = _COLOR.match(value)
    parts = [] if function is None else _PARTS.findall(function[1])
    return len(parts) >= 4 and _is_faint(parts[3])


def _is_unknown(value: str) -> bool:
    return _UNKNOWN.search(value) is not None
