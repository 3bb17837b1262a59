"""What each outcome of a check means, for people who know no hashes; by check and code, in the language of the page.

The verifiers' own sentences are exact and in English; a page shows them beside these. Whatever has no sentence here
gets the one of its status, so that a new code is never silent.
"""

from __future__ import annotations

from notary.web.language import N_

CHECKS = {
    "record": N_("Record"),
    "text": N_("Text"),
    "copy": N_("Your copy"),
    "publisher": N_("Publisher"),
    "inclusion": N_("In the log"),
    "checkpoint": N_("Signed by the log"),
    "anchor": N_("Anchored"),
    "chain": N_("On the chain"),
    "current": N_("Latest revision"),
}

STATUSES = {
    "pass": N_("Holds"),
    "fail": N_("Does not hold"),
    "unchecked": N_("Not checked"),
    "not-applicable": N_("Does not apply"),
    "superseded": N_("Superseded"),
}

GENERIC = {
    "pass": N_("This holds."),
    "fail": N_("This does not hold: the evidence contradicts itself."),
    "unchecked": N_("This could not be checked."),
    "not-applicable": N_("There is nothing to check here."),
}

_PENDING = N_("Not anchored yet. Come back later.")
_NO_TRUST = N_("Without a trust file nothing says which keys and which registry are the log’s.")
_OTHER_LOG = N_("The trust file is about another log.")
_ENDPOINT_FAILED = N_("An endpoint could not be asked. That says nothing about the text.")
_WRONG_CHAIN = N_("An endpoint answers for another chain. That says nothing about the text.")
_WRONG_GENESIS = N_("An endpoint has a chain of the same number with another beginning.")
_WRONG_CODE = N_("An endpoint does not show the trusted registry’s code.")
_NO_FINALITY = N_("An endpoint does not say which blocks are final.")
_NOT_FINAL = N_("An endpoint does not have that block as final yet.")
_DISAGREE = N_("Your endpoints contradict each other. Ask others.")
_REGISTRY_NOT_ASKED = N_("Only the registry itself shows this anchor, and it has not been asked.")
_NO_PIN = N_("Only the registry itself shows this anchor: a block that you name says nothing of it.")
_LATER_BAD = N_("What is given as a later revision is not proven to be one.")

