"""What the `style` attribute of an element says that the walk must know. docs/spec/html.md, "Hidden"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notary.core.html.characters import BITS
from notary.core.selectors import ascii_lower

_SPACE = "\t\n\f\r "
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORTANT = re.compile(rf"[{_SPACE}]*!important\Z")
_DIGITS = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_NUMBER = re.compile(rf"({_DIGITS})(.*)\Z", re.DOTALL)
_NUMBERS = re.compile(rf"(?:^|(?<=[(,{_SPACE}])){_DIGITS}")
_FILTER = re.compile(rf"opacity\([{_SPACE}]*({_DIGITS})(%|(?=[){_SPACE}]|\Z))")
_MOVES = re.compile(r"translate(?:x|y|3d)?\(([^)]*)")
_ZERO_FONT = re.compile(rf"(?:^|(?<=[{_SPACE}]))[+-]?(?:0+(?:\.0+)?|\.0+)(?=[a-z%/{_SPACE}])")
_ZERO_SCALE = re.compile(rf"(?:^|(?<=[(,{_SPACE}]))[+-]?(?:0+(?:\.0+)?|\.0+)(?![0-9.])")
# How far something is put before or behind its place so that nobody sees it.
_BEFORE, _BEHIND = -100, 1000
_SEE_THROUGH = re.compile(
    r"(?:rgba|hsla)\(.*,(?:0|0\.0|0%)\)|(?:rgb|hsl)a?\(.*/(?:0|0\.0)\)|#[0-9a-f]{3}0|#[0-9a-f]{6}00", re.DOTALL
)
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
    for part in ascii_lower(_COMMENT.sub("", text)).split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found.append((name.strip(_SPACE), _IMPORTANT.sub("", value.strip(_SPACE))))
    return found


def _hides(name: str, value: str) -> bool:  # noqa: C901  (one line of the table after the other)
    match name:
        case "display":
            return value == "none"
        case "visibility":
            return value in {"hidden", "collapse"}
        case "content-visibility":
            return value == "hidden"
        case "opacity":
            number, unit = _number(value)
            return number is not None and unit in _FAINT and number < _FAINT[unit]
        case "filter" | "-webkit-filter":
            return any(float(found[1]) < _FAINT[found[2]] for found in _FILTER.finditer(value))
        case "font-size":
            number, unit = _number(value)
            return number is not None and (number == 0 or number < _SMALL_FONT.get(unit, float("-inf")))
        case "font":
            return _ZERO_FONT.search(value) is not None
        case "color" | "-webkit-text-fill-color":
            return value == "transparent" or _SEE_THROUGH.fullmatch(_without_space(value)) is not None
        case "width" | "height" | "max-width" | "max-height" | "line-height":
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


def _without_space(value: str) -> str:
    return "".join(char for char in value if char not in _SPACE)
