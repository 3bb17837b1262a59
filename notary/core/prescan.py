"""What a page says about its encoding: the HTML standard's prescan of the first 1024 bytes. docs/spec/encoding.md.

The names returned are those of the Encoding standard in lower case. A declaration with a label that the standard does
not know is none, as in browsers; one that names an encoding we do not decode is a declaration all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import webencodings

if TYPE_CHECKING:
    from collections.abc import Iterator

PRESCAN_BYTES = 1024
# How often the bytes of a page are read again because a tag that does not end was begun before them.
MAX_READINGS = 4

_CONSTRUCT = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<meta>meta)(?=[\t\n\f\r /])|(?P<tag>/?[a-z])|[!/?])",
    re.IGNORECASE,
)
_TAG_NAME_END = re.compile(rb"[\t\n\f\r >]")
# The standard's "get an attribute". What does not match runs out of bytes, which ends the prescan.
_ATTRIBUTE = re.compile(
    rb"""
    [\t\n\f\r\ /]*+
    (?:
        (?P<end> > )
      |
        (?P<name> [^\t\n\f\r\ />] [^\t\n\f\r\ />=]*+ )
        (?:
            [\t\n\f\r\ ]*+ = [\t\n\f\r\ ]*+
            (?:
                "(?P<double> [^"]*+ )"
              | '(?P<single> [^']*+ )'
              | (?P<bare> [^\t\n\f\r\ >"'] [^\t\n\f\r\ >]*+ ) (?= [\t\n\f\r\ >] )
              | (?= > )
            )
          |
            (?= [/>] | [\t\n\f\r\ ]++ [^\t\n\f\r\ =] )
        )
    )
    """,
    re.VERBOSE,
)
_CHARSET_IN_CONTENT = re.compile(rb"charset[\t\n\f\r ]*+=[\t\n\f\r ]*+")
_CHARSET_VALUE = re.compile(rb"\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r ;\"'][^\t\n\f\r ;]*)")
_META = re.compile(rb"<meta(?=[\t\n\f\r /])", re.IGNORECASE)
_XML_VALUE = re.compile(rb"[\0- ]*=[\0- ]*(?:\"([^\"\0- ]+)\"|'([^'\0- ]+)')")


def prescan(data: bytes) -> str | None:
    """Return the encoding that the first 1024 bytes declare, as browsers find it before they parse."""
    head = data[:PRESCAN_BYTES]
    if head.startswith(b"<\0?\0x\0"):
        return "utf-16le"
    if head.startswith(b"\0<\0?\0x"):
        return "utf-16be"
    return _first_meta(head) or _xml_declaration(head)


def declarations(data: bytes) -> Iterator[str | None]:
    """Yield the encoding of every declaration anywhere in a page, be it in a comment, a script or in plain sight.

    Yields None, and ends, where broken ``meta`` tags that run into each other would take too long to read.
    """
    named = _xml_declaration(data[:PRESCAN_BYTES])
    if named is not None:
        yield named
    budget = MAX_READINGS * len(data)
    for match in _META.finditer(data):
        named, end = _meta(data, match.end())
        budget -= (len(data) if end is None else end) - match.start()
        if budget < 0:
            yield None
            return
        if named is not None:
            yield named


def _first_meta(head: bytes) -> str | None:
    position = 0
    while (match := _CONSTRUCT.search(head, position)) is not None:
        position = match.start()
        if match["comment"]:
            # The dashes that open a comment may close it.
            end = head.find(b"-->", position + 2)
            after = None if end < 0 else end + 3
        elif match["meta"]:
            named, after = _meta(head, match.end())
            if named is not None:
                return named
        elif match["tag"]:
            after = _skip_tag(head, position)
        else:
            end = head.find(b">", position)
            after = None if end < 0 else end + 1
        if after is None:
            return None
        position = after
    return None


def _skip_tag(data: bytes, position: int) -> int | None:
    match = _TAG_NAME_END.search(data, position)
    after = None if match is None else match.start()
    while after is not None:
        attribute = _ATTRIBUTE.match(data, after)
        if attribute is None:
            return None
        after = attribute.end()
        if attribute["end"]:
            return after
    return None


def _meta(data: bytes, position: int) -> tuple[str | None, int | None]:
    """Return what the ``meta`` tag declares whose attributes begin here, and where it ends (None: it does not)."""
    seen: set[bytes] = set()
    pragma = False
    needs_pragma: bool | None = None
    named: str | None = None
    decided = False
    while True:
        attribute = _ATTRIBUTE.match(data, position)
        if attribute is None:
            return None, None
        position = attribute.end()
        if attribute["end"]:
            break
        name = attribute["name"].lower()
        if name in seen:
            continue
        seen.add(name)
        value = (attribute["double"] or attribute["single"] or attribute["bare"] or b"").lower()
        if name == b"http-equiv":
            pragma = pragma or value == b"content-type"
        elif name == b"content" and not decided:
            found = _content(value)
            if found is not None:
                named, needs_pragma, decided = found, True, True
        elif name == b"charset":
            named, needs_pragma, decided = _lookup(value), False, True
    if needs_pragma is None or (needs_pragma and not pragma):
        return None, position
    return _as_declared(named), position


def _content(value: bytes) -> str | None:
    """Extract the encoding from the ``content`` of a ``meta`` element."""
    match = _CHARSET_IN_CONTENT.search(value)
    found = None if match is None else _CHARSET_VALUE.match(value, match.end())
    return None if found is None else _lookup(found[1] or found[2] or found[3] or b"")


def _xml_declaration(head: bytes) -> str | None:
    end = head.find(b">") if head.startswith(b"<?xml") else -1
    start = head.find(b"encoding", 0, max(end, 0))
    match = None if start < 0 else _XML_VALUE.match(head, start + len(b"encoding"), end)
    return None if match is None else _as_declared(_lookup(match[1] or match[2]), in_xml=True)


def _as_declared(named: str | None, *, in_xml: bool = False) -> str | None:
    # Bytes in which this declaration could be read are not UTF-16.
    if named in {"utf-16le", "utf-16be"}:
        return "utf-8"
    return "windows-1252" if named == "x-user-defined" and not in_xml else named


def _lookup(label: bytes) -> str | None:
    encoding = webencodings.lookup(label.decode("latin-1"))
    return None if encoding is None else str(encoding.name)
