"""What the scripts of pages say, by key: handed to them in the page, in its language."""

from __future__ import annotations

from notary.core.jcs import Json
from notary.web.explain import CHECKS, CODES, GENERIC, STATUSES
from notary.web.language import N_, _, current
from notary.web.words import TEST_CHAIN

ENTRY = {
    "test-chain": TEST_CHAIN,
    # What goes on.
    "step.bundle": N_("Fetching the evidence from this server …"),
    "step.trust": N_("Reading the trust file …"),
    "step.checking": N_("Checking in your browser …"),
    "step.asking": N_("Asking the endpoints …"),
    "kicker.done": N_("Checked just now in your own browser"),
    "kicker.tried": N_("Tried just now in your own browser"),
    "word.done": N_(
        "Your browser did the arithmetic itself, with evidence and a program that came from this server. It "
        "asked nobody else."
    ),
    "word.asked": N_(
        "Your browser did the arithmetic itself, with evidence and a program that came from this server, and asked: "
        "%(endpoints)s."
    ),
    "word.lying": N_(
        "A server that lies could also send a program that lies. Against that helps a program from elsewhere: the "
        "verifier that you save, or “notary verify”, with a trust file from another source."
    ),
    # The one sentence of the result.
    "result.match": N_("This text was in this log no later than %(time)s."),
    "result.development": N_(
        "This text was logged, and anchored on %(time)s on a local test chain: proves nothing to others."
    ),
    "result.unchecked-images": N_("This text was in this log no later than %(time)s. Its images were not compared."),
    "result.older": N_("This text was in this log no later than %(time)s, and was replaced since."),
    "result.retracted": N_("This text was in this log no later than %(time)s, and was retracted since."),
    "result.open": N_(
        "The recorded text is intact, and the log signed for it. Its date is not proven yet: nobody was asked about "
        "block %(number)s."
    ),
    "result.pending": N_("This text is in the log, but not anchored yet: nothing about its time is proven."),
    "result.accepted": N_("This text was accepted, but is not in the log yet: nothing is proven."),
    "result.cannot-check": N_("This could not be checked completely: nothing is shown to be wrong."),
    "result.refuted": N_("The evidence is false. Do not rely on this page."),
    "result.altered": N_("This text is not the one that was recorded. Do not rely on this page."),
    "result.another": N_("The server sent the evidence of another entry. Do not rely on this page."),
    "result.unreadable": N_("This could not be checked: what the server sent as evidence is none."),
    "result.unfetched": N_("This could not be checked: the evidence could not be fetched."),
    "result.broken": N_("This could not be checked: the program stopped at something it does not expect."),
    "result.file": N_("The record is about a file: this page cannot compare it with yours."),
    "result.by": N_("Submitted by “%(publisher)s”."),
    # What it shows.
    "shows.claim": N_(
        "The text recorded here was in the log %(origin)s no later than %(time)s, the time of block %(number)s "
        "on chain %(chain)s."
    ),
    "shows.audit": N_("Rewriting, backdating or dropping this entry is detectable by anyone who audits this log."),
    "shows.rewritable": N_("Whoever runs that chain can write it anew."),
    "shows.open": N_(
        "That the log %(origin)s, if the trust file is right, signed a list with exactly this text in it. "
        "Nothing yet about the time."
    ),
    "shows.pending": N_("Nothing about time yet: no block holds it."),
    "shows.nothing": N_("Nothing, as it stands."),
    # The rows.
    "row.text": N_("Text"),
    "row.images": N_("Images"),
    "row.date": N_("Date"),
    "row.publisher": N_("Publisher"),
    "row.log": N_("Log"),
    "row.anchor": N_("Anchor"),
    "row.corrections": N_("Corrections"),
    "row.waiting": N_("Not checked yet"),
    "images.none": N_("No images are recorded."),
    "images.some": N_(
        "Images recorded by their fingerprints: %(count)s. This page does not have the files and cannot compare them."
    ),
    "date.proven": N_("On or before %(time)s: that is when block %(number)s of chain %(chain)s was made."),
    "date.open": N_(
        "The evidence names %(time)s, block %(number)s of chain %(chain)s. Whether that block is on the chain "
        "was not confirmed."
    ),
    "date.none": N_("No block holds it yet, so no date is proven."),
    "date.false": N_("The evidence for a date is false."),
    "date.logged": N_("The log’s own clock said %(time)s."),
    "date.published": N_("The publisher states %(time)s as the time of publication."),
    "bytes.summary": N_("See the bytes"),
    "bytes.exact": N_("%(check)s, in the verifier’s own words"),
    "bytes.record": N_("Record, as it is hashed (JSON)"),
    "bytes.entry": N_("Entry, the logged bytes (hex)"),
    "bytes.leaf": N_("Leaf hash, computed here"),
    "bytes.text-sha256": N_("SHA-256 of the text, computed here"),
    "bytes.recorded": N_("SHA-256 in the record"),
    "bytes.meta": N_("Details that were disclosed (JSON)"),
    "bytes.signature": N_("Publisher’s signature (hex)"),
    "bytes.checkpoint": N_("Checkpoint, signed by the log"),
    "bytes.proof": N_("Way from the entry to the root (hex)"),
    "bytes.header": N_("Block header (hex)"),
    "bytes.hash": N_("Block hash, computed here"),
    "bytes.receipt": N_("Receipt proof (hex)"),
    "bytes.storage": N_("Block and time, as the registry’s storage must show them"),
    "bytes.statement": N_("The log’s statement about versions"),
    "bytes.images": N_("SHA-256 of the images"),
    "bytes.yourself": N_(
        "To hash these bytes yourself, save the file, and run this where it is (on a Mac, write “shasum -a 256” for "
        "“sha256sum”):"
    ),
    "bytes.prints": N_("It must print:"),
    "bytes.save": N_("Save %(name)s"),
    # Trust file and endpoints.
    "trust.server": N_("From this server. It names the log %(origin)s."),
    "trust.own": N_("Given by you. It names the log %(origin)s."),
    "trust.kept": N_("Given by you and kept in this browser. It names the log %(origin)s."),
    "trust.bad": N_("This is not a trust file; the one before is still in use. %(reason)s"),
    "trust.unfetched": N_("The trust file of this server could not be had; the one before is still in use. %(reason)s"),
    "trust.none": N_(
        "None is in use: neither one that was kept in this browser nor this server’s could be read. Give one of your "
        "own, or use this server’s again."
    ),
    "trust.unkept": N_("This browser keeps nothing for this page."),
    "ask.none": N_("Name at least one endpoint, one on each line."),
    "ask.form": N_(
        "“%(line)s” is not an address that this page may ask. Use https, or http on your own machine (127.0.0.1)."
    ),
    "ask.nothing": N_("There is no anchor yet that endpoints could be asked about."),
    "endpoint.timeout": N_("It did not answer in time."),
    "endpoint.unreachable": N_("It could not be reached, or it does not let pages of other sites ask it (CORS)."),
    "endpoint.cors": N_("It is there, but does not let pages of other sites ask it (CORS)."),
    "endpoint.status": N_("It answered with status %(status)s."),
    "endpoint.too-large": N_("It answered with more than could be an answer."),
    "endpoint.not-json": N_("It answered with something that is not JSON-RPC."),
    "endpoint.shape": N_("It answered with something that does not fit the question."),
    # Notices and history.
    "notice.older": N_("There is a later version of this text."),
    "notice.retracted": N_("The publisher retracted this text."),
    "notice.proof": N_("The log’s signed statement says so; your browser checked it."),
    "notice.link": N_("Read the current version."),
    "notice.link-retraction": N_("Read the retraction."),
    "article.checked": N_("The text as your browser took it from the evidence"),
    "article.unchecked": N_("The text as this server shows it; your browser could not check it"),
    "article.untitled": N_("The text of this entry is not disclosed."),
    "article.table": N_("Table"),
    "article.cut": N_("%(count)s more lines are not shown here. The bundle holds the whole text."),
    "changes.none": N_("The two texts are the same."),
    "changes.undisclosed": N_("One of the two texts is not disclosed, so they cannot be compared."),
    "changes.mismatch": N_("The other version’s text is not the one that its record names: it was not compared."),
    "changes.unfetched": N_("The other version could not be fetched."),
    "changes.coarse": N_("The texts are very different; more of them may be the same than is marked."),
    "changes.count": N_("Places that differ: %(count)s."),
    "changes.deleted": N_("deleted:"),
    "changes.inserted": N_("inserted:"),
    "changes.end": N_("end of the change."),
    "changes.line": N_("Line %(number)s"),
}

