"""Readers of single values: each returns the value, or raises ``ValueError`` with the end of a sentence about it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import unquote

from notary.core.checkpoint import is_origin

_URL: Final = re.compile(r"https?://[!-~]{1,500}")
_LISTENER: Final = re.compile(r"(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9A-Za-z._-]{1,255})):([0-9]{1,5})")

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


def listener(value: object) -> Value:
    """Read ``off``, or where to listen: ``127.0.0.1:9464``, ``[::1]:9464``."""
    match = _LISTENER.fullmatch(value) if isinstance(value, str) else None
    if value != "off" and (match is None or not 0 < int(match[3]) <= 65535):
        raise ValueError("must be off, or an address and a port like 127.0.0.1:9464")
    return str(value)


def split_listener(value: str) -> tuple[str, int]:
    """Return host and port of what :func:`listener` read and is not ``off``."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)


def networks(value: object) -> Value:
    """Read a list of addresses and networks (``10.0.0.0/8``), or one string with commas between them."""
    items = value.split(",") if isinstance(value, str) else value
    advice = "must be a list of addresses and networks like 127.0.0.1 and 10.0.0.0/8"
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError(advice)
    try:
        return tuple(str(ipaddress.ip_network(item.strip())) for item in items)
    except ValueError:
        raise ValueError(advice) from None
