"""The shapes of request bodies and queries. Pydantic is used here and nowhere else.

JSON bytes are parsed by :mod:`notary.core.jcs`, which refuses what parsers disagree about; only then is the shape held
against a model. Models check what is there and how long it is; whether a value is *right* (a real date, a known
language tag, a text that `text/1` accepts) is decided once, in :mod:`notary.core`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from notary.core.jcs import Json
from notary.core.linekey import parse_line_key
from notary.core.profile import parse_profile
from notary.core.record import MAX_LINES, TextDigest
from notary.errors import PolicyRefused
from notary.service.content import PageInput

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\z")]
LineKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}\z")]

MAX_LOOKUP_LINES = 2000

# pydantic's own error types, as this API's stable codes; anything else is `wrong-form`.
_CODES = {
    "extra_forbidden": "unknown-field",
    "missing": "missing-field",
    "string_type": "wrong-type",
    "model_type": "wrong-type",
    "dict_type": "wrong-type",
    "list_type": "wrong-type",
    "too_long": "wrong-length",
    "bool_type": "wrong-type",
    "string_too_short": "wrong-length",
    "string_too_long": "wrong-length",
    "literal_error": "unknown-value",
    "int_type": "wrong-type",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}


class _Strict(BaseModel):
    """Nothing is converted, nothing unknown is let through, and `null` is not a way to say *absent*."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_null(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("wrong-type", "must not be null; leave it out instead")
        return value


class TextDigestBody(_Strict):
    """What stands for a text that stays with its publisher."""

    sha256: Hash
    lines: Annotated[int, Field(ge=1, le=MAX_LINES)]
    lines_root: Hash
    profile_sha256: Hash | None = None
    links_sha256: Hash | None = None

    def digest(self) -> TextDigest:
        """Return it as records have it."""
        profile, links = self.profile_sha256, self.links_sha256
        return TextDigest(
            sha256=bytes.fromhex(self.sha256),
            lines=self.lines,
            lines_root=bytes.fromhex(self.lines_root),
            profile_sha256=None if profile is None else bytes.fromhex(profile),
            links_sha256=None if links is None else bytes.fromhex(links),
        )


class SubmissionBody(_Strict):
    """The body of `POST /api/v1/entries`, and one line of `POST /api/v1/entries:batch`."""

    text: str | None = None
    text_base64: str | None = None
    text_digest: TextDigestBody | None = None
    type: Literal["plain", "canonical", "html"] = "plain"
    profile: dict[str, Any] | None = None
    charset: Short | None = None
    images: dict[Long, Hash] | None = None
    confirm_hidden: bool = False
    document: Short | None = None
    status: Literal["original", "correction", "update", "retraction"] = "original"
    previous: Hash | None = None
    language: Short | None = None
    published: Short | None = None
    url: Long | None = None
    note: Long | None = None
    author: Long | None = None

    @model_validator(mode="after")
    def _one_text(self) -> SubmissionBody:
        given = [one for one in (self.text, self.text_base64, self.text_digest) if one is not None]
        if len(given) != 1:
            code = "ambiguous-text" if given else "missing-field"
            problem = "exactly one of text, text_base64 and text_digest must be given"
            raise PydanticCustomError(code, problem, {"field": "text"})
        return self

    @model_validator(mode="after")
    def _page_members(self) -> SubmissionBody:
        """Only a page has a profile, and every page does."""
        if self.type == "html" and self.profile is None:
            raise PydanticCustomError("missing-field", "must say where in the page the text is", {"field": "profile"})
        if self.type != "html":
            for name in ("profile", "charset", "images", "confirm_hidden"):
                if name in self.model_fields_set:
                    raise PydanticCustomError("unknown-field", "goes with type html only", {"field": name})
        if self.type == "html" and self.text_digest is not None:
            problem = "is not taken with text_digest: the server has no page to read"
            raise PydanticCustomError("unknown-value", problem, {"field": "type"})
        if self.charset is not None and self.text is not None:
            raise PydanticCustomError("unknown-field", "goes with text_base64 only", {"field": "charset"})
        return self

    def page_input(self) -> PageInput | None:
        """Return how the page is to be read, None for what is no page. Raises :class:`InvalidProfile`."""
        if self.profile is None:
            return None
        return PageInput(
            profile=parse_profile(self.profile),
            # The text of a JSON string is decoded already, whatever the page says of itself.
            charset="utf-8" if self.text is not None else self.charset,
            images={src: bytes.fromhex(digest) for src, digest in (self.images or {}).items()},
            confirmed=self.confirm_hidden,
        )

    def text_field(self) -> str:
        """Return the name of the member that has the text."""
        return next(name for name in ("text_base64", "text_digest", "text") if getattr(self, name) is not None)

    def content(self) -> bytes | TextDigest:
        """Return the bytes of the text as submitted, before they are decoded and made canonical, or the digest of it.

        Raises :class:`PolicyRefused` (``wrong-form``) where ``text_base64`` is not base64 in its only canonical form.
        """
        if self.text_digest is not None:
            return self.text_digest.digest()
        if self.text_base64 is None:
            return (self.text or "").encode("utf-8")
        try:
            data = base64.b64decode(self.text_base64, validate=True)
        except (binascii.Error, ValueError):
            data = None
        if data is None or base64.b64encode(data).decode("ascii") != self.text_base64:
            raise PolicyRefused(
                "text_base64 must be standard base64 with padding and nothing else.",
                code="wrong-form",
                field="text_base64",
            )
        return data


class LookupBody(_Strict):
    """The body of `POST /api/v1/lookup`."""

    text_sha256: Hash | None = None
    lines: Annotated[list[LineKey], Field(max_length=MAX_LOOKUP_LINES)] | None = None

    @model_validator(mode="after")
    def _something(self) -> LookupBody:
        if self.text_sha256 is None and not self.lines:
            raise PydanticCustomError("missing-field", "needs text_sha256, lines, or both", {"field": "lines"})
        return self

    def digest(self) -> bytes | None:
        """Return the digest to look for."""
        return None if self.text_sha256 is None else bytes.fromhex(self.text_sha256)

    def keys(self) -> set[int]:
        """Return the keys of the lines to look for."""
        return {parse_line_key(line) for line in self.lines or ()}


class FetchBody(_Strict):
    """The body of `POST /api/v1/fetch`."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class DigestQuery(_Strict):
    """The query of `GET /api/v1/entries`."""

    text_sha256: Hash


M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], value: Json) -> M:
    """Return ``value`` as ``model``.

    Raises :class:`PolicyRefused` for the first fault, with ``field`` and one of the codes ``unknown-field``,
    ``missing-field``, ``wrong-type``, ``wrong-length``, ``unknown-value``, ``ambiguous-text``, ``wrong-form``.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_input=False)[0]) from None


def _refusal(fault: ErrorDetails) -> PolicyRefused:
    kind = fault["type"]
    context = fault.get("ctx", {})
    name = ".".join(str(part) for part in fault["loc"])[:200] or context.get("field")
    # What the library says of these names a class of ours.
    message = "must be an object" if kind == "model_type" else fault["msg"][:1].lower() + fault["msg"][1:]
    known_code = kind if "-" in kind else _CODES.get(kind, "wrong-form")
    return PolicyRefused(f"{name or 'The JSON'}: {message}.", code=known_code, field=name)
