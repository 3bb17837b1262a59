"""How far an audit has come, as bytes that the memory keeps: everything to go on from the last full tile of leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notary.core import jcs
from notary.core.findings import Finding, Findings
from notary.core.jcs import Json
from notary.core.shape import Fields
from notary.core.treestream import TreeStream
from notary.errors import InvalidInput, UsageError

_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """The tree so far, the last entry's time, the latest manifest, what was counted and found."""

    stream: TreeStream
    time: int
    manifest: bytes
    counts: Mapping[str, int]
    findings: Findings

    def encode(self) -> bytes:
        """Return the bytes of it."""
        value: dict[str, Json] = {
            "size": self.stream.size,
            "edge": [[one.hex() for one in level] for level in self.stream.edge],
            "time": self.time,
            "manifest": self.manifest.hex(),
            "counts": dict(self.counts),
            "found": dict(self.findings.counts),
            "findings": [finding.to_json() for finding in self.findings.kept],
        }
        return jcs.dumps(value)


def parse_progress(data: bytes | None) -> Progress:
    """Return the progress in ``data``; that of an audit that did not begin for None.

    Raises :class:`UsageError` (``not-a-state-file``) for bytes that are damaged.
    """
    if data is None:
        return Progress(TreeStream(), 0, b"", {}, Findings())
    try:
        fields = Fields(jcs.loads(data, max_bytes=_MAX_BYTES), path="state", error=UsageError)
        size = fields.integer("size", low=0, high=jcs.MAX_INTEGER)
        edge = [[bytes.fromhex(str(one)) for one in _list(level)] for level in _list(fields.take("edge"))]
        progress = Progress(
            stream=TreeStream(size, edge),
            time=fields.integer("time", low=0, high=jcs.MAX_INTEGER),
            manifest=bytes.fromhex(str(fields.take("manifest"))),
            counts=_counts(fields.take("counts")),
            findings=Findings([_finding(one) for one in _list(fields.take("findings"))], _counts(fields.take("found"))),
        )
    except (InvalidInput, ValueError) as error:
        raise UsageError(
            f"The state file is damaged: {error}. Start with another one.", code="not-a-state-file"
        ) from None
    return progress


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError("a list is missing")  # noqa: TRY004 - becomes a UsageError above
    return value


def _counts(value: Json) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError("numbers are missing")  # noqa: TRY004
    return {name: int(count) for name, count in value.items() if isinstance(count, int)}


def _finding(value: Json) -> Finding:
    fields = Fields(value, path="state.findings[]", error=UsageError)
    index = fields.integer("index", low=0, high=jcs.MAX_INTEGER) if fields.has("index") else None
    return Finding(fields.string("code"), fields.string("detail"), index)
