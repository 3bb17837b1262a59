"""JSON-RPC to a node, for reading: strict, bounded, in batches where the endpoint takes them, nothing tried twice.

What a node says is data from outside. Everything is checked for its form here, and for its truth by those who can
(:mod:`notary.ethereum.receipts` recomputes hashes and roots).
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from notary.core.jcs import Json, dumps, loads
from notary.errors import EndpointFailed, MalformedJson
from notary.net.url import parse_url

JsonObject: TypeAlias = "dict[str, Json]"
Call: TypeAlias = "tuple[str, Sequence[Json]]"

DEFAULT_TIMEOUT = 10.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024
_BATCH = 50
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
# After these, asking one by one instead of in a batch would only repeat the trouble.
_NO_FALLBACK = frozenset({401, 403, 429, 502, 503, 504})
_WAIT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that the node itself reported."""

    code: int
    message: str
    data: Json = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the node said to one call: ``value``, unless ``fault`` is set."""

    endpoint: str
    method: str
    value: Json = None
    fault: Fault | None = None

    def get(self) -> Json:
        """Return the value. Raises :class:`EndpointFailed` (``rpc-error``) where the node reported an error."""
        if self.fault is not None:
            raise EndpointFailed(
                f"{self.endpoint} answered {self.method} with error {self.fault.code}: {self.fault.message}.",
                code="rpc-error",
            )
        return self.value


class Rpc:
    """One endpoint. ``name`` is its address as it may be shown: without path and query.

    All methods raise :class:`EndpointFailed`: the codes of :func:`notary.net.http.request`, ``endpoint-http-status``,
    ``endpoint-not-json``, ``rpc-shape`` (an answer that is not what the method returns) and ``rpc-error``.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        max_bytes: int = MAX_ANSWER_BYTES,
        budget: float | None = None,
    ) -> None:
        """Name an endpoint. ``timeout`` is for each exchange, ``budget`` for all of them together, in seconds."""
        self.name = str(parse_url(url))
        self._url = url
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._until = None if budget is None else time.monotonic() + budget
        self._takes_batches = True
        self._retry_after: float | None = None

    # ------------------------------------------------------------------------------------------------------- exchange

    def ask(self, method: str, params: Sequence[Json] = ()) -> Answer:
        """Return the node's answer to one call, which may be a :class:`Fault`."""
        status, value = self._post(_request(1, method, params))
        answers = {} if isinstance(value, list) else self._read_all([value], [method])
        answer = answers.get(1)
        if status != 200 and (answer is None or answer.fault is None):
            raise self._bad_status(status)
        if answer is None:
            raise self._shape(method)
        return answer

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        """Return the result of one call; an error that the node reports is raised."""
        return self.ask(method, params).get()

    def batch(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answers to several calls, in their order.

        Sent as JSON-RPC batches; one by one to an endpoint that does not take those.
        """
        answers: list[Answer] = []
        for start in range(0, len(calls), _BATCH):
            part = calls[start : start + _BATCH]
            together = self._together(part) if self._takes_batches and len(part) > 1 else None
            answers += [self.ask(method, params) for method, params in part] if together is None else together
        return answers

    def _together(self, calls: Sequence[Call]) -> list[Answer] | None:
        """Return the answers to one batch, or None where the endpoint refuses it as such."""
        methods = [method for method, _ in calls]
        status, value = self._post([_request(i, method, params) for i, (method, params) in enumerate(calls, 1)])
        if status in _NO_FALLBACK:
            raise self._bad_status(status)
        if status != 200 or not isinstance(value, list):
            self._takes_batches = False
            return None
        answers = self._read_all(value, methods)
        if len(value) != len(calls) or len(answers) != len(calls):
            raise self._shape("a batch")
        return [answers[number] for number in range(1, len(calls) + 1)]

    def _post(self, payload: Json) -> tuple[int, Json]:
        from notary.net.http import request  # only who goes online pays for it

        timeout = self._timeout
        if self._until is not None:
            timeout = max(0.0, min(timeout, self._until - time.monotonic()))
        response = request(
            "POST",
            self._url,
            body=dumps(payload),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            timeout=timeout,
            max_bytes=self._max_bytes,
        )
        # Some nodes put what a reverted call returned into their message as if it were text. Nothing that is read here
        # has a place for NUL, which our JSON refuses, so it is made a space.
        body = response.body.replace(b"\\u0000", b"\\u0020")
        self._retry_after = _seconds(response.headers.get("retry-after", ""))
        try:
            return response.status, loads(body, max_bytes=self._max_bytes)
        except MalformedJson:
            if response.status != 200:
                raise self._bad_status(response.status) from None
            raise EndpointFailed(f"{self.name} did not answer in JSON.", code="endpoint-not-json") from None

    def _read_all(self, values: list[Json], methods: list[str]) -> dict[int, Answer]:
        """Return the answers by the number of their call; what is not an answer to one is left out."""
        answers: dict[int, Answer] = {}
        for value in values:
            if not isinstance(value, dict):
                continue
            number = value.get("id")
            if type(number) is int and 1 <= number <= len(methods):
                method = methods[number - 1]
                fault = _fault(value.get("error"))
                if fault is None and "result" not in value:
                    raise self._shape(method)
                answers[number] = Answer(self.name, method, value.get("result"), fault)
        return answers

    def _bad_status(self, status: int) -> EndpointFailed:
        failed = EndpointFailed(f"{self.name} answered with HTTP status {status}.", code="endpoint-http-status")
        if status in _NO_FALLBACK:
            failed.retry_after = self._retry_after
        return failed

    def _shape(self, what: str) -> EndpointFailed:
        return EndpointFailed(f"{self.name} did not answer {what} as JSON-RPC has it.", code="rpc-shape")

    # ---------------------------------------------------------------------------------------------------------- calls

    def chain_id(self) -> int:
        """Return the chain's id."""
        return quantity(self.call("eth_chainId"), "chainId")

    def genesis_hash(self) -> bytes:
        """Return the hash of block 0."""
        block = self.block(0)
        if block is None:
            raise EndpointFailed(f"{self.name} does not have block 0.", code="block-unavailable")
        return hex_bytes(block.get("hash"), "hash", size=32)

    def block(self, which: int | str) -> JsonObject | None:
        """Return the block of a height or tag (``latest``, ``finalized``…) without its transactions' bodies, if any."""
        return optional_object(self.call("eth_getBlockByNumber", [tag(which), False]), "block")

    def block_by_hash(self, block_hash: bytes) -> JsonObject | None:
        """Return the block with this hash, if the node has it."""
        return optional_object(self.call("eth_getBlockByHash", [hexed(block_hash), False]), "block")

    def receipt(self, tx_hash: bytes) -> JsonObject | None:
        """Return the receipt of a transaction, if the node has one."""
        return optional_object(self.call("eth_getTransactionReceipt", [hexed(tx_hash)]), "receipt")

    def code(self, address: bytes, which: int | str = "latest") -> bytes:
        """Return the code at an address; empty where there is no contract."""
        return hex_bytes(self.call("eth_getCode", [hexed(address), tag(which)]), "code")

    def nonce(self, address: bytes, which: int | str = "latest") -> int:
        """Return how many transactions of ``address`` the chain holds as of that block."""
        return quantity(self.call("eth_getTransactionCount", [hexed(address), tag(which)]), "nonce")

    def eth_call(self, to: bytes, data: bytes, which: int | str = "latest") -> bytes:
        """Return what a contract's function returns."""
        params: list[Json] = [{"to": hexed(to), "data": hexed(data)}, tag(which)]
        return hex_bytes(self.call("eth_call", params), "result")


def _seconds(header: str) -> float | None:
    """Return the seconds that a Retry-After header names; None for none, and for a date, which needs a clock."""
    return float(header) if _WAIT.fullmatch(header.strip()) else None


def _request(number: int, method: str, params: Sequence[Json]) -> Json:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _fault(error: Json) -> Fault | None:
    if error is None:
        return None
    if not isinstance(error, dict):
        return Fault(0, _plain(error))
    code = error.get("code")
    return Fault(code if type(code) is int else 0, _plain(error.get("message")), error.get("data"))


def _plain(message: Json) -> str:
    """Return a node's message in one printable line: it goes into logs and terminals."""
    text = message if isinstance(message, str) else "no message"
    return "".join(c if c.isprintable() else " " for c in text[:300]).rstrip(". ")


# -------------------------------------------------------------------------------------------------------------- values


def hexed(data: bytes) -> str:
    """Return bytes as JSON-RPC has them."""
    return "0x" + data.hex()


def tag(which: int | str) -> str:
    """Return a height or a tag as JSON-RPC has it."""
    return which if isinstance(which, str) else hex(which)


def quantity(value: Json, name: str) -> int:
    """Return an integer below 2^256. Raises :class:`EndpointFailed` (``rpc-shape``) for anything else."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise _not(name, "a hexadecimal number")
    return int(value, 16)


def hex_bytes(value: Json, name: str, *, size: int | None = None) -> bytes:
    """Return bytes, ``size`` of them where given. Raises :class:`EndpointFailed` (``rpc-shape``) for anything else."""
    if not isinstance(value, str) or not _DATA.fullmatch(value) or (size is not None and len(value) != 2 + 2 * size):
        raise _not(name, "hexadecimal data" if size is None else f"{size} bytes of hexadecimal data")
    return bytes.fromhex(value[2:])


def revert_data(fault: Fault) -> bytes:
    """Return what a reverted call returned, as far as the node passes it on."""
    data = fault.data.get("data") if isinstance(fault.data, dict) else fault.data
    return bytes.fromhex(data[2:]) if isinstance(data, str) and _DATA.fullmatch(data) else b""


def as_object(value: Json, name: str) -> JsonObject:
    """Return a JSON object. Raises :class:`EndpointFailed` (``rpc-shape``) for anything else."""
    if not isinstance(value, dict):
        raise _not(name, "an object")
    return value


def optional_object(value: Json, name: str) -> JsonObject | None:
    """Return a JSON object, or None for ``null``. Raises :class:`EndpointFailed` (``rpc-shape``) for anything else."""
    return None if value is None else as_object(value, name)


def as_list(value: Json, name: str) -> list[Json]:
    """Return a JSON array. Raises :class:`EndpointFailed` (``rpc-shape``) for anything else."""
    if not isinstance(value, list):
        raise _not(name, "an array")
    return value


def _not(name: str, what: str) -> EndpointFailed:
    return EndpointFailed(f"The endpoint's answer has a {name} that is not {what}.", code="rpc-shape")
