"""Texts by chance: plain ones, documents that are almost canonical, and pairs of documents to compare."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from notary.core.text import canonical
from notary.errors import InvalidText

if TYPE_CHECKING:
    from tests.parity.pagecase import Vector

TOKENS = (
    *"ab1é龍", *"  \t\t\n\n\n", "\r\n", "\x0b", "\u0085", "\u2028", "\u3000", "\u00a0", "&", "<", ">", "&amp;",
    "&lt;", "&gt;", "&#38;", "<s>", "</s>", "<s>", "</s>", "<sup>", "</sup>", "<sub>", "</sub>", "<ins>", "</ins>",
    "<b>", "<s >", "</", "&am", "\u0301", "\u0338", "\u0323", "\u1112", "\u1161", "\u11ab", "\u200b", "\u00ad",
    "\u200d", "\ufe0f", "\u200e", "\u2067", "\u2069", "\u2069", "\u1820", "\u180b", "\u180e",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\U000e0067", "\U0001f3f4", "\u202e",
    "\u0378", "\ufeff", "\u0344" * 15,
)  # fmt: skip
WORDS = (
    *"aB10", "“", "”", "'", "’", "-", "–", "−", "…", "...", "〜", "~", "！", "!", "１", "ｶ", "ﾞ", "ガ", "ｱ", "ｰ", "ﾠ",
    "ﾡ", "ㄱ", "￣", "¯", "￦", "￨", "│", "\u200d", "\u200c", "\ufe0f", "👩", "\u200d🚀", "❤", "א", "\u200e",
    "\u2066", "\u2069", "龍", "、", "一", "億", "²", "½", ".", ",", "%", "＆", "&amp;", "<s>x</s>", "<s>ｶ</s>",
    "<sup>2</sup>", "<sup>‘</sup>", "<s>\u200d</s>", " ", " ", " ", "\t", "\t", "\n", "\n", "\n\t", "\t\t",
)  # fmt: skip
# What may be exchanged without changing what is said, and some that may not.
ALIKE = (
    ("“", '"'), ("”", '"'), ("'", "’"), ("-", "–"), ("–", "−"), ("...", "…"), ("!", "！"), ("1", "１"), ("ガ", "ｶﾞ"),
    ("ﾡ", "ㄱ"), ("￣", "¯"), ("&amp;", "＆"), ("\u200d", ""), ("\ufe0f", ""), ("\u200e", ""), (" ", "\t"),
    ("\t", " "), ("\t", "\n"), ("\n", " "), ("\n\n", "\n"), (" ", ""), ("龍", "龍 "), ("\t", ""),
)  # fmt: skip


def make_text(seed: int, number: int) -> Vector:
    """Return the case with this number of this seed."""
    rng = Random(f"text/{seed}/{number}")
    kind = number % 4
    if kind == 0:
        return {"kind": "plain"} | _encoded(rng, "".join(rng.choices(TOKENS, k=rng.randint(0, 12))))
    if kind == 1:
        return {"kind": "canonical"} | _encoded(rng, "".join(rng.choices(TOKENS, k=rng.randint(0, 12))))
    if kind == 2:
        # A document that once was canonical, with one change.
        document = _document(rng, TOKENS)
        at = rng.randint(0, len(document))
        document = document[:at] + rng.choice((*TOKENS, "")) + document[at + rng.choice((0, 0, 1, 3)) :]
        return {"kind": "canonical"} | _encoded(rng, document)
    recorded = _document(rng, WORDS)
    return {"recorded": recorded, "copy": _changed(rng, recorded)}


def _encoded(rng: Random, text: str) -> Vector:
    data = text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16")))
    if rng.random() < 0.1:
        at = rng.randint(0, len(data))
        data = data[:at] + bytes(rng.choices((0xFF, 0xC0, 0xE4, 0xB8, 0xED, 0xA0, 0xF4, 0x84, 0x00), k=2)) + data[at:]
    return {"input_hex": data.hex()}


def _document(rng: Random, tokens: tuple[str, ...]) -> str:
    """Return a canonical document of these tokens."""
    while True:
        title = [] if rng.random() < 0.2 else ["T\n\n"]
        document = "".join(title + rng.choices(tokens, k=rng.randint(1, 10)))
        try:
            return canonical(document.encode(), "canonical").data.decode()
        except InvalidText:
            continue


def _changed(rng: Random, recorded: str) -> str:
    """Return another canonical document, most often one that differs a little."""
    for _ in range(20):
        copy = recorded
        for _ in range(rng.randint(0, 2)):
            one, other = rng.choice(ALIKE)
            copy = copy.replace(one, other, 1)
        for _ in range(rng.choice((0, 0, 1, 2))):
            at = rng.randint(0, len(copy))
            copy = copy[:at] + rng.choice((*WORDS, "", "")) + copy[at + rng.choice((0, 1, 1)) :]
        try:
            return canonical(copy.encode(), "canonical").data.decode()
        except InvalidText:
            continue
    return recorded
