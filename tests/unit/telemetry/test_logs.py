"""Log lines: their form, and what is never in them."""

from __future__ import annotations

import io
import json
import logging
import re
import secrets
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.telemetry import logs

KEY_ID = secrets.token_hex(6)
SECRET = secrets.token_hex(32)
TOKEN = f"nk_{KEY_ID}_{SECRET}"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("notary.x", logging.WARNING, "x.py", 1, message, args, None)
    made.__dict__.update(extra)
    return made


def line(made: logging.LogRecord) -> dict[str, Any]:
    text = logs.JsonFormatter().format(made)
    assert "\n" not in text
    value: dict[str, Any] = json.loads(text)
    return value


def failure(message: str) -> Any:
    try:
        int(message)
    except ValueError:
        return sys.exc_info()
    return None


def test_a_line_has_what_is_promised() -> None:
    said = line(record("%d of %s", 3, "a", event="thing", route="/x", status=200, duration_ms=1.5, key_id=KEY_ID, y=1))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said.pop("time"))
    assert said == {
        "level": "warning",
        "logger": "notary.x",
        "event": "thing",
        "message": "3 of a",
        "route": "/x",
        "status": 200,
        "duration_ms": 1.5,
        "key_id": KEY_ID,
    }


def test_lines_of_others_have_an_event_too() -> None:
    assert line(record("x"))["event"] == "library"


def test_a_traceback_is_a_member() -> None:
    made = record("x")
    made.exc_info = failure("broken")
    said = line(made)
    assert said["traceback"].startswith("Traceback")
    assert "'broken'" in said["traceback"]


def test_a_request_in_the_thread_is_named() -> None:
    with logs.about_request("abc"):
        assert line(record("x"))["request_id"] == "abc"
        assert line(record("x", request_id="other"))["request_id"] == "other"
        assert logs.TextFormatter().format(record("x")).endswith("notary.x: x [abc]")
    assert "request_id" not in line(record("x"))


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
@pytest.mark.parametrize(
    "leak",
    [
        TOKEN,
        f"Authorization: Bearer {TOKEN}",
        f"headers={{'authorization': 'bearer {SECRET}'}}",
        f"https://user:{SECRET}@node.example/x",
        f"[parameters: ('{TOKEN}',)]",
    ],
)
def test_no_secret_comes_through(formatter: logging.Formatter, leak: str) -> None:
    made = record("%s", leak)
    made.exc_info = failure(leak)
    said = formatter.format(made)
    assert SECRET not in said
    assert "(removed)" in said


def test_the_half_of_a_key_that_is_no_secret_stays() -> None:
    assert logs.without_secrets(f"key {TOKEN}") == f"key nk_{KEY_ID}_(removed)"


@given(st.text())
def test_any_text_is_one_line_and_comes_back(text: str) -> None:
    made = record("%s", text)
    assert "\n" not in logs.TextFormatter().format(made)
    assert line(made)["message"] == logs.without_secrets(text)


@pytest.fixture
def untouched() -> Iterator[None]:
    """What configure() changes is put back."""
    root = logging.getLogger()
    handlers, level, hook, in_threads = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hook, in_threads


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("form", "stream", "as_json"),
    [
        ("auto", Terminal(), False),
        ("auto", io.StringIO(), True),
        ("json", Terminal(), True),
        ("text", io.StringIO(), False),
    ],
)
def test_the_form_follows_the_setting_and_the_stream(form: str, stream: io.StringIO, as_json: bool) -> None:
    logs.configure(form, stream=stream)
    logging.getLogger("notary.y").info("hello")
    [said] = stream.getvalue().splitlines()
    assert said.startswith("{") == as_json
    assert "hello" in said


def test_the_http_servers_lines_are_ours_as_well() -> None:
    config = logs.server_config()
    json.dumps(config)
    formatters: Any = config["formatters"]
    assert formatters["generic"]["()"] == "notary.telemetry.logs.JsonFormatter"
