"""Canonical text: of plain text, and of pages against a bare parse and against trafilatura."""

from __future__ import annotations

import hashlib
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from notary.core.html.page import canonical_page
from notary.core.profile import parse_profile
from notary.core.text import canonical_plain
from scripts._bench import words
from scripts._bench.harness import Aim, Row, Setting, compare, duration
from scripts._bench.peers import asked
from scripts._bench.sides import Side

PROFILE = {"spec": "notary-profile/1", "title": "article h1", "body": "article div.content"}


def run(setting: Setting) -> list[Row]:
    """Measure texts and pages of two sizes."""
    rows = [_plain(setting, 4_000), _plain(setting, 61_000)]
    rows.append(_page(setting, 4_000, aim=Aim("≤", 1.5 * 0.26)))
    rows.append(_page(setting, 61_000, aim=Aim("≤", 1.5 * 3.6)))
    return rows


def _plain(setting: Setting, size: int) -> Row:
    data = words.article(size).encode()

    def bare() -> None:
        hashlib.sha256(unicodedata.normalize("NFC", data.decode()).encode()).digest()

    return compare(
        f"canon.plain.{size // 1000}k",
        f"canonical text of {size // 1000} kB of plain text",
        "ms",
        duration(lambda: canonical_plain(data), repeat=_repeat(setting, size)),
        floor=Side("decode, NFC, encode, SHA-256", duration(bare, repeat=_repeat(setting, size))),
        runs=setting.runs,
    )


def _page(setting: Setting, size: int, *, aim: Aim) -> Row:
    data, profile = words.page(size), parse_profile(dict(PROFILE))
    file = setting.scratch / f"{size}.html"
    file.write_bytes(data)
    text, repeat = data.decode(), _repeat(setting, size)
    count = max(1, repeat // 10)
    program = setting.peers.python("peer_trafilatura", file)
    peer = asked(program, "trafilatura", str(count), lambda seconds: seconds / count * 1000)
    return compare(
        f"canon.page.{size // 1000}k",
        f"canonical text of a page of {size // 1000} kB",
        "ms",
        duration(lambda: canonical_page(data, profile), repeat=repeat),
        floor=Side("selectolax: the parse alone", duration(lambda: LexborHTMLParser(text), repeat=repeat)),
        peer=peer,
        runs=setting.runs,
        aim=aim,
    )


def _repeat(setting: Setting, size: int) -> int:
    return setting.size(2_000_000, 8_000) // size or 1
