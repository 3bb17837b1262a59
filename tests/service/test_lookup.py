"""What a reader holds is found by the digest of its text or by its lines; what must not be found is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from notary.core.entry import Entry, parse_leaf
from notary.core.record import Commitment, TextDigest
from notary.core.text import canonical_plain
from notary.model.log import StoredEntry
from notary.service.lookup import LineIndexer
from notary.storage.linerows import MAX_PER_LINE
from notary.storage.tables import entries, line_keys_table
from notary.web import lookup as web
from notary.worker.run import Worker
from tests import backends
from tests.served import await_that
from tests.service.locallog import LocalLog
from tests.weblog import WebLog

TITLE = "Old Mill Bridge closed to heavy vehicles"
FIRST = "Vehicles over 7.5 tonnes may not cross it until further notice."
SECOND = "Cars, bicycles and pedestrians are not affected by the closure."
ARTICLE = f"{TITLE}\n{FIRST}\n{SECOND}\n"
HAN = "自二〇二五年四月一日起施行。"


def key(line: str) -> str:
    return sha256(line.encode()).hexdigest()[:16]


@pytest.fixture
def web_log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data")
    yield made
    made.close()


def index(log: WebLog | LocalLog) -> None:
    indexer = LineIndexer(log.services.store)
    while indexer.step():
        pass


def ask(log: WebLog, **asked: Any) -> list[dict[str, Any]]:
    response = log.client.post("/api/v1/lookup", json=asked)
    assert response.status_code == 200, response.text
    return list(json.loads(response.data)["entries"])


def code(log: WebLog, body: object, status: int) -> str:
    response = log.client.post("/api/v1/lookup", json=body)
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    return str(json.loads(response.data)["code"])


def test_found_by_digest_before_it_is_integrated(web_log: WebLog) -> None:
    leaf = web_log.submit(ARTICLE)
    digest = canonical_plain(ARTICLE.encode()).sha256.hex()
    [found] = ask(web_log, text_sha256=digest)
    assert (found["leaf_hash"], found["exact"], found["lines"]) == (leaf, True, 0)
    assert found["title"] == TITLE
    assert found["links"]["bundle"] == f"/api/v1/entries/{leaf}/bundle"


def test_found_by_lines_once_they_are_indexed(web_log: WebLog) -> None:
    leaf = web_log.submit(ARTICLE)
    other = web_log.submit(f"Another title that is long enough\n{FIRST}\nWhat else there is to say about it.\n")
    lines = [key("Home | News | Contact us, all of us"), key(TITLE), key(FIRST), key(SECOND)]
    web_log.integrate()
    assert ask(web_log, lines=lines) == []
    index(web_log)
    assert [(one["leaf_hash"], one["lines"], one["exact"]) for one in ask(web_log, lines=lines)] == [
        (leaf, 3, False),
        (other, 1, False),
    ]


def test_han_lines_count_by_their_bytes(web_log: WebLog) -> None:
    leaf = web_log.submit(f"关于调整时间的公告\n{HAN}\n短。\n")
    web_log.integrate()
    index(web_log)
    assert [one["leaf_hash"] for one in ask(web_log, lines=[key(HAN)])] == [leaf]
    assert ask(web_log, lines=[key("短。")]) == []


def test_nothing_is_no_error(web_log: WebLog) -> None:
    response = web_log.client.post("/api/v1/lookup", json={"text_sha256": "ab" * 32, "lines": [key("x" * 30)]})
    assert (response.status_code, json.loads(response.data)) == (200, {"entries": [], "indexed": 0})


def test_an_undisclosed_text_is_not_found_by_lines(web_log: WebLog) -> None:
    text = canonical_plain(ARTICLE.encode())
    digest = {"sha256": text.sha256.hex(), "lines": len(text.lines), "lines_root": text.lines_root.hex()}
    assert web_log.post({"text_digest": digest}).status_code == 201
    web_log.integrate()
    index(web_log)
    assert ask(web_log, lines=[key(FIRST), key(SECOND)]) == []


def test_an_erased_text_is_not_found_any_more(log: LocalLog) -> None:
    log.submit(text=ARTICLE.encode())
    log.integrate()
    index(log)
    lookup = log.services.lookup
    keys = {int.from_bytes(sha256(FIRST.encode()).digest()[:8], "big", signed=True)}
    assert [one.lines for one in lookup.find(digest=None, keys=keys).candidates] == [1]
    with backends.behind_its_back(log.root) as connection:
        connection.exec_driver_sql("UPDATE disclosures SET text = NULL")
    assert lookup.find(digest=None, keys=keys).candidates == ()


def test_lines_are_forgotten_before_a_text_is_erased(log: LocalLog) -> None:
    accepted = log.submit(text=ARTICLE.encode())
    log.submit(text=f"Another title that is long enough\n{FIRST}\n".encode())
    log.integrate()
    index(log)
    with log.services.store.write() as view:
        view.forget_lines(accepted.index)
    with backends.behind_its_back(log.root) as connection:
        left = set(connection.execute(select(line_keys_table.c.leaf_index)).scalars())
    assert left == {accepted.index + 1}


def test_what_is_only_committed_to_is_not_found(log: LocalLog) -> None:
    """A committed text may be stored with its entry for the day it is revealed; no search may tell that it is there."""
    log.submit(text=ARTICLE.encode())
    log.integrate()
    with log.services.store.read() as view:
        [stored] = [entry for entry in view.entries(start=0, limit=9) if entry.text_sha256 is not None]
    # The row of an entry with a commitment: its digest is not that of the text.
    committed = committed_row(stored)
    with backends.behind_its_back(log.root) as connection:
        changed = {"data": committed.data, "text_sha256": committed.text_sha256}
        connection.execute(update(entries).where(entries.c.leaf_index == stored.index).values(changed))
    index(log)
    assert committed.text_sha256 is not None
    keys = {int.from_bytes(sha256(line.encode()).digest()[:8], "big", signed=True) for line in (TITLE, FIRST, SECOND)}
    assert log.services.lookup.find(digest=committed.text_sha256, keys=keys).candidates == ()


def committed_row(stored: StoredEntry) -> StoredEntry:
    entry = parse_leaf(stored.data)
    assert isinstance(entry, Entry)
    assert isinstance(entry.record.content, TextDigest)
    content = Commitment(sha256=b"\xc0" * 32, reveal_by="2030-01-01T00:00:00Z")
    changed = replace(entry, record=replace(entry.record, content=content))
    return replace(stored, data=changed.encode(), text_sha256=content.sha256)


def test_a_line_of_many_texts_finds_only_the_first_of_them(log: LocalLog) -> None:
    for number in range(MAX_PER_LINE + 3):
        log.submit(text=f"The title of announcement number {number}\n{FIRST}\n".encode())
    log.integrate()
    index(log)
    keys = {int.from_bytes(sha256(FIRST.encode()).digest()[:8], "big", signed=True)}
    with log.services.store.read() as view:
        assert len(view.by_lines(keys, limit=100)) == MAX_PER_LINE


def test_the_index_goes_on_after_a_restart_and_is_made_once(log: LocalLog) -> None:
    log.submit(text=ARTICLE.encode())
    log.integrate()
    index(log)
    log.reopen()
    log.submit(text=f"Another title that is long enough\n{FIRST}\n".encode())
    log.integrate()
    assert LineIndexer(log.services.store).step() == 1
    assert LineIndexer(log.services.store).step() == 0
    with log.services.store.write() as view:
        size = view.indexed_size()
        assert size == view.tree().size
        assert not view.index_lines(old_size=size - 1, new_size=size, keys={0: {1}})
        assert view.by_lines([1], limit=1) == {}


def test_large_texts_come_in_batches_of_their_own(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notary.service.lookup.BATCH_BYTES", 100)
    for number in range(3):
        log.submit(text=f"The title of announcement number {number}\n{FIRST}\n".encode())
    log.integrate()
    indexer = LineIndexer(log.services.store)
    assert [indexer.step() for _ in range(4)] == [2, 1, 1, 0]  # the manifest goes with the first


def test_bad_requests(web_log: WebLog) -> None:
    assert code(web_log, {}, 422) == "missing-field"
    assert code(web_log, {"lines": []}, 422) == "missing-field"
    assert code(web_log, {"lines": "ab"}, 422) == "wrong-type"
    assert code(web_log, {"lines": ["AB" * 8]}, 422) == "wrong-form"
    assert code(web_log, {"lines": ["ab" * 7]}, 422) == "wrong-form"
    assert code(web_log, {"lines": [None]}, 422) == "wrong-type"
    assert code(web_log, {"lines": ["ab" * 8] * 2001}, 422) == "wrong-length"
    assert code(web_log, {"text_sha256": "x"}, 422) == "wrong-form"
    assert code(web_log, {"text": ARTICLE}, 422) == "unknown-field"
    response = web_log.client.post("/api/v1/lookup", data=b" " * 70_000, content_type="application/json")
    assert response.status_code == 413


def test_too_many_at_the_same_time_are_sent_away(web_log: WebLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_WAIT_SECONDS", 0.0)
    taken = [web._places.acquire(blocking=False) for _ in range(2)]
    assert taken == [True, True]
    try:
        assert code(web_log, {"text_sha256": "ab" * 32}, 503) == "too-many-lookups"
    finally:
        for _ in taken:
            web._places.release()


def _indexed(log: LocalLog) -> int:
    with log.services.store.read() as view:
        return view.indexed_size()


def test_the_worker_fills_the_index(log: LocalLog) -> None:
    log.submit(text=ARTICLE.encode())
    stop = threading.Event()
    working = threading.Thread(target=Worker(log.services, None).run, args=(stop,))
    working.start()
    await_that(lambda: _indexed(log) == 2, seconds=30, what="the index")
    stop.set()
    working.join()
    with log.services.store.read() as view:
        assert view.indexed_size() == view.tree().size == 2