CODES = {
    "record.record": N_("The record is complete, and everything disclosed with it is what was recorded."),
    "record.meta-not-in-record": N_("Details were added that the record does not speak of."),
    "record.meta-mismatch": N_("The disclosed details are not the recorded ones."),
    "record.profile-not-in-record": N_("A profile was added that the record does not speak of."),
    "record.profile-mismatch": N_("The disclosed profile is not the recorded one."),
    "text.text": N_("The text is the recorded one, to the last character."),
    "text.text-not-in-record": N_("A text was added to a record that is not about a text."),
    "text.text-not-canonical": N_("The text is not in the form that the log records."),
    "text.text-mismatch": N_("The text is not the recorded one: it was altered."),
    "text.lines-mismatch": N_("The lines of the text are not the recorded ones."),
    "text.no-text": N_("The record is about a file, not about a text."),
    "text.not-revealed": N_("The text was recorded sealed, and has not been revealed."),
    "text.not-disclosed": N_("The text is not disclosed. Only who has it can compare it with the record."),
    "publisher.unsigned": N_("The publisher did not sign. That this is theirs is the log operator’s word."),
    "publisher.signed": N_("Signed with the publisher’s key. Whose key that is, their own site must say."),
    "inclusion.included": N_("The log holds exactly this record."),
    "inclusion.pending": _PENDING,
    "checkpoint.signed": N_("The log signed the list that this record is in."),
    "checkpoint.no-trust": _NO_TRUST,
    "checkpoint.log-not-trusted": _OTHER_LOG,
    "checkpoint.pending": _PENDING,
    "checkpoint.no-known-signature": N_(
        "No key that the trust file names for this list signed it. If the log’s key was replaced since, an older trust "
        "file does not name the new one: get the newest from the publisher."
    ),
    "anchor.anchored": N_("A block holds the fingerprint of that list."),
    "anchor.pending": _PENDING,
    "anchor.anchored-in-storage": N_("The registry holds the fingerprint of that list: your endpoints say so."),
    "anchor.not-in-storage": N_("The registry does not hold the fingerprint of this list since that block."),
    "anchor.storage-unavailable": N_("An endpoint does not say what the registry holds."),
    "anchor.offline": _REGISTRY_NOT_ASKED,
    "anchor.no-endpoint": _REGISTRY_NOT_ASKED,
    "anchor.not-asked": _REGISTRY_NOT_ASKED,
    "anchor.header-not-pinned": _NO_PIN,
    "anchor.endpoint-failed": _ENDPOINT_FAILED,
    "anchor.wrong-chain": _WRONG_CHAIN,
    "anchor.wrong-genesis": _WRONG_GENESIS,
    "anchor.wrong-registry-code": _WRONG_CODE,
    "anchor.no-finality": _NO_FINALITY,
    "anchor.not-final": _NOT_FINAL,
    "anchor.sources-disagree": _DISAGREE,
    "anchor.no-trust": _NO_TRUST,
    "anchor.log-not-trusted": _OTHER_LOG,
    "anchor.chain-not-trusted": N_("The trust file does not name the chain of this anchor."),
    "anchor.wrong-registry": N_("The anchor is not in the registry that the trust file names."),
    "anchor.anchored-another-head": N_("What the block holds is not this list."),
    "chain.final-height": N_("The chain is final up to that block: your endpoints say so."),
    "chain.final-block": N_("That block is final on the chain: your endpoints say so."),
    "chain.pinned-header": N_("That block is the one you named."),
    "chain.header-not-pinned": N_("That block is none of those you named."),
    "chain.offline": N_("Whether that block is on the chain has not been asked."),
    "chain.no-endpoint": N_("Whether that block is on the chain has not been asked."),
    "chain.not-asked": N_("Whether that block is on the chain has not been asked: ask endpoints of your own."),
    "chain.endpoint-failed": _ENDPOINT_FAILED,
    "chain.wrong-chain": _WRONG_CHAIN,
    "chain.wrong-genesis": _WRONG_GENESIS,
    "chain.wrong-registry-code": _WRONG_CODE,
    "chain.no-finality": _NO_FINALITY,
    "chain.not-final": _NOT_FINAL,
    "chain.block-unavailable": N_("An endpoint does not give that block."),
    "chain.sources-disagree": _DISAGREE,
    "chain.no-trusted-chain": N_("Which chain the block must be on is not known."),
    "chain.pending": _PENDING,
    "chain.block-not-canonical": N_("The chain has another block in that place: the anchor is not on it."),
    "current.current": N_("The log states that this is the latest version."),
    "current.no-document": N_("It belongs to no document that could be revised."),
    "current.no-statement": N_("Whether there is a later version is not known."),
    "current.no-trust": _NO_TRUST,
    "current.log-not-trusted": _OTHER_LOG,
    "current.statement-stale": N_("The log named this the latest version, but not lately."),
    "current.older-revision": N_("There is a later version."),
    "current.retracted": N_("The publisher retracted this."),
    "current.current-statement-invalid": N_(
        "The log’s statement about versions is not valid, or signed with a key that the trust file does not name."
    ),
    "current.current-of-another": N_("The log’s statement about versions is about another document."),
    "current.later-incomplete": N_("Later versions are missing from the evidence."),
    "current.later-not-a-revision": _LATER_BAD,
    "current.later-not-proven": _LATER_BAD,
}


def explanation(check: str, status: str, code: str) -> str:
    """Return the sentence, untranslated, for the outcome of a check."""
    return CODES.get(f"{check}.{code}", GENERIC[status])
