"""The log under /log/ and the .tlog-proof: the bytes of C2SP, nothing ahead of the checkpoint, no path that breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from notary.core import merkle, tiles
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.note import parse_note
from notary.core.tlogproof import parse_tlog_proof
from notary.errors import IntegrityError
from notary.service.integrate import Integrator
from notary.storage.store import SqlStore
from notary.storage.tables import tiles as stored_tiles
from tests import backends
from tests.growing import grow
from tests.weblog import WebLog

FOR_EVER = "public, max-age=31536000, immutable"
SIZE = 600


@pytest.fixture(scope="module")
def shared(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    """A log of SIZE leaves for tests that only read."""
    made = WebLog(Path(tmp_path_factory.mktemp("tiles")) / "data")
    grow(made.services, sizes=[SIZE])
    yield made
    made.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data")
    yield made
    made.close()


def integrator(log: WebLog) -> Integrator:
    return Integrator(log.services.store, log.services.signer, log.services.clock)


def checkpoint(log: WebLog) -> Checkpoint:
    return parse_checkpoint(parse_note(log.client.get("/log/checkpoint").data).text)


def good(log: WebLog, path: str) -> TestResponse:
    response = log.client.get(f"/log/{path}")
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Cache-Control"] == FOR_EVER
    return response


def refused(log: WebLog, path: str, status: int, code: str) -> None:
    response = log.client.get(f"/log/{path}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), path
    assert json.loads(response.data)["code"] == code
    # A tile that is not there today may be there tomorrow.
    assert response.headers["Cache-Control"] == "no-store"


class OverHttp:
    """A reader of tiles that asks for exactly what a tree of its size has."""

    def __init__(self, log: WebLog) -> None:
        self.log = log

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        data: bytes = good(self.log, tiles.tile_path(level, number, width)).data
        return data


def test_leaves_and_root_follow_from_what_is_served(shared: WebLog) -> None:
    head = checkpoint(shared)
    assert head.size == SIZE
    leaves: list[bytes] = []
    for number in range(3):
        width = tiles.tile_width(size=SIZE, level=0, number=number)
        entries = tiles.parse_entries(good(shared, tiles.tile_path("entries", number, width)).data, width=width)
        hashes = [merkle.leaf_hash(entry) for entry in entries]
        assert good(shared, tiles.tile_path(0, number, width)).data == b"".join(hashes)
        leaves += hashes
    assert head.root == merkle.root(leaves) == tiles.tree_root(OverHttp(shared), SIZE)
    assert good(shared, "tile/1/000.p/2").data == merkle.root(leaves[:256]) + merkle.root(leaves[256:512])


@pytest.mark.parametrize("width", [1, 2, 87, 88])
def test_a_partial_tile_has_every_width_that_was_published(shared: WebLog, width: int) -> None:
    whole = good(shared, "tile/0/002.p/88").data
    assert good(shared, f"tile/0/002.p/{width}").data == whole[: 32 * width]
    entries = tiles.parse_entries(good(shared, "tile/entries/002.p/88").data, width=88)
    assert good(shared, f"tile/entries/002.p/{width}").data == tiles.encode_entries(entries[:width])


@pytest.mark.parametrize("width", [1, 100, 255])
def test_the_partial_paths_of_a_full_tile_stay(shared: WebLog, width: int) -> None:
    assert good(shared, f"tile/0/001.p/{width}").data == good(shared, "tile/0/001").data[: 32 * width]
    entries = tiles.parse_entries(good(shared, "tile/entries/001").data, width=256)
    assert good(shared, f"tile/entries/001.p/{width}").data == tiles.encode_entries(entries[:width])


@pytest.mark.parametrize(
    "name",
    [
        "0/002.p/89",
        "0/002",
        "0/003.p/1",
        "0/003",
        "1/000.p/3",
        "1/000",
        "2/000.p/1",
        "1/001.p/1",
        "63/000.p/1",
        "0/x001/000",
        "0/x036/x028/x797/x018/x963/967",
        "63/x036/x028/x797/x018/x963/967.p/255",
        "entries/002.p/89",
        "entries/002",
        "entries/003.p/1",
        "entries/x999/999.p/1",
    ],
)
def test_out_of_range(shared: WebLog, name: str) -> None:
    refused(shared, f"tile/{name}", 404, "no-such-tile")


@pytest.mark.parametrize("level", ["0", "1", "entries"])
@pytest.mark.parametrize(
    "rest",
    [
        "x1",
        "0001",
        "000.p/0",
        "000.p/256",
        "000.p/1000",
        "000.p/01",
        "000.p/-1",
        "000.p/",
        "000.p",
        "000.P/1",
        "00",
        "0",
        "000/",
        "000/000",
        "x000/000",
        "x001",
        "X001/000",
        "x001/0",
        "001/000",
        "000.p/1/",
        "%20000",
        "000.p/1x",
        "-01",
        "+01",
        "٠٠٠",
        "１２３",
        "000.p/１",
        "%ff",
        "..%2f000",
        "x036/x028/x797/x018/x963/968",
        "x999/" * 9 + "999",
    ],
)
def test_malformed(shared: WebLog, level: str, rest: str) -> None:
    refused(shared, f"tile/{level}/{rest}", 400, "tile-path")


@pytest.mark.parametrize(
    "name",
    ["64/000", "00/000", "01/000", "-1/000", "100/000", "x/000", "Entries/000", "data/000", "0", "0/", "8/0/000"],
)
def test_malformed_levels(shared: WebLog, name: str) -> None:
    refused(shared, f"tile/{name}", 400, "tile-path")


@pytest.mark.parametrize("path", ["", "tile", "tile/", "tile//0/000", "Tile/0/000", "tile/0/000%0a", "checkpoint/"])
def test_nothing_there(shared: WebLog, path: str) -> None:
    refused(shared, path, 404, "not-found")


def test_before_the_first_checkpoint_there_is_no_tile(log: WebLog) -> None:
    log.submit()
    for path in ("tile/0/000.p/1", "tile/entries/000.p/1", "tile/0/000"):
        refused(log, path, 404, "no-such-tile")


def test_nothing_is_given_out_ahead_of_the_checkpoint(log: WebLog) -> None:
    log.integrate()
    leaf = log.submit()
    worker = integrator(log)
    # As after a crash between the two: the tree has grown, and no checkpoint says so.
    worker._grow()
    with log.services.store.read() as view:
        assert view.tree().size == 2
    assert checkpoint(log).size == 1
    for path in ("tile/0/000.p/2", "tile/entries/000.p/2"):
        refused(log, path, 404, "no-such-tile")
    assert len(good(log, "tile/0/000.p/1").data) == 32
    proof = log.client.get(f"/api/v1/entries/{leaf}/tlog-proof")
    assert (proof.status_code, json.loads(proof.data)["code"]) == (404, "not-integrated")
    worker.step()
    assert good(log, "tile/0/000.p/2").data[32:] == bytes.fromhex(leaf)
    assert len(tiles.parse_entries(good(log, "tile/entries/000.p/2").data, width=2)) == 2


def test_accepted_leaves_are_in_no_bundle_before_they_are_published(log: WebLog) -> None:
    log.integrate()
    log.submit()
    refused(log, "tile/entries/000.p/2", 404, "no-such-tile")


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/1/000.p/2", "tile/entries/002.p/3"])
def test_conditional_requests_and_head(shared: WebLog, path: str) -> None:
    response = shared.client.get(f"/log/{path}")
    tag = response.headers["ETag"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = shared.client.get(f"/log/{path}", headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == response.headers["Cache-Control"]
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    other = shared.client.get(f"/log/{path}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.data) == (200, response.data)
    head = shared.client.head(f"/log/{path}")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert head.headers[name] == response.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_tiles_are_only_read(shared: WebLog, method: str) -> None:
    response = shared.client.open("/log/tile/0/000", method=method)
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_tile_is_one_row_and_a_bundle_one_query(shared: WebLog) -> None:
    from sqlalchemy import event

    store = shared.services.store
    assert isinstance(store, SqlStore)
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    for path, select in (
        ("tile/0/000", "SELECT tiles.data FROM tiles "),
        ("tile/entries/000", "SELECT entries.data FROM entries "),
    ):
        asked.clear()
        good(shared, path)
        selects = [" ".join(one.split()) for one in asked if one.startswith("SELECT")]
        # The other one is for the size of the newest checkpoint.
        assert len(selects) == 2
        assert selects[1].startswith(select)


def test_a_store_that_lost_what_was_published_is_our_fault(log: WebLog) -> None:
    from sqlalchemy import text

    log.submit()
    log.integrate()
    with backends.behind_its_back(log.root) as connection:
        connection.execute(text("DELETE FROM tiles"))
        connection.execute(text("UPDATE entries SET leaf_index = 7 WHERE leaf_index = 0"))
    refused(log, "tile/0/000.p/2", 500, "internal-error")
    refused(log, "tile/entries/000.p/2", 500, "internal-error")
    with pytest.raises(IntegrityError, match="missing"):
        log.services.tiles.read(tiles.Tile("entries", 0, 2))


SEGMENT = st.sampled_from(
    [
        "0",
        "1",
        "63",
        "64",
        "entries",
        "000",
        "001",
        "x000",
        "x001",
        "x1",
        "0001",
        "000.p",
        "002.p",
        "1",
        "88",
        "89",
        "255",
        "256",
        "x036",
        "",
        "..",
        ".",
        "%2f",
        "%00",
        "%0a",
        "%ff",
        "X001",
        "999",
        "x999",
        "-1",
        "é",
    ]
) | st.text(alphabet="0123456789x.p/%", max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.lists(SEGMENT, max_size=9).map("/".join))
def test_any_path_is_a_tile_or_a_clear_refusal(shared: WebLog, name: str) -> None:
    response = shared.client.get(f"/log/tile/{name}")
    assert response.status_code in {200, 400, 404}, name
    if response.status_code != 200:
        assert response.mimetype == "application/problem+json"
        assert json.loads(response.data)["code"] in {"tile-path", "no-such-tile", "not-found"}


@settings(max_examples=200, deadline=None)
@given(
    level=st.integers(0, 63) | st.just("entries"),
    number=st.integers(0, 3) | st.integers(0, 2**55 - 1),
    width=st.integers(1, 256),
)
def test_a_well_formed_path_is_answered_if_and_only_if_it_was_published(
    shared: WebLog, level: int | str, number: int, width: int
) -> None:
    kind: tiles.Level = level if isinstance(level, int) else "entries"
    path = tiles.tile_path(kind, number, width)
    known = tiles.tile_width(size=SIZE, level=level if isinstance(level, int) else 0, number=number)
    if width <= known:
        good(shared, path)
    else:
        refused(shared, path, 404, "no-such-tile")


def test_the_proof_as_a_file(log: WebLog) -> None:
    leaf = log.submit()
    path = f"/api/v1/entries/{leaf}/tlog-proof"
    pending = log.client.get(path)
    assert (pending.status_code, json.loads(pending.data)["code"]) == (404, "not-integrated")
    assert path not in log.client.get(f"/e/{leaf}").text
    log.integrate()
    response = log.client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{leaf}.tlog-proof"'
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    proof = parse_tlog_proof(response.data)
    assert proof.checkpoint == log.client.get("/log/checkpoint").data
    head = checkpoint(log)
    merkle.verify_inclusion(
        leaf=bytes.fromhex(leaf), index=proof.index, size=head.size, proof=proof.hashes, root=head.root
    )
    assert f'href="{path}"' in log.client.get(f"/e/{leaf}").text


def test_a_proof_that_does_not_hold_is_not_handed_out(log: WebLog) -> None:
    from sqlalchemy import update

    leaf = log.submit()
    log.integrate()
    with backends.behind_its_back(log.root) as connection:
        connection.execute(update(stored_tiles).values(data=bytes(64)))
    with pytest.raises(IntegrityError) as caught:
        log.services.bundles.tlog_proof(bytes.fromhex(leaf))
    assert caught.value.code == "proof-refuted"
    assert log.client.get(f"/api/v1/entries/{leaf}/tlog-proof").status_code == 500
