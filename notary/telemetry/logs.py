"""Log lines on standard error: one JSON object each, or text for people; never a secret, whatever is logged.

A line of JSON has ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``event`` (a stable code) and ``message``, and of
:data:`FIELDS` those that the call gave in ``extra``. Lines written while a request is answered have its ``request_id``.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

FIELDS: Final = ("request_id", "method", "route", "status", "duration_ms", "key_id", "client", "reference", "child")
OTHER_EVENT: Final = "library"
"""The event of lines that are not ours."""

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# What must never be in a line, although no call gives it on purpose: libraries repeat what they failed on.
_SECRETS: Final = (
    (re.compile(r"\b(nk_[0-9a-f]{12})_[0-9a-f]{16,}"), r"\1_(removed)"),
    (re.compile(r"(?i)\b(bearer) +[A-Za-z0-9._~+/=-]+"), r"\1 (removed)"),
    (re.compile(r"(://[^/\s:@]*):[^/\s@]+@"), r"\1:(removed)@"),
)


def set_request_id(value: str | None) -> None:
    """Have the lines that this thread writes from now on carry the id, or none."""
    _request_id.set(value)


def request_id() -> str | None:
    """Return the id of the request that this thread answers, where it answers one."""
    return _request_id.get()


@contextmanager
def about_request(value: str | None) -> Iterator[None]:
    """Have the lines of the block carry the id: for what goes on when the request's own thread is done with it."""
    token = _request_id.set(value)
    try:
        yield
    finally:
        _request_id.reset(token)


def without_secrets(text: str) -> str:
    """Return ``text`` without API keys, bearer tokens and passwords in addresses."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, without its end."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", OTHER_EVENT),
            "message": without_secrets(record.getMessage()),
        }
        given = {name: getattr(record, name, None) for name in FIELDS}
        if given["request_id"] is None:
            given["request_id"] = request_id()
        line.update({name: value for name, value in given.items() if value is not None})
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """A line for people; a traceback has lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, without its end."""
        message = without_secrets(record.getMessage())
        printable = "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in message)
        about = getattr(record, "request_id", None) or request_id()
        line = f"{_time(record)} {record.levelname} {record.name}: {printable}" + (f" [{about}]" if about else "")
        if record.exc_info:
            line += "\n" + without_secrets(self.formatException(record.exc_info))
        return line


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wants_json(form: str, stream: TextIO | None) -> bool:
    """Say whether lines are JSON where the setting is ``form`` (``auto``, ``json``, ``text``)."""
    return form == "json" or (form == "auto" and not (stream is not None and stream.isatty()))


def configure(form: str, *, stream: TextIO | None = None) -> None:
    """Have everything that this process logs, and what ends it unexpectedly, come out in one form.

    It goes to standard error unless ``stream`` is given.
    """
    out = sys.stderr if stream is None else stream
    if out is None:
        return  # closed by whoever started the program: there is nobody to tell
    handler = logging.StreamHandler(out)
    as_json = wants_json(form, out)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    if as_json:
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("notary").critical(
        "The process ends: %s", kind.__name__, exc_info=(kind, error, trace), extra={"event": "crashed"}
    )


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def server_config() -> dict[str, object]:
    """Return granian's logging in our JSON: what its option ``--log-config`` takes, as a file."""
    formatter = {"()": f"{JsonFormatter.__module__}.{JsonFormatter.__qualname__}"}
    handler = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
    logger = {"handlers": ["console"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"generic": formatter, "access": formatter},
        "handlers": {"console": handler, "access": handler},
        "loggers": {"_granian": logger, "granian.access": logger},
    }
