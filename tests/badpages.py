"""Pages and profiles that nobody should be able to do harm with: what every command and the service must refuse.

Each page comes with the stable code of what is wrong with it, read with :data:`PROFILE`. ``MISFITS`` are pages that can
be read well, but that the profile does not fit: whoever checks a copy cannot say anything about its text.
"""

from __future__ import annotations

import json
import random
from typing import Any

PROFILE: dict[str, Any] = {"spec": "notary-profile/1", "title": "h1", "body": "#body"}
MILLION = 1_000_000
DEEP = 100_000


def page(charset: str = "utf-8", body: str = "中文正文。Text.") -> str:
    """Return a page that the profile fits."""
    return f"<!doctype html><meta charset={charset}><title>T</title><h1>Title</h1><div id=body><p>{body}</p></div>"


GOOD = page().encode()

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nested": (b"<div>" * DEEP + b"x", "page-too-complex"),
    "nested behind end tags of others": (b"<div></x>" * DEEP, "page-too-complex"),
    "nested formatting": (b"".join(b"<b id=a%d><p>" % i for i in range(DEEP)), "page-too-complex"),
    "nested in the body": (page(body="<span>" * 300 + "x").encode(), "page-too-deep"),
    "a million attributes": (b"<p" + b" a" * MILLION + b">x", "page-too-complex"),
    "a million different attributes": (
        b"<p " + b" ".join(b"a%d" % i for i in range(MILLION)) + b">x",
        "page-too-complex",
    ),
    "not the charset it names": (page().encode("gbk"), "undecodable"),
    "another charset than it names": (page("gbk").encode(), "forbidden-code-point"),
    "a charset that is not read": (page("shift_jis").encode(), "unsupported-encoding"),
    "two encodings": (GOOD + page().encode("gbk"), "undecodable"),
    "two encodings, both named": (GOOD + page("gbk").encode("gbk"), "conflicting-encodings"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(1).randbytes(1000), "undecodable"),
    "null characters": (GOOD + bytes(100_000), "forbidden-code-point"),
    "nothing in the body": (page(body="").encode(), "empty-body"),
    "too much text": (page(body="ab " * MILLION).encode(), "text-too-large"),
}

MISFITS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "selector-no-match"),
    "no body": (b"<html><head><title>x</title></head></html>", "selector-no-match"),
    "frames": (b"<frameset cols='20%,*'><frame src=a.html><frame src=b.html></frameset>", "selector-no-match"),
    "ten of them": (GOOD + b"<div id=body>x</div>" * 9, "selector-ambiguous"),
    "hidden": (GOOD.replace(b"<div", b"<div hidden"), "selected-hidden"),
    "the one in the other": (b"<h1>Title<div id=body>Text</div></h1>", "profile-overlap"),
    "deep": (b"<section>" * 300 + GOOD, "page-too-deep"),
    "two million elements": (b"<div id=body>" + b"<p>a" * (2 * MILLION - 100), "selector-no-match"),
}

TOO_LARGE = b"a" * (20 << 20)

BAD_PROFILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "json-syntax"),
    "not json": (b"body = '#body'", "json-syntax"),
    "binary": (bytes(range(256)), "json-encoding"),
    "a list": (b"[]", "invalid-profile"),
    "no body": (json.dumps({"spec": "notary-profile/1", "title": "h1"}).encode(), "invalid-profile"),
    "no version": (json.dumps({"body": "h1"}).encode(), "invalid-profile"),
    "an unknown field": (json.dumps({**PROFILE, "footer": "p"}).encode(), "invalid-profile"),
    "a field twice": (b'{"spec":"notary-profile/1","body":"p","body":"q"}', "json-duplicate-name"),
    "no selector": (json.dumps({**PROFILE, "body": ""}).encode(), "invalid-profile"),
    "no selector of ours": (json.dumps({**PROFILE, "body": "div:has(p)"}).encode(), "invalid-profile"),
    "a selector cut off": (json.dumps({**PROFILE, "body": "div["}).encode(), "invalid-profile"),
    "a selector too long": (json.dumps({**PROFILE, "body": "p" * 501}).encode(), "invalid-profile"),
    "a number": (json.dumps({**PROFILE, "body": 7}).encode(), "invalid-profile"),
    "65 to ignore": (
        json.dumps({**PROFILE, "ignore": [f".a{i}" for i in range(65)]}).encode(),
        "invalid-profile",
    ),
    "deep": (b"[" * 10_000, "json-depth"),
    "too large": (b" " * MILLION, "file-too-large"),
}
