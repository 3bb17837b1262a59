"""The whole exception tree of Notary.

Every error that Notary raises on purpose derives from :class:`NotaryError` and is sorted by *whose* problem it is,
because that is what decides the exit code of the command line and the status of an HTTP answer::

    NotaryError
    ├── InvalidInput            the bytes or values given are not what they must be          exit 2, HTTP 4xx
    │   ├── MalformedJson       not strict JSON, or not the canonical (RFC 8785) form of it
    │   ├── InvalidText         not a text that `text/1` accepts
    │   │   └── Unselectable    a page that the profile does not fit: says nothing about the text
    │   ├── InvalidProfile      not a profile, or a selector in it that is none
    │   ├── InvalidRecord       a record, entry, manifest or meta object of the wrong shape
    │   ├── InvalidNote         a signed note, checkpoint, verifier key or tlog-proof of the wrong form
    │   ├── InvalidRlp          not canonical RLP, or an Ethereum object of the wrong shape
    │   ├── InvalidBundle       not a bundle
    │   ├── InvalidTrust        not a trust file
    │   ├── InvalidArchive      not a whole backup
    │   ├── InvalidConfig       settings or a data directory that cannot be used
    │   └── UsageError          a command line that cannot be carried out
    ├── ProofFailed             well-formed evidence that does not prove what it claims      exit 1
    ├── CannotCheck             something needed for an answer could not be had              exit 3
    │   └── EndpointFailed      an endpoint did not answer, or not with what was asked for   HTTP 502, 504
    ├── Refused                 the service understood, and will not do it                   HTTP 4xx
    │   ├── Unauthorized        no API key, or not one that is known                         401
    │   ├── Forbidden           a known key without the right to do this                     403
    │   ├── NotFound            nothing (of this tenant's) under that name                   404
    │   ├── Conflict            the state is not what the request assumed                    409
    │   │   └── NotLeader       another worker leads now                                     409
    │   ├── TooLarge            more bytes than the limit                                    413
    │   ├── UnsupportedMedia    a media type or encoding that is not accepted                415
    │   ├── PolicyRefused       well-formed, but against a rule                              422
    │   │   └── Unconfirmed     a page with content that no digest will cover                422
    │   └── Overloaded          cannot take it now; try again                                503
    │       └── RateLimited     not from this key, which has sent too much; try again        429
    └── IntegrityError          our own durable state contradicts itself: stop, sign nothing
"""

from __future__ import annotations


class NotaryError(Exception):
    """Base of all errors raised on purpose.

    ``code`` is stable, kebab-case and for machines; ``message`` is one sentence for people that says what to do;
    ``field`` names the offending member (``record.text.lines``) and ``position`` the offset in the input, where known.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.position = position


class InvalidInput(NotaryError):
    """The bytes or values given are not what they must be."""


class MalformedJson(InvalidInput):
    """Not strict JSON, or not the canonical form of it."""


class InvalidText(InvalidInput):
    """Not a text that ``text/1`` accepts."""


class Unselectable(InvalidText):
    """A page of which the profile does not say which text to take; whether that text was altered cannot be told."""


class InvalidProfile(InvalidInput):
    """Not a profile: an object of the wrong shape, or a selector that is none."""


class InvalidRecord(InvalidInput):
    """A record, entry, manifest or meta object of the wrong shape."""


class InvalidNote(InvalidInput):
    """A signed note, checkpoint, verifier key or tlog-proof of the wrong form."""


class InvalidRlp(InvalidInput):
    """Not canonical RLP, or an Ethereum object of the wrong shape."""


class InvalidBundle(InvalidInput):
    """Not a bundle."""


class InvalidTrust(InvalidInput):
    """Not a trust file."""


class InvalidArchive(InvalidInput):
    """Not a whole backup: another file, cut off, changed, or of another version of the format."""


class InvalidConfig(InvalidInput):
    """Settings or a data directory that cannot be used."""


class UsageError(InvalidInput):
    """A command line that cannot be carried out."""


class ProofFailed(NotaryError):
    """Well-formed evidence that does not prove what it claims."""


class CannotCheck(NotaryError):
    """Something needed for an answer could not be had; never evidence of alteration."""


class EndpointFailed(CannotCheck):
    """An endpoint did not answer, or not with what was asked for; ``retry_after``: it asks to be left alone so long."""

    retry_after: float | None = None


class Refused(NotaryError):
    """The service understood the request and will not carry it out."""


class Unauthorized(Refused):
    """No API key, or not one that is known."""


class Forbidden(Refused):
    """A known key without the right to do this."""


class NotFound(Refused):
    """Nothing, or nothing of this tenant's, under that name."""


class Conflict(Refused):
    """The state is not what the request assumed."""


class NotLeader(Conflict):
    """This worker does not lead (any more): it must neither sign nor send, and nothing of the kind was stored."""


class TooLarge(Refused):
    """More bytes than the limit."""


class UnsupportedMedia(Refused):
    """A media type or encoding that is not accepted."""


class PolicyRefused(Refused):
    """Well-formed, but against a rule."""


class Unconfirmed(PolicyRefused):
    """A page shows or hides content that no digest will cover; ``asides`` are pairs of kind and text, in order."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        field: str | None = None,
        position: int | None = None,
        asides: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message, code=code, field=field, position=position)
        self.asides = asides


class Overloaded(Refused):
    """Cannot be taken now; the same request may be sent again later, where known after ``retry_after`` seconds."""

    retry_after: int | None = None


class RateLimited(Overloaded):
    """This key has sent more than it may; others are not concerned."""


class IntegrityError(NotaryError):
    """Our own durable state contradicts itself; the caller must stop and sign nothing."""
