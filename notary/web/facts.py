"""The named values of a record and of its anchors, as a page lists them."""

from __future__ import annotations

from dataclasses import dataclass

from notary.core.bundle import Anchor, StorageAnchor
from notary.core.checkpoint import parse_checkpoint
from notary.core.logchecks import claimed_block
from notary.core.note import parse_note
from notary.core.record import FileDigest, Record, TextDigest
from notary.service.read import Details
from notary.web import words
from notary.web.language import _


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value (or several) of the record or of an anchor; ``hash`` sets it in a fixed-width face."""

    name: str
    values: tuple[str, ...]
    hash: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class AnchorBlock:
    """What is known of one anchor."""

    heading: str
    facts: tuple[Fact, ...]


def record_facts(details: Details) -> list[Fact]:
    """Return what the record and its meta object say, in the order in which a reader wants it."""
    summary, record = details.summary, details.entry.record
    name = meta_string(details, "publisher")
    publisher = record.publisher.id
    facts = [Fact(_("Publisher"), (publisher,) if name is None or name == publisher else (name, publisher))]
    facts += [
        Fact(label, (value,))
        for label, value in (
            (_("Author"), meta_string(details, "author")),
            (_("Document"), record.document),
            (_("Language"), record.language),
            (_("Published, as the publisher states"), record.published),
        )
        if value is not None
    ]
    url = meta_string(details, "url")
    if url is not None:
        facts.append(Fact(_("Address, as the publisher states"), (url,), href=url))
    facts.append(Fact(_("Logged, by the log’s clock"), (words.moment(summary.time).words,)))
    facts.append(Fact(_("Number in the log"), (str(summary.index),)))
    facts.append(Fact(_("Leaf hash"), (summary.leaf_hash.hex(),), hash=True))
    facts += _content_facts(record)
    if record.previous is not None:
        leaf = record.previous.leaf.hex()
        facts.append(Fact(_("Follows"), (leaf,), hash=True, href=f"/e/{leaf}"))
    return facts


def _content_facts(record: Record) -> list[Fact]:
    content = record.content
    digest = Fact(_("SHA-256"), (content.sha256.hex(),), hash=True)
    if isinstance(content, TextDigest):
        facts = [
            Fact(_("SHA-256 of the canonical text"), digest.values, hash=True),
            Fact(_("Lines"), (str(content.lines),)),
            Fact(_("Root over the lines"), (content.lines_root.hex(),), hash=True),
        ]
        return facts + _page_facts(content, record.media)
    if isinstance(content, FileDigest):
        return [
            digest,
            Fact(_("Size"), (_("%(count)s bytes", count=content.size),)),
            Fact(_("Media type"), (content.type,)),
        ]
    return [digest, Fact(_("To be revealed by"), (content.reveal_by,))]


def _page_facts(content: TextDigest, media: tuple[bytes, ...]) -> list[Fact]:
    """Return what else was recorded of a text that was taken from a page."""
    facts = []
    if content.profile_sha256 is not None:
        facts.append(Fact(_("Taken from a page, by the profile"), (content.profile_sha256.hex(),), hash=True))
    if content.links_sha256 is not None:
        facts.append(Fact(_("Links of the page"), (content.links_sha256.hex(),), hash=True))
    if media:
        facts.append(Fact(_("Images, in their order"), tuple(digest.hex() for digest in media), hash=True))
    return facts


def anchor_blocks(details: Details) -> list[AnchorBlock]:
    """Return the proven anchors of an entry."""
    transactions = {
        one.anchor.place.block_hash: one.anchor.place.tx_hash for one in details.anchors if one.anchor.place
    }
    blocks: list[AnchorBlock] = []
    for anchor in details.bundle.anchors:
        block = claimed_block(anchor)
        facts = [Fact(_("Block time"), (words.moment(block.time * 1000).words,))]
        if block.hash is not None:
            facts.append(Fact(_("Block hash"), ("0x" + block.hash.hex(),), hash=True))
            if block.hash in transactions:
                facts.append(Fact(_("Transaction"), ("0x" + transactions[block.hash].hex(),), hash=True))
        else:
            facts.append(Fact(_("Proof"), (_("Only the registry’s own storage shows it: it can be asked online."),)))
        facts += [
            Fact(_("Registry contract"), ("0x" + anchor.registry.hex(),), hash=True),
            Fact(_("Log id"), ("0x" + anchor.log_id.hex(),), hash=True),
            Fact(_("Entries covered"), (str(_covered(anchor)),)),
        ]
        blocks.append(
            AnchorBlock(
                _(
                    "Anchor in block %(number)s of chain %(chain)s, as this server lists it",
                    number=block.number,
                    chain=anchor.chain_id,
                ),
                tuple(facts),
            )
        )
    return blocks


def _covered(anchor: Anchor | StorageAnchor) -> int:
    return parse_checkpoint(parse_note(anchor.proof.checkpoint).text).size


def meta_string(details: Details, name: str) -> str | None:
    """Return a member of the disclosed meta object, or None."""
    value = None if details.meta is None else details.meta.get(name)
    return value if isinstance(value, str) else None
