"""`notary audit` of a real log that is anchored on a real node, and of every way in which one part of it is changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from notary.compose import open_services
from notary.core.checkpoint import Checkpoint
from notary.core.note import sign_note
from notary.core.trust import parse_trust
from notary.datadir import DataDir
from notary.ethereum.deploy import deploy
from notary.service.services import Services
from notary.web.app import create_app
from tests.auditing import served_from
from tests.endpoint import Endpoint, answer, serve
from tests.node import anvil, logs
from tests.node.anvil import Anvil
from tests.node.world import account, in_front_of
from tests.program import Done, call

pytestmark = pytest.mark.node

TIMES = 3


@dataclass(frozen=True)
class Shown:
    """A log with three anchors on a node; nothing of it is changed by tests, which copy or disguise it."""

    node: Anvil
    services: Services
    app: Flask
    folder: Path
    sizes: tuple[int, ...]
    trust: Path

    @contextmanager
    def served(self, change: Callable[[str, bytes], bytes] = lambda _path, data: data) -> Iterator[str]:
        """Serve the log while the block runs."""
        with serve(served_from(self.app, change=change)) as endpoint:
            yield f"{endpoint.url}/log"

    def audit(self, url: str, *options: str | Path, rpc: str | None = None, trust: Path | None = None) -> Done:
        """Audit what is served, and print JSON."""
        rpcs = ("--rpc", rpc or self.node.url)
        return call("audit", url, "--trust", trust or self.trust, *rpcs, "--json", *options)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("audit")
    with anvil.running() as node:
        services = open_services(logs.settings(logs.make_log(folder / "log", node)))
        services.ensure_manifest()
        sizes: list[int] = []
        with logs.working(services):
            tenant = logs.publisher(services)
            for number in range(TIMES):
                leaf = logs.submit(services, tenant, number)
                logs.finalize(node, services, leaf)
                with services.store.read() as view:
                    sizes.append(view.frontier()[-1].size)
        trust = folder / "trust.json"
        trust.write_bytes(services.reader.trust_file())
        yield Shown(node, services, create_app(services, services.settings), folder, tuple(sizes), trust)
        services.close()


def check(done: Done, name: str) -> tuple[str, str, str]:
    """Return status, code and detail of one check."""
    [one] = [one for one in done.json["checks"] if one["name"] == name]
    return one["status"], one["code"], one["detail"]


def broken(done: Done) -> list[str]:
    return [one["name"] for one in done.json["checks"] if one["status"] in {"fail", "unchecked"}]


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_honest_log_is_clean(shown: Shown, tmp_path: Path) -> None:
    with shown.served() as url:
        for _ in range(2):
            done = shown.audit(url, "--state", tmp_path / "state")
            assert (done.code, done.json["verdict"], broken(done)) == (0, "clean", [])
            assert done.json["log"]["size"] == 1 + TIMES
            assert done.json["development"] is True
            assert done.json["counts"]["entries"] == TIMES
        done = call("audit", url, "--trust", shown.trust, "--rpc", shown.node.url)
    assert done.code == 0
    assert done.out.startswith(b"clean: ")
    assert done.out.endswith(b"local test chain: proves nothing to others\n")
    assert b"not looked at:\n  texts" in done.out
    assert shown.sizes == (2, 3, 4)


def test_without_an_endpoint(shown: Shown) -> None:
    with shown.served() as url:
        done = call("audit", url, "--trust", shown.trust, "--json")
    assert (done.code, broken(done)) == (3, ["chain", "anchors", "events"])


# --------------------------------------------------------------------------------------------------- the log is changed


def test_one_byte_of_one_stored_entry(shown: Shown, tmp_path: Path) -> None:
    shutil.copytree(shown.folder / "log", tmp_path / "log")
    database = sqlite3.connect(tmp_path / "log" / "notary.db")
    [data] = database.execute("SELECT data FROM entries WHERE leaf_index = 2").fetchone()
    changed = flip(data, data.index(b'"sha256":"') + 12)
    database.execute("UPDATE entries SET data = ? WHERE leaf_index = 2", (changed,))
    database.commit()
    database.close()
    services = open_services(logs.settings(DataDir(tmp_path / "log")))
    with serve(served_from(create_app(services, services.settings))) as endpoint:
        done = shown.audit(f"{endpoint.url}/log")
    services.close()
    assert (done.code, check(done, "tree")[:2]) == (1, ("fail", "entry-changed"))
    assert "Entry 2 " in check(done, "tree")[2]
    done = call("fsck", "--data", tmp_path / "log", "--json")
    assert (done.code, done.json["findings"][0]["index"]) == (1, 2)


def test_one_byte_of_one_tile(shown: Shown) -> None:
    with shown.served(lambda path, data: flip(data, 3 * 32 + 1) if path.startswith("tile/0/") else data) as url:
        done = shown.audit(url)
    assert (done.code, check(done, "tree")[:2]) == (1, ("fail", "tile-changed"))
    assert "tile/0/000.p/4 (at the hash of entry 3)" in check(done, "tree")[2]


def test_a_cut_tile_and_a_page(shown: Shown) -> None:
    for change in (lambda data: data[:-1], lambda _data: b"<!DOCTYPE html><html>Sorry</html>"):
        for part in ("tile/0/", "tile/entries/"):
            with shown.served(lambda path, data, c=change, p=part: c(data) if path.startswith(p) else data) as url:  # type: ignore[misc]
                done = shown.audit(url)
            assert (done.code, check(done, "tree")[0]) == (3, "unchecked")
            assert part in check(done, "tree")[2]


def test_an_older_checkpoint(shown: Shown, tmp_path: Path) -> None:
    with shown.services.store.read() as view:
        older = view.checkpoint_of(shown.sizes[1])
    assert older is not None

    def change(path: str, data: bytes) -> bytes:
        return older.note if path == "checkpoint" else data

    with shown.served() as url:
        assert shown.audit(url, "--state", tmp_path / "state").code == 0
    with shown.served(change) as url:
        # Without a memory the chain tells: it holds an anchor of a larger tree.
        done = shown.audit(url)
        assert (done.code, check(done, "anchors")[:2]) == (1, ("fail", "anchored-ahead"))
        done = shown.audit(url, "--state", tmp_path / "state")
    assert (done.code, check(done, "consistency")[:2]) == (1, ("fail", "rollback"))
    kept = {file.read_bytes() for file in (tmp_path / "state.evidence").iterdir()}
    assert older.note in kept
    assert len(kept) == 2


def test_a_forked_checkpoint_signed_by_the_same_key(shown: Shown, tmp_path: Path) -> None:
    signer = shown.services.signer

    def forked(path: str, data: bytes) -> bytes:
        if path != "checkpoint":
            return data
        head = Checkpoint(signer.name, 1 + TIMES, bytes(32))
        return sign_note(head.encode(), name=signer.name, sign=signer.sign, public=signer.public)

    with shown.served() as url:
        assert shown.audit(url, "--state", tmp_path / "state").code == 0
    with shown.served(forked) as url:
        done = shown.audit(url)
        assert (done.code, check(done, "tree")[:2]) == (1, ("fail", "root-mismatch"))
        done = shown.audit(url, "--state", tmp_path / "state")
    assert (done.code, check(done, "consistency")[:2]) == (1, ("fail", "fork"))
    assert len(list((tmp_path / "state.evidence").iterdir())) == 2


# ------------------------------------------------------------------------------------------------- the chain is changed


@contextmanager
def disguised(shown: Shown, change: Callable[[dict[str, Any], Any], Any]) -> Iterator[Endpoint]:
    """Put an endpoint that lies in front of the node."""
    with serve(in_front_of(shown.node.url, change)) as endpoint:
        yield endpoint


def audited(shown: Shown, *rpcs: str, trust: Path | None = None) -> Done:
    options = [option for rpc in rpcs for option in ("--rpc", rpc)]
    with shown.served() as url:
        return call("audit", url, "--trust", trust or shown.trust, *options, "--json")


def test_another_registry(shown: Shown, tmp_path: Path) -> None:
    """The same contract elsewhere, where the log has no anchor: a trust file that names it is refuted."""
    admin = account(5)
    shown.node.fund(admin.address)
    made = deploy(shown.node.url, admin, origin=logs.ORIGIN, operator=admin.address)
    shown.node.mine(3)
    trust = parse_trust(shown.trust.read_bytes())
    [chain] = trust.chains
    (tmp_path / "trust.json").write_bytes(
        replace(trust, chains=(replace(chain, registry=made.registry, log_id=made.log_id),)).encode()
    )
    done = audited(shown, shown.node.url, trust=tmp_path / "trust.json")
    assert (done.code, check(done, "manifest")[:2]) == (1, ("fail", "trust-disagrees"))
    assert check(done, "anchors")[:2] == ("unchecked", "nothing-anchored")


def test_other_code_at_the_registry(shown: Shown) -> None:
    def change(call: dict[str, Any], response: Any) -> Any:
        return {**response, "result": "0x6001"} if call["method"] == "eth_getCode" else response

    with disguised(shown, change) as liar:
        done = audited(shown, shown.node.url, liar.url)
    assert (done.code, check(done, "chain")[:2]) == (3, ("unchecked", "wrong-registry-code"))


def _events(result: Callable[[list[Any]], Any]) -> Callable[[dict[str, Any], Any], Any]:
    def change(call: dict[str, Any], response: Any) -> Any:
        return result(response) if call["method"] == "eth_getLogs" else response

    return change


def test_an_event_omitted_by_a_proxy(shown: Shown) -> None:
    size = shown.sizes[1]

    def without(response: Any) -> Any:
        kept = [event for event in response["result"] if int(event["data"][2:66], 16) != size]
        return {**response, "result": kept}

    with disguised(shown, _events(without)) as liar:
        done = audited(shown, liar.url)
    assert (done.code, check(done, "anchors")[0]) == (3, "pass")
    status, code, detail = check(done, "events")
    assert (status, code) == ("unchecked", "event-withheld")
    assert f"event of size {size} in block" in detail


@pytest.mark.parametrize("aloud", [True, False], ids=["error 4444", "empty list"])
def test_pruned_events(shown: Shown, *, aloud: bool) -> None:
    def pruned(response: Any) -> Any:
        if not aloud:
            return {**response, "result": []}
        return {
            "jsonrpc": "2.0",
            "id": response["id"],
            "error": {"code": 4444, "message": "pruned history unavailable"},
        }

    with disguised(shown, _events(pruned)) as liar:
        done = audited(shown, liar.url)
        assert (done.code, check(done, "anchors")[0]) == (3, "pass")
        assert check(done, "events")[:2] == ("unchecked", "events-unavailable")
        # With another endpoint that has the events everything is checked.
        assert audited(shown, liar.url, shown.node.url).code == 0


def test_endpoints_that_disagree_about_an_anchor(shown: Shown) -> None:
    def change(call: dict[str, Any], response: Any) -> Any:
        long = call["method"] == "eth_call" and len(response.get("result", "")) == 2 + 3 * 64
        return {**response, "result": "0x" + 192 * "0"} if long else response

    with disguised(shown, change) as liar:
        done = audited(shown, shown.node.url, liar.url)
        assert (done.code, check(done, "anchors")[:2]) == (3, ("unchecked", "endpoints-disagree"))
        assert all(f"127.0.0.1:{port}" in check(done, "anchors")[2] for port in (liar.port, shown.node.url[-5:]))
        # Alone it denies what is anchored, but its own events show it: the registry writes both in one transaction.
        done = audited(shown, liar.url)
        assert (done.code, check(done, "anchors")[:2]) == (3, ("unchecked", "endpoints-disagree"))

    def deny(call: dict[str, Any], response: Any) -> Any:
        return {**response, "result": []} if call["method"] == "eth_getLogs" else change(call, response)

    # Without events nobody contradicts it, and the tree is refuted.
    with disguised(shown, deny) as denier:
        done = audited(shown, denier.url)
    assert (done.code, check(done, "anchors")[:2]) == (1, ("fail", "anchor-contradicts"))


def test_a_node_that_gives_a_page(shown: Shown) -> None:
    with serve(lambda connection, _request: connection.sendall(answer(b"<html>Sorry</html>"))) as page:
        done = audited(shown, page.url)
    assert (done.code, check(done, "chain")[:2]) == (3, ("unchecked", "no-endpoint")) or check(done, "chain")[
        1
    ] == "endpoint-failed"
