"""Readers of single values: each returns the value, or raises ``ValueError`` with the end of a sentence about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import unquote

from notary.core.checkpoint import is_origin

_URL: Final = re.compile(r"https?://[!-~]{1,500}")

# libpq's form of an address. Without a colon before an @ it holds no password, and a single @ leaves no doubt where.
_DATABASE: Final = re.compile(r"postgres(ql)?://([^\s:/?#@]*@)?[^\s/?#@]*(/[^\s?#@]*)?(\?[^\s#@]*)?")
_SECRET: Final = re.compile(r"[?&](ssl)?password=", re.IGNORECASE)

Value: TypeAlias = "bool | int | float | str | tuple[str, ...] | bytes | None"
Reader: TypeAlias = Callable[[object], Value]


def text(pattern: str, advice: str) -> Reader:
    """Read text that matches ``pattern`` as a whole."""
    compiled = re.compile(pattern)

    def read(value: object) -> Value:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(advice)
        return value

    return read


def origin(value: object) -> Value:
    """Read the name of a log."""
    if not isinstance(value, str) or not is_origin(value):
        raise ValueError("must look like notary.example/log/2026: no scheme, no spaces, at most 200 characters")
    return value


def hexadecimal(size: int) -> Reader:
    """Read ``size`` bytes, written as 0x and hex digits."""
    compiled = re.compile(rf"0x[0-9a-fA-F]{{{2 * size}}}")

    def read(value: object) -> Value:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"must be 0x and {2 * size} hex digits")
        return bytes.fromhex(value[2:])

    return read


def integer(low: int, high: int) -> Reader:
    """Read an integer within both bounds."""

    def read(value: object) -> Value:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be an integer within {low} and {high}")
        return value

    return read


def number(low: float, high: float) -> Reader:
    """Read a number within both bounds."""

    def read(value: object) -> Value:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"must be a number within {low:g} and {high:g}")
        return float(value)

    return read


def flag(value: object) -> Value:
    """Read true or false."""
    if value in ("true", "false"):
        return value == "true"
    if value in (True, False) and isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def urls(value: object) -> Value:
    """Read a list of URLs, or one string with commas between them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and _URL.fullmatch(item) for item in items):
        raise ValueError("must be a list of http:// and https:// URLs")
    return tuple(items)


def database(value: object) -> Value:
    """Read the address of a PostgreSQL database, without a password."""
    if not isinstance(value, str) or not _DATABASE.fullmatch(value) or _SECRET.search(unquote(value)):
        raise ValueError("must look like postgresql://user@host/database, with no password in it")
    return value
