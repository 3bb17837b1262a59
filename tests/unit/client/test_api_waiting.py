"""Waiting until an entry is final: each state is told, a pause is survived, and it ends."""

from __future__ import annotations

import time

import pytest

from notary.client.api import LogClient
from notary.errors import CannotCheck, PolicyRefused, ProofFailed
from tests.endpoint import Endpoint, serve
from tests.unit.client.answers import GENUINE, HTML, LEAF, bundle_of, problem, server, states
from tests.worlds import ALTERED, entry, record, text_digest


def wait(endpoint: Endpoint, seconds: float, said: list[str]) -> bytes:
    return LogClient(endpoint.url).wait_final(LEAF, seconds=seconds, progress=said.append)


def test_waiting_tells_each_new_state_once_and_survives_a_pause() -> None:
    said: list[str] = []
    pause = problem("503 Service Unavailable")
    with serve(states("pending", "pending", pause, "submitted", "final")) as endpoint:
        assert wait(endpoint, 30, said) == GENUINE.bundle().encode()
    assert said == ["pending", "waiting: It is not so.", "submitted"]


def test_final_is_not_believed_without_an_anchor() -> None:
    said: list[str] = []
    with serve(server(bundle=bundle_of(GENUINE.entry))) as endpoint, pytest.raises(CannotCheck) as info:
        wait(endpoint, 0.1, said)
    assert (type(info.value), info.value.code) == (CannotCheck, "not-final-yet")
    assert "no anchor" in said[0]


def test_waiting_ends() -> None:
    for script in (states("pending"), states(problem("503 Service Unavailable")), states(HTML)):
        started = time.monotonic()
        with serve(script) as endpoint, pytest.raises(CannotCheck) as info:
            wait(endpoint, 0.2, [])
        assert info.value.code == "not-final-yet"
        assert time.monotonic() - started < 10


def test_waiting_does_not_go_on_for_what_will_not_change() -> None:
    with serve(states(problem("404 Not Found"))) as endpoint, pytest.raises(PolicyRefused):
        wait(endpoint, 60, [])
    with (
        serve(server(bundle=bundle_of(entry(record(content=text_digest(ALTERED)))))) as endpoint,
        pytest.raises(ProofFailed),
    ):
        wait(endpoint, 60, [])
