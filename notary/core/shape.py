"""Read parsed JSON field by field, refusing what is missing, of the wrong form, or unknown.

One :class:`Fields` per object; every parser of a Notary format (record, entry, manifest, bundle, trust file) ends with
:meth:`Fields.done`, which refuses members that nobody asked for. Errors name the dotted path of the field.
"""

from __future__ import annotations

import re

from notary.core.jcs import Json, printable
from notary.errors import InvalidInput

HEX = re.compile(r"(?:[0-9a-f]{2})*")


class Fields:
    """The members of one JSON object, each to be taken once."""

    __slots__ = ("_error", "_left", "path")

    def __init__(self, value: Json, *, path: str, error: type[InvalidInput]) -> None:
        """Start reading ``value``; ``path`` and ``error`` are used to report what is wrong with it."""
        self._error = error
        self.path = path
        if not isinstance(value, dict):
            raise error(f"{path} must be an object.", code="wrong-type", field=path)
        self._left = dict(value)

    def fail(self, name: str, problem: str, *, code: str) -> InvalidInput:
        """Return (not raise) the error for field ``name``: ``<path>.<name> <problem>.``."""
        field = f"{self.path}.{name}"
        return self._error(f"{field} {problem}.", code=code, field=field)

    def has(self, name: str) -> bool:
        """Say whether ``name`` is there and not yet taken."""
        return name in self._left

    def take(self, name: str) -> Json:
        """Return the required member ``name`` as it is."""
        if name not in self._left:
            raise self.fail(name, "is missing", code="missing-field")
        return self._left.pop(name)

    def string(
        self, name: str, *, pattern: re.Pattern[str] | None = None, max_length: int = 4096, form: str | None = None
    ) -> str:
        """Return a required non-empty string of at most ``max_length`` characters that matches all of ``pattern``.

        ``form`` says in words what the pattern demands, after "must be".
        """
        value = self.take(name)
        if not isinstance(value, str):
            raise self.fail(name, "must be a string", code="wrong-type")
        if not value or len(value) > max_length:
            raise self.fail(name, f"must have 1 to {max_length} characters", code="wrong-length")
        if pattern is not None and not pattern.fullmatch(value):
            problem = f"must be {form}" if form is not None else f"must match {pattern.pattern}"
            raise self.fail(name, problem, code="wrong-form")
        return value

    def optional_string(
        self, name: str, *, pattern: re.Pattern[str] | None = None, max_length: int = 4096, form: str | None = None
    ) -> str | None:
        """Return the string, or None where the member is absent (``null`` is not absent)."""
        return self.string(name, pattern=pattern, max_length=max_length, form=form) if self.has(name) else None

    def constant(self, name: str, expected: str) -> None:
        """Require the member to be exactly ``expected`` (a format's version tag)."""
        self.one_of(name, expected)

    def one_of(self, name: str, *expected: str) -> str:
        """Return the member, which must be one of ``expected`` (version tags of a format)."""
        value = self.take(name)
        if not isinstance(value, str) or value not in expected:
            raise self.fail(name, f"must be {' or '.join(map(repr, expected))}", code="unknown-version")
        return value

    def integer(self, name: str, *, low: int, high: int) -> int:
        """Return a required integer within ``low`` and ``high``, both included."""
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(name, "must be an integer", code="wrong-type")
        if not low <= value <= high:
            raise self.fail(name, f"must be within {low} and {high}", code="out-of-range")
        return value

    def hex(self, name: str, *, size: int | None = None, prefix: str = "") -> bytes:
        """Return the bytes of a required lower-case hex string; ``prefix`` is ``"0x"`` for Ethereum's values."""
        value = self.take(name)
        if not isinstance(value, str):
            raise self.fail(name, "must be a string", code="wrong-type")
        if not value.startswith(prefix) or not HEX.fullmatch(value, len(prefix)):
            raise self.fail(name, f"must be lower-case hex{' with 0x' if prefix else ''}", code="wrong-form")
        result = bytes.fromhex(value[len(prefix) :])
        if size is not None and len(result) != size:
            raise self.fail(name, f"must have {size} bytes", code="wrong-length")
        return result

    def optional_hex(self, name: str, *, size: int | None = None, prefix: str = "") -> bytes | None:
        """Return the bytes, or None where the member is absent."""
        return self.hex(name, size=size, prefix=prefix) if self.has(name) else None

    def array(self, name: str, *, max_items: int) -> list[Json]:
        """Return a required array of at most ``max_items``."""
        value = self.take(name)
        if not isinstance(value, list):
            raise self.fail(name, "must be an array", code="wrong-type")
        if len(value) > max_items:
            raise self.fail(name, f"must have at most {max_items} items", code="wrong-length")
        return value

    def child(self, name: str) -> Fields:
        """Return the reader of a required member that is an object."""
        return Fields(self.take(name), path=f"{self.path}.{name}", error=self._error)

    def done(self) -> None:
        """Refuse members that were not taken."""
        if self._left:
            raise self.fail(printable(min(self._left)), "is not a known field", code="unknown-field")
