"""What `notary verify` may load: it must start fast, and nothing heavy must stand between a reader and the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from notary.core.evm import parse_header
from notary.core.jcs import Json, dumps
from notary.core.keccak import keccak256
from tests.endpoint import Request, answer, serve
from tests.program import environment
from tests.worlds import ALTERED, CHAIN_ID, GENESIS, TEXT, World

# The program runs, then says on standard error what it has loaded.
WRAPPER = """
import json, sys
from notary.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""

CODE = b"\x60\x80"

NEVER = {
    "click",
    "coincurve",
    "alembic",
    "eth_abi",
    "eth_account",
    "eth_keys",
    "eth_utils",
    "flask",
    "granian",
    "importlib.metadata",
    "jinja2",
    "psycopg",
    "pydantic",
    "rapidfuzz",
    "requests",
    "sqlalchemy",
    "sqlite3",
    "web3",
    "werkzeug",
    # Ours, each with too much behind it.
    "notary.compose",
    "notary.config",
    "notary.diff",
    "notary.service",
    "notary.storage",
    "notary.web",
    "notary.worker",
    # Of the standard library, what one line at the wrong place brings in.
    "asyncio",
    "logging",
    "multiprocessing",
    "subprocess",
    "tempfile",
}
ONLINE_ONLY = {"http.client", "notary.net.http", "select", "selectors", "socket", "ssl", "urllib.request"}
# Not forbidden, but each takes more time than a bare start of Python is worth.
SLOW = {"pathlib", "secrets", "shutil"}


def loaded(folder: Path, *options: str, text: str = TEXT) -> tuple[int, set[str], dict[str, Any]]:
    """Return the exit code, the modules, and the report of a verification in a process of its own."""
    world = World()
    (folder / "a.bundle.json").write_bytes(world.bundle().encode())
    chains = (replace(world.trust().chains[0], registry_codehash=keccak256(CODE)),)
    (folder / "trust.json").write_bytes(world.trust(chains=chains).encode())
    (folder / "copy.txt").write_bytes(text.encode())
    arguments = ["verify", "a.bundle.json", "--trust", "trust.json", "--copy", "copy.txt", *options]
    done = subprocess.run(
        [sys.executable, "-S", "-c", WRAPPER, *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=":".join(path for path in sys.path if path)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    code, modules = json.loads(done.stderr)
    return code, set(modules), json.loads(done.stdout) if "--json" in options else {}


def header() -> str:
    return parse_header(World().anchor().header).hash.hex()


def test_offline_it_loads_nothing_that_could_go_online(tmp_path: Path) -> None:
    code, modules, report = loaded(tmp_path, "--offline", "--header", header(), "--json")
    assert (code, report["verdict"]) == (0, "match")
    assert modules & (NEVER | ONLINE_ONLY | SLOW) == set()
    # The test sees what was loaded, and the signature and the receipt were checked.
    assert {"notary.core.verify", "cryptography.hazmat.bindings._rust", "sha3"} <= modules


def test_what_changed_is_worked_out_only_where_it_is_shown(tmp_path: Path) -> None:
    diff = {"rapidfuzz", "notary.diff.changes"}
    for text, options, expected in ((TEXT, [], set()), (ALTERED, ["--json"], set()), (ALTERED, [], diff)):
        code, modules, _ = loaded(tmp_path, "--offline", "--header", header(), *options, text=text)
        assert code == (text == ALTERED)
        assert modules & diff == expected
        assert modules & (NEVER - {"notary.diff", "rapidfuzz"}) == set()


def test_also_offline_with_an_endpoint_named(tmp_path: Path) -> None:
    _, modules, report = loaded(tmp_path, "--offline", "--rpc", "http://127.0.0.1:1", "--json")
    assert report["verdict"] == "cannot-check"
    assert modules & (NEVER | ONLINE_ONLY) == set()


@pytest.mark.parametrize("final", [True, False])
def test_online_it_asks_and_still_loads_nothing_heavy(tmp_path: Path, *, final: bool) -> None:
    with serve(chain(final=final)) as endpoint:
        code, modules, report = loaded(tmp_path, "--rpc", endpoint.url, "--json")
    assert (code, report["verdict"]) == ((0, "match") if final else (3, "cannot-check"))
    assert endpoint.requests
    assert modules & NEVER == set()
    assert "http.client" in modules


def chain(*, final: bool) -> Any:
    """Return the script of a node that knows the world's block, as final or not yet."""
    world = World()
    block: Json = {"number": hex(world.number), "hash": "0x" + header()}
    tagged: Json = {"number": hex(world.number + 2 if final else world.number - 1), "hash": "0x" + "44" * 32}
    blocks: dict[str, Json] = {
        "0x0": {"number": "0x0", "hash": "0x" + GENESIS.hex()},
        "finalized": tagged,
        hex(world.number): block,
    }

    def result(call: dict[str, Any]) -> Json:
        if call["method"] == "eth_getBlockByNumber":
            return blocks[call["params"][0]]
        assert call["method"] in {"eth_chainId", "eth_getCode"}
        return hex(CHAIN_ID) if call["method"] == "eth_chainId" else "0x" + CODE.hex()

    def script(connection: socket, request: Request) -> None:
        calls = request.json
        connection.sendall(answer(dumps([{"jsonrpc": "2.0", "id": c["id"], "result": result(c)} for c in calls])))

    return script