CHECK = {
    "check.reading": N_("Reading what you gave …"),
    "check.looking": N_("Looking for it in the log …"),
    "check.comparing": N_("Comparing …"),
    "check.record": N_("Read the recorded text, and what it rests on."),
    "check.fetching": N_("This server is fetching the page …"),
    "kicker.check": N_("Your copy, checked just now in your own browser"),
    # The one sentence.
    "found.same": N_("Your copy is the recorded text, word for word."),
    "found.same-without-images": N_(
        "The text of your copy is the recorded one, word for word. Its images were not compared."
    ),
    "found.same-with-more": N_(
        "The article in your copy is the recorded text, word for word. Around it stands other text."
    ),
    "found.uncovered": N_(
        "The text in your copy is the recorded one. Beside it there is something that was not recorded."
    ),
    "found.typography-only": N_("Your copy differs from the recorded text in typography only: quotes, dashes, spaces."),
    "found.moved": N_(
        "Your copy has the recorded words, all of them; but some lines stand in another place, or are divided "
        "otherwise."
    ),
    "found.changed": N_("Words in your copy are not those that were recorded."),
    "found.inserted": N_("Your copy has text inside the article that was not recorded."),
    "found.missing": N_("Lines of the recorded text are missing from your copy."),
    "found.part": N_("What you hold is a part of the recorded text. What is there is as it was recorded."),
    "found.elsewhere": N_("Where this page has its article, the text is not the recorded one."),
    "found.file": N_("Your file is the recorded one, byte for byte."),
    "found.bundle": N_("This is a bundle of this log: evidence about an article."),
    "found.refuted": N_("The evidence for this record is false. Do not rely on it."),
    "found.not-found": N_("Nothing like this was found here."),
    "found.not-found-why": N_(
        "That says nothing against your text. It may be recorded in another log, or in none; or it is too short, or "
        "too different, to be found by its lines. Nothing here says that it was altered."
    ),
    "found.related": N_("These entries have lines in common with it. If you hold a page, save it and choose the file:"),
    # The second one: about time.
    "when.proven": N_("The recorded text was in this log no later than %(time)s."),
    "when.development": N_("The recorded text was anchored on a local test chain: proves nothing to others."),
    "when.open": N_("Whether block %(number)s, which dates it, is on the chain is still to be asked below."),
    "when.pending": N_("The recorded text is not anchored yet: nothing about its time is proven."),
    "when.unchecked": N_("Not everything about the record could be checked; see below."),
    "when.older": N_("But the recorded text was replaced since: there is a later version."),
    "when.retracted": N_("But the publisher retracted the recorded text since."),
    "when.refuted": N_("Nothing follows from it, neither for your copy nor against it."),
    # Why not.
    "cannot.head": N_("This could not be checked. That says nothing against it."),
    "cannot.empty": N_("There is nothing to check yet: paste an article, choose a file, or give an address."),
    "cannot.not-a-bundle": N_("This file is named like a bundle, but is none: it begins like %(what)s. %(reason)s"),
    "cannot.page": N_("a web page"),
    "cannot.other": N_("something else"),
    "cannot.too-large": N_("It is larger than %(size)s MiB, the most that is looked at."),
    "cannot.archive": N_(
        "This is a web archive (MHTML). Save the page as “HTML only”, or select the article, copy it and paste it here."
    ),
    "cannot.origin": N_(
        "This bundle is of another log, %(origin)s, and this page has no trust file for that. Open it on that log’s "
        "own page, or give its trust file below."
    ),
    "cannot.unreadable": N_("It cannot be read: %(reason)s"),
    "cannot.busy": N_("This server has too much to do just now. Try again in a moment."),
    "cannot.search": N_("The search in the log did not work: %(reason)s"),
    "cannot.fetch": N_("This server could not fetch that page: %(reason)s"),
    "cannot.bundle": N_("The evidence for it could not be fetched or read: %(reason)s"),
    "cannot.broken": N_("The program stopped at something it does not expect: %(reason)s"),
    # What else was noticed.
    "note.from-server": N_(
        "The page was fetched by this server from %(url)s: it may have been given another page than you are."
    ),
    "note.deleted": N_(
        "Invisible characters that browsers and publishing systems add were taken out of your copy; they do not "
        "count: %(what)s."
    ),
    "note.00AD": N_("soft hyphen"),
    "note.200B": N_("zero-width space"),
    "note.2060": N_("word joiner"),
    "note.FEFF": N_("byte order mark"),
    "note.around": N_("Lines that were not recorded: %(before)s before the article, %(behind)s behind it."),
    "note.echo": N_("Elsewhere in your copy stands another version of a recorded line: “%(line)s”"),
    "note.beside": N_("Not covered by the record: %(what)s"),
    "note.more": N_("and %(count)s more"),
    "note.unreadable-lines": N_("Lines of your copy with characters that no recorded text can have: %(count)s."),
    "note.coarse": N_("The texts are very different; more of them may be the same than is marked."),
    "note.record": N_("Held against: “%(title)s”, submitted by %(publisher)s."),
    "note.bundle": N_("It is about: “%(title)s”, submitted by %(publisher)s."),
    "note.images": N_("The record names images. They were not compared."),
    # The comparison.
    "compare.same": N_("Lines that are the same: %(count)s"),
    "compare.changed": N_("Changed"),
    "compare.typography": N_("Typography only"),
    "compare.missing": N_("Missing in your copy"),
    "compare.inserted": N_("Only in your copy"),
    "compare.before": N_("Lines before the article: %(count)s"),
    "compare.behind": N_("Lines behind the article: %(count)s"),
    "compare.count": N_("Places that differ: %(count)s."),
    "compare.at": N_("Place %(number)s of %(count)s"),
}

_TABLES = (("check", CHECKS), ("status", STATUSES), ("any", GENERIC), ("code", CODES))


def script_strings() -> dict[str, Json]:
    """Return what the script of an entry's page needs to speak the language of the page."""
    strings: dict[str, Json] = {key: _(message) for key, message in ENTRY.items()}
    for name, table in _TABLES:
        strings |= {f"{name}.{key}": _(message) for key, message in table.items()}
    return {"language": current().tag, "strings": strings}


def check_strings() -> dict[str, Json]:
    """Return what the script of the page that checks copies needs besides."""
    table = script_strings()
    strings = table["strings"]
    more: dict[str, Json] = {key: _(message) for key, message in CHECK.items()}
    return {**table, "strings": {**(strings if isinstance(strings, dict) else {}), **more}}
