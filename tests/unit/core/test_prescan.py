"""The prescan against the HTML standard's own steps, written out byte by byte, over generated heads of pages."""

from __future__ import annotations

import random
from collections import Counter

import webencodings

from notary.core.prescan import declarations, prescan

SPACE = b"\t\n\f\r "
PIECES = [
    *(
        "<",
        ">",
        "<meta",
        "<meta ",
        "<META\t",
        "<meta/",
        "</meta ",
        "<metadata ",
        "<!--",
        "-->",
        "--",
        "-",
        "!",
        "/",
        "?",
    ),
    *(
        "<?",
        "</",
        "<!",
        "<a ",
        "<script>",
        "<title ",
        "charset",
        "charset=",
        "CharSet = ",
        "content",
        "content=",
        "=",
        " ",
    ),
    *(
        "http-equiv",
        "http-equiv=content-type ",
        "Content-Type",
        '"',
        "'",
        "\n",
        "\f",
        "\0",
        "\x0b",
        ";",
        "a",
        "b=c",
        "\xd6",
    ),
    *(
        "gbk",
        "GB2312",
        "utf-8",
        "utf-16",
        "big5",
        "x-user-defined",
        "foo",
        "charset=gbk",
        'charset="big5"',
        " charset=koi8 ",
    ),
    *('content="text/html; charset=gbk"', "<meta charset=foo>", "<meta charset=utf-16>", "encoding=", "<?xml "),
]


class ExhaustedError(Exception):
    """The bytes ran out."""


class Standard:
    """The steps of "prescan a byte stream to determine its encoding", one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> bytes:
        if self.at >= len(self.data):
            raise ExhaustedError
        return self.data[self.at : self.at + 1]

    def prescan(self) -> str | None:
        try:
            while True:
                rest = self.data[self.at : self.at + 6].lower()
                self.byte()
                if rest.startswith(b"<!--"):
                    self.comment()
                elif rest.startswith(b"<meta") and rest[5:] and rest[5:] in SPACE + b"/":
                    found = self.meta()
                    if found is not None:
                        return found
                elif rest[:1] == b"<" and (rest[1:2].isalpha() or (rest[1:2] == b"/" and rest[2:3].isalpha())):
                    while self.byte() not in SPACE + b">":
                        self.at += 1
                    while self.attribute() is not None:
                        pass
                elif rest.startswith((b"<!", b"</", b"<?")):
                    while self.byte() != b">":
                        self.at += 1
                self.at += 1
        except ExhaustedError:
            return None

    def comment(self) -> None:
        start = self.at
        self.at += 4
        # The two dashes may be those of the opening.
        while not (self.byte() == b">" and self.data[self.at - 2 : self.at] == b"--" and self.at - 2 > start):
            self.at += 1

    def meta(self) -> str | None:
        self.at += 5
        names: list[bytes] = []
        got_pragma = False
        need_pragma: bool | None = None
        charset: str | None = None  # "" is the standard's failure
        while (found := self.attribute()) is not None:
            name, value = found
            if name in names:
                continue
            names.append(name)
            if name == b"http-equiv" and value == b"content-type":
                got_pragma = True
            elif name == b"content":
                encoding = extract(value)
                if encoding and charset is None:
                    charset, need_pragma = encoding, True
            elif name == b"charset":
                charset, need_pragma = named(value), False
        if need_pragma is None or (need_pragma and not got_pragma) or not charset:
            return None
        return {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}.get(charset, charset)

    def attribute(self) -> tuple[bytes, bytes] | None:
        while self.byte() in SPACE + b"/":
            self.at += 1
        if self.byte() == b">":
            return None
        name = value = b""
        while not (self.byte() == b"=" and name):
            if self.byte() in SPACE:
                while self.byte() in SPACE:
                    self.at += 1
                if self.byte() != b"=":
                    return name, b""
                break
            if self.byte() in b"/>":
                return name, b""
            name += self.byte().lower()
            self.at += 1
        self.at += 1
        while self.byte() in SPACE:
            self.at += 1
        if self.byte() in b"\"'":
            quote = self.byte()
            self.at += 1
            while self.byte() != quote:
                value += self.byte().lower()
                self.at += 1
            self.at += 1
            return name, value
        while self.byte() not in SPACE + b">":
            value += self.byte().lower()
            self.at += 1
        return name, value


def named(label: bytes) -> str:
    encoding = webencodings.lookup(label.decode("latin-1"))
    return "" if encoding is None else str(encoding.name)


def extract(value: bytes) -> str:
    position = 0
    while True:
        found = value.find(b"charset", position)
        if found < 0:
            return ""
        rest = value[found + 7 :].lstrip(SPACE)
        if rest.startswith(b"="):
            break
        position = len(value) - len(rest)
    rest = rest[1:].lstrip(SPACE)
    if rest[:1] in (b'"', b"'"):
        return named(rest[1:].split(rest[:1])[0]) if rest[:1] in rest[1:] else ""
    for end, byte in enumerate(rest):
        if byte in SPACE + b";":
            return named(rest[:end])
    return named(rest)


def heads(count: int) -> list[bytes]:
    chance = random.Random(20)
    made = []
    for _ in range(count):
        head = "".join(chance.choices(PIECES, k=chance.choice((3, 6, 10, 16, 30))))
        if chance.random() < 0.5:
            head = f"<meta {head}>"
        # The declaration of XML has vectors of its own.
        made.append(
            head.replace("<?xml", "<?", 1).encode("latin-1") if head.startswith("<?xml") else head.encode("latin-1")
        )
    return made


def test_it_takes_the_steps_of_the_standard() -> None:
    answers: Counter[str | None] = Counter()
    for head in heads(20_000):
        wanted = Standard(head).prescan()
        assert prescan(head) == wanted, head
        answers[wanted] += 1
    # The cases must be worth something.
    assert all(answers[name] > 50 for name in (None, "gbk", "big5", "koi8-r", "utf-8")), answers


def test_whatever_it_finds_is_among_the_declarations() -> None:
    for head in heads(5_000):
        found = prescan(head)
        assert found is None or found in set(declarations(head)), head
