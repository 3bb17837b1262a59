"""Changes that a reader may not see: what looks alike or shows nothing is named by its code point."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from notary.core.codepoints import name_of
from notary.core.tokens import INVISIBLE, shown

_INVISIBLE = re.compile(f"[{INVISIBLE}]")

# Each group looks about the same in some common font. Not complete: letters of another script are seen without it.
_ALIKE = (
    *("aаα", "cсϲ", "dԁ", "eе", "hһ", "iіι", "jј", "oоοσ", "pрρ", "qԛ", "sѕ", "uυ", "vѵν", "wԝ", "xхχ", "yуγ"),
    *("AАΑ", "BВΒ", "CСϹ", "EЕΕ", "GԌ", "HНΗ", "JЈ", "KКΚ", "MМΜ", "NΝ", "PРΡ", "QԚ", "SЅ", "TТΤ", "WԜ", "XХΧ"),
    *("YУΥ", "ZΖ", "0OОΟ〇", "1lIІΙ|"),
    *("'`´‘’‚‛′ʼ＇", '"“”„‟″＂', ".。．｡", "·・•‧･", "~〜∼～", ":：︰∶", ",，､、"),
    *("口ロ", "二ニ", "力カ", "工エ", "八ハ", "夕タ", "卜ト", "へヘ", "己已巳", "戊戌戍", "日曰", "末未", "士土"),
    "-‐‑‒–—―−一ー－",
)
# How many characters of one change are named.
_MOST = 4


def notes(deleted: str, inserted: str) -> list[str]:
    """Return a sentence for each thing in a change that a reader may not see; none where the change shows by itself.

    The sentences quote the characters themselves: they must be made safe for where they are shown.
    """
    old, new = shown(deleted), shown(inserted)
    if old == new:
        return [f"{old} is {_nature(deleted)} in the first, {_nature(inserted)} in the second"]
    found = _hidden(old, new) or _look_alike(old, new)
    if len(found) > _MOST:
        found[_MOST:] = [f"and {len(found) - _MOST} more like these"]
    return found


def _nature(text: str) -> str:
    return "markup" if text == shown(text) else "text"


def _hidden(old: str, new: str) -> list[str]:
    """Name invisible characters where nothing else was changed."""
    if _INVISIBLE.sub("", old) != _INVISIBLE.sub("", new):
        return []
    return [
        *(f"deleted: {_named(char)}" for char in _INVISIBLE.findall(old)),
        *(f"inserted: {_named(char)}" for char in _INVISIBLE.findall(new)),
    ]


def _look_alike(old: str, new: str) -> list[str]:
    """Name characters that took the place of others that look like them."""
    if len(old) == len(new):
        changed = [(one, two) for one, two in zip(old, new, strict=True) if one != two]
        alike = all(_fold(one) == _fold(two) for one, two in changed)
        foreign = len(changed) < len(old) and all(_other_script(one, two) for one, two in changed)
        return [f"{_named(one)} is now {_named(two)}" for one, two in dict.fromkeys(changed) if alike or foreign]
    if not old or not new or "".join(map(_fold, old)) != "".join(map(_fold, new)):
        return []
    return [
        *(f"deleted: {_named(char)}" for char in dict.fromkeys(old) if char not in new),
        *(f"inserted: {_named(char)}" for char in dict.fromkeys(new) if char not in old),
    ]


def _named(char: str) -> str:
    label, name = f"U+{ord(char):04X}", name_of(char)
    return f"{char} ({label})" if name == label else f"{char} ({label} {name})"


def _fold(char: str) -> str:
    return "".join(_groups().get(part, part) for part in unicodedata.normalize("NFKC", char))


@cache
def _groups() -> dict[str, str]:
    return {char: group[0] for group in _ALIKE for char in group}


def _other_script(one: str, two: str) -> bool:
    """Say whether both are letters, of different scripts: then they were hardly exchanged to be read as others."""
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in one + two if char.isalpha()}
    return len(scripts) == 2 or _fold(one) == _fold(two)
