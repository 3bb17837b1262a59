"""What the altering variants are made of: ways to change a page, and the words for what must come of it.

``changed``, ``typography-only``: the digest differs, and so; ``match``: it does not; ``refused: CODE``. Behind it
stands what of the copy is listed and caps the verdict: ``hidden``, ``ignored``, ``skipped``, ``embedded`` (asides),
``images``, ``links``. So ``match, links`` is what a reader is shown as *match-with-unchecked*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.variants.pages import Page, sub_once
from tests.variants.words import WORDS, Words

Change = Callable[[Page], Page]


@dataclass(frozen=True, slots=True)
class Alteration:
    """How a page is altered and what must come of it; ``before`` is what is done first, to the recorded page too."""

    change: Change
    expected: str
    before: Change = lambda page: page


def pair(pick: Callable[[Words], tuple[str, str]]) -> Change:
    """Say something else in one place."""
    return lambda page: page.swap(*pick(WORDS[page.language]))


def around(pick: Callable[[Words], str], before: str, after: str) -> Change:
    """Put something around words of the announcement."""
    return lambda page: page.swap(pick(WORDS[page.language]), f"{before}{pick(WORDS[page.language])}{after}")


def wrapped(before: str, after: str) -> Change:
    """Put something around a sentence."""
    return around(lambda words: words.sentence, before, after)


def added(write: str) -> Change:
    """Add something behind a sentence; ``EXTRA`` in it stands for a sentence that was not there."""
    return lambda page: page.swap(
        WORDS[page.language].sentence,
        WORDS[page.language].sentence + write.replace("EXTRA", WORDS[page.language].extra),
    )


def replaced(write: str) -> Change:
    """Replace a sentence; ``IT`` in what is written stands for it."""
    return lambda page: page.swap(WORDS[page.language].sentence, write.replace("IT", WORDS[page.language].sentence))


def exchanged(pick: Callable[[Words], tuple[str, str]]) -> Change:
    """Let two places change theirs."""

    def change(page: Page) -> Page:
        one, other = pick(WORDS[page.language])
        return page.swap(one, "\0").swap(other, one).swap("\0", other)

    return change


def tag(pattern: str, new: str) -> Change:
    """Change the first tag of the announcement that matches."""
    return lambda page: page.edit_article(lambda article: sub_once(pattern, new, article))


def inserted(character: str) -> Change:
    """Put a character into a word."""
    return lambda page: page.swap(
        WORDS[page.language].word[0], WORDS[page.language].word[0][:-2] + character + WORDS[page.language].word[0][-2:]
    )
