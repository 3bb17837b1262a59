"""Strict JSON in, canonical JSON out (RFC 8785, the JSON Canonicalization Scheme).

Everything that Notary hashes or signs as JSON passes through here. Reading refuses what parsers disagree about:
duplicate names, floats, ``NaN``, integers beyond ±(2^53−1), lone surrogates, NUL, depth over 32, anything but UTF-8.
Writing is the RFC 8785 form of the values that remain, so that for accepted input *parse then write* has one result.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

from notary.errors import MalformedJson

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1

# An unterminated string matches to the end of the text, so that the scan stays linear on hostile input.
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)
_LITERALS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|-?[0-9][0-9.eE+-]*', re.DOTALL)
_IN_ORDER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, sort_keys=True)
_AS_IS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_SURROGATE = re.compile("[\ud800-\udfff]")


def loads(data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> Json:
    """Return the value of strict JSON text.

    Raises :class:`MalformedJson` (codes ``json-too-large``, ``json-encoding``, ``json-depth``, ``json-syntax``,
    ``json-duplicate-name`` with the name as ``field``, ``json-number``, ``json-string``); all others have a
    ``position``, in characters.
    """
    if len(data) > max_bytes:
        raise MalformedJson(f"The JSON has {len(data)} bytes; the limit is {max_bytes}.", code="json-too-large")
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise MalformedJson("JSON must be UTF-8.", code="json-encoding", position=error.start) from None
    if text.startswith("\ufeff"):
        raise MalformedJson("JSON must not start with a byte order mark.", code="json-encoding", position=0)
    _check_depth(data, max_depth)
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_int=_integer,
            parse_constant=_refuse_number,
        )
        _check_strings(value)
    except json.JSONDecodeError as error:
        raise MalformedJson(f"Not JSON: {error.msg}.", code="json-syntax", position=error.pos) from None
    except MalformedJson as error:
        # The parser's hooks are not told where they are.
        raise MalformedJson(
            error.message, code=error.code, field=error.field, position=_place(error.code, text)
        ) from None
    return value


def _place(code: str, text: str) -> int | None:
    """Return where the first number or string stands that has the fault ``code``, or None."""
    check = {"json-number": _integer, "json-string": _string_literal}.get(code)
    if check is not None:
        for literal in _LITERALS.finditer(text):
            if literal.group().startswith('"') == (code == "json-string"):
                try:
                    check(literal.group())
                except (MalformedJson, ValueError):
                    return literal.start()
    return None


def _string_literal(literal: str) -> None:
    value: str = json.loads(literal)
    _check_string(value)


def loads_exact(data: bytes, *, max_bytes: int) -> Json:
    """Return the value of JSON that is byte for byte in canonical form; one final LF is tolerated.

    Raises :class:`MalformedJson`, with ``json-not-canonical`` and the first differing byte where the form is wrong.
    """
    value = loads(data, max_bytes=max_bytes)
    body = data[:-1] if data.endswith(b"\n") else data
    canonical = dumps(value)
    if canonical != body:
        at = next((i for i, (a, b) in enumerate(zip(body, canonical, strict=False)) if a != b), len(canonical))
        raise MalformedJson(
            "The JSON is not in canonical form (RFC 8785).", code="json-not-canonical", position=min(at, len(body))
        )
    return value


def dumps(value: Json) -> bytes:
    """Return the RFC 8785 bytes of ``value``: strings, integers, booleans, null, lists and string-keyed dicts only.

    Raises :class:`MalformedJson` for any other type (``json-type``), integers beyond ±(2^53−1) (``json-number``), lone
    surrogates and NUL (``json-string``), nesting that :func:`loads` would refuse (``json-depth``).
    """
    # What remains after the check Python's own encoder writes as RFC 8785 does: its escapes are those of §3.2.2.2, and
    # its order of names that of §3.2.3 as long as they are ASCII.
    return (_IN_ORDER.encode(value) if _check(value, MAX_DEPTH) else _AS_IS.encode(_ordered(value))).encode("utf-8")


def printable(name: str) -> str:
    """Return a name from somebody's JSON fit for a message: at most 100 characters, all but printable ASCII escaped."""
    return name[:100].encode("unicode_escape").decode("ascii")


def _check(value: Json, depth: int) -> bool:
    """Refuse what has no place in canonical JSON; say whether all names in ``value`` are ASCII."""
    if isinstance(value, str):
        _check_string(value)
    elif isinstance(value, dict):
        _require_depth(depth)
        ascii_names = True
        for name, item in value.items():
            if not isinstance(name, str):
                raise MalformedJson("Names in canonical JSON are strings.", code="json-type")
            _check_string(name)
            ascii_names = _check(item, depth - 1) and ascii_names and name.isascii()
        return ascii_names
    elif isinstance(value, list):
        _require_depth(depth)
        ascii_names = True
        for item in value:
            ascii_names = _check(item, depth - 1) and ascii_names
        return ascii_names
    elif isinstance(value, int):  # booleans are
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise MalformedJson("An integer is beyond ±(2^53−1).", code="json-number")
    elif value is not None:
        raise MalformedJson(f"{type(value).__name__} has no place in canonical JSON.", code="json-type")
    return True


def _ordered(value: Json) -> Json:
    """Return ``value`` with all names sorted by their UTF-16 code units, which is not the order of code points."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _require_depth(depth: int) -> None:
    if depth == 0:
        raise MalformedJson(f"A value is nested deeper than {MAX_DEPTH} levels.", code="json-depth")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _check_string(value: str) -> None:
    if "\0" in value:
        raise MalformedJson("A string contains NUL.", code="json-string")
    if not value.isascii() and _SURROGATE.search(value):
        raise MalformedJson("A string contains half of a surrogate pair.", code="json-string")


def _check_strings(value: Json) -> None:
    stack: list[Json] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            _check_string(item)
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            for name in item:
                _check_string(name)
            stack.extend(item.values())


def _check_depth(data: bytes, limit: int) -> None:
    """Bound nesting before the recursive parser sees the text; an unbalanced text is left to the parser."""
    depth = 0
    for token in _TOKENS.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            depth += 1
            if depth > limit:
                raise MalformedJson(
                    f"JSON nested deeper than {limit} levels.", code="json-depth", position=token.start()
                )
        elif first in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for name, value in pairs:
        if name in result:
            raise MalformedJson("A name occurs twice in one object.", code="json-duplicate-name", field=printable(name))
        result[name] = value
    return result


def _integer(text: str) -> int:
    # The length is bounded first: CPython refuses to convert very long digit strings, with an error of its own.
    if text == "-0" or len(text) > 17 or not -MAX_INTEGER <= int(text) <= MAX_INTEGER:
        raise MalformedJson("A number is not an integer within ±(2^53−1).", code="json-number")
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise MalformedJson("Only integers are allowed as numbers.", code="json-number")
