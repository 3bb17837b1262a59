"""A client of a log's API: submit, look at an entry, fetch its bundle; holds what comes back against what was asked.

Answers are bounded, strict JSON. Nothing a server says about an entry is believed that its bytes do not show.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.client.address import base_address
from notary.core import jcs
from notary.core.bundle import MAX_BUNDLE_BYTES, Bundle, parse_bundle
from notary.core.jcs import Json
from notary.core.language import recommended_case
from notary.core.record import Record, Status, TextDigest
from notary.core.text import CanonicalText
from notary.errors import (
    CannotCheck,
    EndpointFailed,
    InvalidBundle,
    NotaryError,
    Overloaded,
    PolicyRefused,
    ProofFailed,
)
from notary.net.http import Response, request

if TYPE_CHECKING:
    from notary.core.html import Page  # parsing pages is slow to load

_MAX_ANSWER_BYTES = 8 << 20
_POLL_SECONDS = 0.5
_RETRY_STATUS = (429, 503)
_SECONDS = re.compile("[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the server answered: the leaf hash, and the state at that moment."""

    leaf_hash: bytes
    state: str
    replayed: bool = False


class LogClient:
    """One log's API under ``server``; ``key`` is needed for submitting only."""

    def __init__(self, server: str, *, key: str | None = None, timeout: float = 30.0) -> None:
        self._base = base_address(server, called="--server takes an", code="bad-server")
        self._key = key
        self._timeout = timeout

    def submit(self, text: CanonicalText, fields: dict[str, Json], *, wait: int = 0) -> Submitted:
        """Submit a canonical text; returns when it is durable, or integrated within ``wait`` seconds.

        Raises :class:`PolicyRefused` with the server's own code, :class:`Overloaded`, :class:`EndpointFailed`, and
        :class:`ProofFailed` where the entry is not about what was submitted. Submitting the same again is safe.
        """
        body: dict[str, Json] = {"text": text.data.decode(), "type": "canonical", **fields}
        digest = TextDigest(sha256=text.sha256, lines=len(text.lines), lines_root=text.lines_root)
        return self._submit(body, digest, (), fields, wait=wait)

    def submit_page(
        self, data: bytes, page: Page, about: dict[str, Json], fields: dict[str, Json], *, wait: int = 0
    ) -> Submitted:
        """Submit a page whose asides, if any, the publisher has confirmed; as :meth:`submit`.

        ``page`` is what was read from ``data`` here, with the profile, charset and images in ``about``: the server
        must come to the same.
        """
        body: dict[str, Json] = {"text_base64": base64.b64encode(data).decode(), "type": "html", **about, **fields}
        if page.asides:
            body["confirm_hidden"] = True
        digest = TextDigest(
            sha256=page.text.sha256,
            lines=len(page.text.lines),
            lines_root=page.text.lines_root,
            profile_sha256=hashlib.sha256(jcs.dumps(about["profile"])).digest(),
            links_sha256=page.links_sha256,
        )
        return self._submit(body, digest, page.media, fields, wait=wait)

    def _submit(
        self,
        body: dict[str, Json],
        digest: TextDigest,
        media: tuple[bytes, ...],
        fields: dict[str, Json],
        *,
        wait: int,
    ) -> Submitted:
        headers = self._headers("application/json")
        if wait:
            headers["Prefer"] = f"wait={wait}"
        answer = self._json("POST", "/api/v1/entries", body=jcs.dumps(body), headers=headers)
        submitted = Submitted(leaf_hash=_leaf_hash(answer), state=_string(answer, "state"))
        _check_logged(self.bundle(submitted.leaf_hash).entry.record, digest, media, fields)
        return submitted

    def submit_batch(self, lines: Sequence[bytes]) -> list[Submitted | NotaryError]:
        """Submit lines of JSON, each as `POST /api/v1/entries` takes it; returns what came of each, in their order.

        What is :class:`Overloaded` there was not tried, or could not be taken now: send it again, in the same order.
        Raises as :meth:`submit` for the request as a whole; what is accepted is not held against what was sent.
        """
        answer = self._request(
            "POST",
            "/api/v1/entries:batch",
            body=b"".join(line + b"\n" for line in lines),
            headers=self._headers("application/x-ndjson"),
        )
        results = [_line_result(said, number) for number, said in enumerate(answer.body.splitlines(), 1)]
        if len(results) > len(lines):
            raise EndpointFailed("The server answered more lines than it was sent.", code="bad-answer")
        unanswered = Overloaded("The server ended before this line; send it again.", code="not-answered")
        return results + [unanswered] * (len(lines) - len(results))

    def _headers(self, content_type: str) -> dict[str, str]:
        headers = {"Content-Type": content_type}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        return headers

    def state(self, leaf_hash: bytes) -> str:
        """Return the state the server claims for an entry: a claim, to be replaced by the bundle when it is final."""
        return _string(self._json("GET", f"/api/v1/entries/{leaf_hash.hex()}"), "state")

    def bundle(self, leaf_hash: bytes) -> Bundle:
        """Return the entry's bundle as it is now; its entry has the leaf hash asked for."""
        return self._bundle(leaf_hash)[0]

    def bundle_bytes(self, leaf_hash: bytes) -> bytes:
        """Return the bytes of the bundle, after checking that its entry has the leaf hash asked for."""
        return self._bundle(leaf_hash)[1]

    def _bundle(self, leaf_hash: bytes) -> tuple[Bundle, bytes]:
        answer = self._request("GET", f"/api/v1/entries/{leaf_hash.hex()}/bundle", max_bytes=MAX_BUNDLE_BYTES + 1)
        try:
            bundle = parse_bundle(answer.body)
        except InvalidBundle as error:
            raise EndpointFailed(
                f"The server did not answer with a bundle. {error.message}", code="bad-answer"
            ) from None
        if bundle.entry.leaf_hash() != leaf_hash:
            raise ProofFailed("The server gave the bundle of another entry.", code="another-entry")
        return bundle, answer.body

    def wait_final(self, leaf_hash: bytes, *, seconds: float, progress: Callable[[str], None]) -> bytes:
        """Return the bundle once it carries an anchor; ``progress`` is told each new state.

        A server that is away for a moment is asked again. Raises :class:`CannotCheck` (``not-final-yet``) after
        ``seconds``.
        """
        deadline = time.monotonic() + seconds
        last = ""
        while True:
            try:
                state = self.state(leaf_hash)
                if state == "final":
                    bundle, data = self._bundle(leaf_hash)
                    if bundle.anchors:
                        return data
                    state = "final, but its bundle holds no anchor yet"
            except (EndpointFailed, Overloaded) as error:
                state = f"waiting: {error.message}"
            if state != last:
                progress(state)
                last = state
            if time.monotonic() >= deadline:
                raise CannotCheck(
                    f"Not final on chain after {seconds:g} seconds (last: {last}). Fetch the bundle later.",
                    code="not-final-yet",
                )
            time.sleep(_POLL_SECONDS)

    def _json(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Json]:
        return _object(self._request(method, path, body=body, headers=headers).body)

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        max_bytes: int = _MAX_ANSWER_BYTES,
    ) -> Response:
        answer = request(
            method, self._base + path, body=body, headers=headers or {}, timeout=self._timeout, max_bytes=max_bytes
        )
        if 200 <= answer.status < 300:
            return answer
        raise _refusal(answer)


