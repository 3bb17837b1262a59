"""What the saved verifier says (`scripts/build-assets` puts it into the file, in every language)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from notary.web.explain import CHECKS, CODES, GENERIC, STATUSES
from notary.web.language import LANGUAGES, N_, translations
from notary.web.strings import ENTRY

OFFLINE = {
    "offline.title": N_("Notary verifier"),
    "offline.headline": N_("Check an article without trusting the site that shows it"),
    "offline.lead": N_(
        "This page is one file on your own machine. It loads nothing, sends nothing, and needs no server: what you "
        "give it stays here. Only if you press “Ask these endpoints” does it connect to those that you name."
    ),
    "offline.genuine": N_(
        "Is this file the real one? Compare its SHA-256 with what the project and the publisher print elsewhere: "
        "sha256sum notary-verifier.html"
    ),
    "offline.drop": N_("Drop files anywhere on this page, choose them, or paste what is in them."),
    "offline.trust": N_("1. Trust file"),
    "offline.trust-hint": N_(
        "notary-log.json: which keys and which registry are the log’s. Take it from the publisher, and compare its "
        "fingerprint with what they print elsewhere."
    ),
    "offline.bundle": N_("2. Bundle"),
    "offline.bundle-hint": N_("The evidence about one entry, a file that ends in .bundle.json."),
    "offline.copy": N_("3. Your copy, if you have one"),
    "offline.copy-hint": N_(
        "The article as you hold it: a text, a saved page (HTML), any file, or formatted text that you paste. It may "
        "stand among other text."
    ),
    "offline.choose": N_("Choose a file"),
    "offline.paste": N_("Or paste it here"),
    "offline.clear": N_("Take away"),
    "offline.check": N_("Check"),
    "offline.none": N_("Nothing given yet."),
    "offline.file": N_("%(name)s, %(size)s bytes"),
    "offline.pasted": N_("Pasted, %(size)s bytes"),
    "offline.pasted-rich": N_("Pasted with its formatting, %(size)s bytes of text"),
    "offline.what-you-pasted": N_("What you pasted"),
    "offline.moved-trust": N_("%(name)s is a trust file: it was put where trust files belong."),
    "offline.moved-bundle": N_("%(name)s is a bundle: it was put where bundles belong."),
    "offline.empty": N_("%(name)s is empty."),
    "offline.too-large": N_("%(name)s is larger than %(most)s MiB, the most that is read here."),
    "offline.is-page": N_("This is a web page (HTML), not what belongs here."),
    "offline.no-trust": N_("This is not a trust file."),
    "offline.no-bundle": N_("This is not a bundle."),
    "offline.unread": N_("%(name)s could not be read. If it is a folder, give the file that is in it. %(reason)s"),
    "offline.fingerprint": N_("Its SHA-256 fingerprint:"),
    "offline.shows": N_("What this shows"),
    "offline.steps": N_("Step by step"),
    "offline.ask": N_("Ask the chain"),
    "offline.ask-lead": N_(
        "Only a node of the chain can say whether the block is on it. Choose whom to ask, best several that are "
        "independent of the log and of each other. They then see your address and which block you ask for."
    ),
    "offline.endpoints": N_("Endpoints (JSON-RPC), one on each line"),
    "offline.ask-hint": N_(
        "The trust file may suggest some here. Replace them with your own: a node that you run or that somebody you "
        "know runs, or public ones, which a search for “RPC” and the number of the chain finds."
    ),
    "offline.ask-button": N_("Ask these endpoints"),
    "offline.comparison": N_("What differs in your copy"),
    "offline.program": N_(
        "The same checks on the command line: notary verify BUNDLE --trust FILE --copy FILE --rpc URL"
    ),
    "kicker.offline": N_("Checked just now by this file"),
    "word.offline": N_("This file did the arithmetic itself, on your machine. It asked nobody."),
    "word.offline-asked": N_("This file did the arithmetic itself, on your machine, and asked: %(endpoints)s."),
    "compare.legend": N_("Struck through: only in the recorded text. Underlined: only in your copy."),
    "result.no-trust": N_(
        "Nothing is shown to be wrong so far. Without a trust file it is not known whose log this is."
    ),
    "result.other-log": N_(
        "This could not be checked: the bundle is of the log %(origin)s, and your trust file is for the log "
        "%(trusted)s. Nothing is shown to be wrong."
    ),
    "result.file-alone": N_("The record is about a file. Give the file as your copy to compare it."),
    "copy.same": N_("Your copy has the recorded text, word for word."),
    "copy.file": N_("Your copy is the recorded file, byte for byte."),
    "copy.around": N_("The recorded text stands in your copy, word for word, with other text around it."),
    "copy.more": N_(
        "The words of your copy are the recorded ones; it has more that the record does not cover or that was not "
        "compared."
    ),
    "copy.typography": N_("Your copy differs from the recorded text in typography only."),
    "copy.moved": N_(
        "Your copy has the recorded words, all of them; but some lines stand in another place, or are divided "
        "otherwise."
    ),
    "copy.changed": N_("Your copy is not what was recorded."),
    "copy.elsewhere": N_("Where this page has its article, the text is not the recorded one."),
    "copy.not-found": N_("Your copy could not be matched with the recorded text: it may be another article."),
    "copy.unread": N_("Your copy could not be compared."),
}

# Where the page of an entry speaks of itself or of its server.
INSTEAD = {
    "result.refuted": N_("The evidence is false. Do not rely on it, nor on whoever gave it to you."),
    "result.altered": N_("The text in this bundle is not the one that was recorded. Do not rely on it."),
    "result.unreadable": N_("This could not be checked: what you gave as a bundle is none."),
    "result.file": N_("The record is about a file. Give the file as your copy to compare it."),
    "article.checked": N_("The recorded text, as this file took it from the bundle"),
}

_TABLES = (("check", CHECKS), ("status", STATUSES), ("any", GENERIC), ("code", CODES))


def offline_strings() -> dict[str, dict[str, object]]:
    """Return all that the saved verifier says, by the tag of a language."""
    return {one.tag: {"language": one.tag, "strings": _in(translations(one.locale).gettext)} for one in LANGUAGES}


def _in(translated: Callable[[str], str]) -> dict[str, str]:
    table: Mapping[str, str] = ENTRY | OFFLINE | INSTEAD
    strings = {key: translated(message) for key, message in table.items()}
    for name, messages in _TABLES:
        strings |= {f"{name}.{key}": translated(message) for key, message in messages.items()}
    return strings
