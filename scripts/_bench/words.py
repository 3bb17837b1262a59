"""Made-up articles, always the same: plain texts of so many words, pages of so many bytes."""

from __future__ import annotations

_SENTENCE = (
    "the council will not close Old Mill Bridge before 14 March because repairs of pillar 3 take longer than planned "
    "and buses 17 and 44 keep their route while heavy vehicles over 7.5 tonnes must use Harbour Road from Monday on "
    "residents may park at school yards after 18:00 free of charge until further notice says a spokesperson of works"
)
_WORDS = _SENTENCE.split()


def words(count: int, *, seed: int = 1) -> list[str]:
    """Return so many words in an order that does not repeat soon."""
    state, result = seed, []
    for _ in range(count):
        # A linear congruential generator: the same text on every machine.
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        result.append(_WORDS[(state >> 33) % len(_WORDS)])
    return result


def paragraphs(count: int, *, seed: int = 1, length: int = 60) -> list[str]:
    """Return so many words as paragraphs of sentences."""
    all_words = words(count, seed=seed)
    chunks = [all_words[start : start + length] for start in range(0, count, length)]
    return [" ".join(chunk).capitalize() + "." for chunk in chunks]


def article(size: int, *, seed: int = 1) -> str:
    """Return a plain text of about ``size`` bytes, a title on its first line."""
    text = "Repairs of Old Mill Bridge\n\n" + "\n\n".join(paragraphs(size // 5, seed=seed))
    return text[:size]


def edited(lines: list[str], *, every: int) -> list[str]:
    """Return the lines with one word changed, dropped or added in every so-manyth of them."""
    result = list(lines)
    for place in range(0, len(lines), every):
        parts = result[place].split()
        middle = len(parts) // 2
        if place % 3 == 0:
            parts[middle] = "altered"
        elif place % 3 == 1:
            del parts[middle]
        else:
            parts.insert(middle, "new")
        result[place] = " ".join(parts)
    return result


def page(size: int) -> bytes:
    """Return an article's page of about ``size`` bytes: navigation, article with a table and a list, footer."""
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Repairs of Old Mill Bridge</title>'
        "<style>.a{color:#123}</style><script>var a = 1;</script></head><body>"
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>'
        '<main><article><h1>Repairs of Old Mill Bridge</h1><div class="content">'
    )
    table = (
        "<table><tr><th>Route</th><th>From</th></tr><tr><td>17</td><td>6:10</td></tr></table>"
        "<ol><li>Use Harbour Road.</li><li>Park at the <b>school</b>.</li></ol>"
    )
    foot = "</div></article></main><footer><p>print】 【close</p></footer></body></html>"
    body, seed = "", 1
    while len(head + body + table + foot) < size:
        [text] = paragraphs(45, seed=seed)
        body += f'<p class="a">{text[:80]}<b>{text[80:95]}</b>{text[95:150]}<a href="/x/{seed}">{text[150:]}</a></p>\n'
        seed += 1
    return (head + body + table + foot).encode()
