"""Language tags in the one spelling that records hold."""

from __future__ import annotations


def recommended_case(tag: str) -> str:
    """Return a BCP 47 tag in the letter case that RFC 5646 §2.1.1 recommends: ``ZH-hans-cn`` as ``zh-Hans-CN``.

    Only the case is changed; whether it is a well-formed tag is the record's to say.
    """
    first, *others = tag.split("-")
    result = [first.lower()]
    after_singleton = len(first) == 1
    for subtag in others:
        lower = subtag.lower()
        if len(subtag) == 2 and not after_singleton:
            result.append(subtag.upper())
        elif len(subtag) == 4 and subtag.isalpha() and not after_singleton:
            result.append(lower.capitalize())
        else:
            result.append(lower)
        after_singleton = after_singleton or len(subtag) == 1
    return "-".join(result)