def _check_logged(record: Record, digest: TextDigest, media: tuple[bytes, ...], fields: dict[str, Json]) -> None:
    """Hold the record that was logged against what was submitted; raises :class:`ProofFailed`."""
    if record.content != digest:
        raise ProofFailed("The server logged another text than the one submitted.", code="logged-another-text")
    if record.media != media:
        raise ProofFailed("The server logged other images than the ones submitted.", code="logged-other-images")
    logged: dict[str, Json] = {
        "document": record.document,
        "status": record.status.value,
        "previous": None if record.previous is None else record.previous.leaf.hex(),
        "language": record.language,
        "published": record.published,
    }
    asked = {"status": Status.ORIGINAL.value, **fields}
    language = asked.get("language")
    if isinstance(language, str):
        asked["language"] = recommended_case(language)  # as a log writes it
    for name, value in logged.items():
        if value != asked.get(name):
            raise ProofFailed(
                f"The server logged the text with another {name} than submitted.",
                code="logged-another-record",
                field=name,
            )


def _line_result(said: bytes, number: int) -> Submitted | NotaryError:
    """Return what one line of a batch's answer says."""
    value = _object(said)
    if value.get("line") != number:
        raise EndpointFailed(f"The server's answer to line {number} is missing.", code="bad-answer")
    error = value.get("error")
    if isinstance(error, dict):
        status = error.get("status")
        return _error(error, status if isinstance(status, int) else 500)
    return Submitted(_leaf_hash(value), _string(value, "state"), replayed=value.get("replayed") is True)


def _object(data: bytes) -> dict[str, Json]:
    try:
        value = jcs.loads(data, max_bytes=_MAX_ANSWER_BYTES)
    except NotaryError as error:
        raise EndpointFailed(f"The server's answer is not JSON: {error.message}", code="bad-answer") from None
    if not isinstance(value, dict):
        raise EndpointFailed("The server's answer is not an object.", code="bad-answer")
    return value


def _refusal(answer: Response) -> NotaryError:
    """Turn a problem+json answer into the error it stands for."""
    try:
        problem = jcs.loads(answer.body, max_bytes=_MAX_ANSWER_BYTES)
    except NotaryError:
        problem = None
    busy = answer.status in _RETRY_STATUS  # a proxy may say so in words of its own
    if not isinstance(problem, dict) and not busy:
        return EndpointFailed(f"The server answered {answer.status} without saying why.", code="bad-answer")
    error = _error(problem if isinstance(problem, dict) else {}, answer.status)
    after = answer.headers.get("retry-after", "")
    if isinstance(error, Overloaded) and _SECONDS.fullmatch(after):
        error.retry_after = int(after)
    return error


def _error(problem: dict[str, Json], status: int) -> NotaryError:
    """Return the error that the members of a problem stand for."""
    detail, code, field, position = (problem.get(name) for name in ("detail", "code", "field", "position"))
    kind: type[NotaryError] = PolicyRefused
    if status in _RETRY_STATUS:
        kind = Overloaded
    elif status >= 500:
        kind = EndpointFailed
    return kind(
        detail if isinstance(detail, str) else f"The server answered {status}.",
        code=code if isinstance(code, str) else "bad-answer",
        field=field if isinstance(field, str) else None,
        position=position if isinstance(position, int) else None,
    )


def _leaf_hash(answer: dict[str, Json]) -> bytes:
    text = _string(answer, "leaf_hash")
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32 or value.hex() != text:
        raise EndpointFailed("The server's answer has no leaf hash of 64 hex digits.", code="bad-answer")
    return value


def _string(answer: dict[str, Json], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise EndpointFailed(f"The server's answer has no {name}.", code="bad-answer")
    return value
