"""Go's own libraries for signed notes and transparency logs accept what we serve, and notice when it is altered."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ColumnElement, select, update

from notary.core.checkpoint import parse_checkpoint
from notary.core.note import Signature, format_note, parse_note, sign_note, verifier_key
from notary.core.tiles import tile_width
from notary.logkey import create_log_key
from notary.storage.store import SqlStore
from notary.storage.tables import checkpoints, entries, tiles
from tests.interop.servedlog import GoReader, ServedLog, go
from tests.service.locallog import ORIGIN

NO_PROOF = "invalid transparency proof"
INCONSISTENT = "downloaded inconsistent tile"
# Up to this version (0.7.0) the library passes over full tiles where several nodes of the right edge are in one tile:
# then the altered tile goes through, and the proofs made from it do not.
BAD_TILE = f"{INCONSISTENT}|{NO_PROOF}"
UNSIGNED = "note has no verifiable signatures"
BAD_SIGNATURE = "invalid signature for key"


def told(log: ServedLog) -> list[str]:
    """Return what the program prints when everything holds."""
    pairs = [(newer, older) for i, newer in enumerate(log.sizes) for older in log.sizes[:i]]
    continuing = [f"tree of {newer} continues the tree of {older}" for newer, older in pairs]
    return continuing + [f"tree of {size}: {size} records" for size in log.sizes]


def refused(done: Any, says: str) -> None:
    assert done.returncode == 1, done.stdout
    assert re.search(says, done.stderr), done.stderr


def test_the_program_is_in_order(reader: GoReader) -> None:
    assert go(reader.program.parent, "vet", ".") == ""


@pytest.mark.slow
def test_every_record_and_every_old_checkpoint_of_a_growing_log(reader: GoReader, tmp_path: Path) -> None:
    with ServedLog.started(tmp_path) as log:
        for size in (2, 3, 255, 256, 257, 65_535, 65_536, 65_537, 70_000):
            log.grow(size)
        done = reader.run("log", log.url, log.vkey, *log.kept)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines() == told(log)


def test_a_small_log(reader: GoReader, small: ServedLog) -> None:
    done = reader.run("log", small.url, small.vkey, *small.kept)
    assert (done.returncode, done.stderr, done.stdout.splitlines()) == (0, "", told(small))


def flip(at: int) -> Callable[[ServedLog, bytes], bytes]:
    def change(_: ServedLog, data: bytes) -> bytes:
        changed = bytearray(data)
        changed[at] ^= 1
        return bytes(changed)

    return change


def other_root(_: ServedLog, data: bytes) -> bytes:
    """State another root under the old signature."""
    note = parse_note(data)
    return format_note(replace(note, text=replace(parse_checkpoint(note.text), root=bytes(32)).encode()))


def other_signature(_: ServedLog, data: bytes) -> bytes:
    note = parse_note(data)
    [one] = note.signatures
    return format_note(replace(note, signatures=(Signature(one.name, one.key_id, bytes(64)),)))


def other_key(log: ServedLog, data: bytes) -> bytes:
    """Sign with a key of the same name that is not the log's."""
    key = create_log_key(log.folder / "other-key", name=ORIGIN)
    return sign_note(parse_note(data).text, name=ORIGIN, sign=key.sign, public=key.public)


def forked(log: ServedLog, data: bytes) -> bytes:
    """Sign, with the log's own key, another root for the same size."""
    text = replace(parse_checkpoint(parse_note(data).text), root=bytes(32)).encode()
    signer = log.log.services.signer
    return sign_note(text, name=signer.name, sign=signer.sign, public=signer.public)


def earlier(log: ServedLog, _: bytes) -> bytes:
    return log.kept[-1].read_bytes()


@dataclass(frozen=True)
class Alteration:
    """One stored value that is changed, and what the program then says."""

    column: Column[Any]
    where: ColumnElement[bool]
    change: Callable[[ServedLog, bytes], bytes]
    says: str


def in_tile(level: int, number: int, change: Callable[[ServedLog, bytes], bytes], says: str) -> Alteration:
    return Alteration(tiles.c.data, (tiles.c.level == level) & (tiles.c.number == number), change, says)


def in_entry(index: int, change: Callable[[ServedLog, bytes], bytes]) -> Alteration:
    return Alteration(entries.c.data, entries.c.leaf_index == index, change, f"record {index}: {NO_PROOF}")


def in_checkpoint(change: Callable[[ServedLog, bytes], bytes], says: str) -> Alteration:
    return Alteration(checkpoints.c.note, checkpoints.c.size == 600, change, says)


ALTERATIONS = {
    "first leaf hash": in_tile(0, 0, flip(0), BAD_TILE),
    "leaf hash in a full tile": in_tile(0, 1, flip(32 * 77 + 5), BAD_TILE),
    "last hash of the partial tile": in_tile(0, 2, flip(-1), BAD_TILE),
    "hash of a full tile": in_tile(1, 0, flip(0), BAD_TILE),
    "tile cut short": in_tile(0, 1, lambda _, data: data[:-1], "tile/0/001: HTTP status 500"),
    "manifest": in_entry(0, flip(20)),
    "real entry": in_entry(1, flip(-1)),
    "entry in a full bundle": in_entry(300, flip(0)),
    "last entry": in_entry(599, flip(-1)),
    "entry made longer": in_entry(400, lambda _, data: data + b"x"),
    "entry emptied": in_entry(401, lambda _, data: b""),
    "root": in_checkpoint(other_root, BAD_SIGNATURE),
    "signature": in_checkpoint(other_signature, BAD_SIGNATURE),
    "another key of the same name": in_checkpoint(other_key, UNSIGNED),
    "fork": in_checkpoint(forked, INCONSISTENT),
    "roll-back": in_checkpoint(earlier, "tree of 257 after the tree of 600: the log went back"),
}


@contextmanager
def altered(log: ServedLog, what: Alteration) -> Iterator[None]:
    """Change the stored value behind the server's back while the block runs."""
    store = log.log.services.store
    assert isinstance(store, SqlStore)
    with store._engine.begin() as connection:
        before = connection.execute(select(what.column).where(what.where)).scalar_one()
    after = what.change(log, before)
    assert after != before

    def put(value: bytes) -> None:
        with store._engine.begin() as connection:
            connection.execute(update(what.column.table).where(what.where).values({what.column: value}))

    put(after)
    try:
        yield
    finally:
        put(before)


@pytest.mark.parametrize("name", ALTERATIONS)
def test_what_is_altered_is_noticed(reader: GoReader, small: ServedLog, name: str) -> None:
    what = ALTERATIONS[name]
    newest = small.folder / "newest"
    newest.write_bytes(small.get("/log/checkpoint"))
    with altered(small, what):
        done = reader.run("log", small.url, small.vkey, *small.kept, newest)
        refused(done, what.says)
    assert reader.run("log", small.url, small.vkey, *small.kept, newest).returncode == 0


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_flipped_byte_is_noticed(reader: GoReader, small: ServedLog, data: st.DataObject) -> None:
    if data.draw(st.booleans(), label="in a tile"):
        level, number = data.draw(st.sampled_from([(0, 0), (0, 1), (0, 2), (1, 0)]), label="tile")
        at = data.draw(st.integers(0, 32 * tile_width(size=600, level=level, number=number) - 1), label="byte")
        what = in_tile(level, number, flip(at), BAD_TILE)
    else:
        what = in_entry(data.draw(st.integers(0, 599), label="entry"), flip(0))
    with altered(small, what):
        refused(reader.run("log", small.url, small.vkey, *small.kept), what.says)


def test_a_forked_old_checkpoint_is_noticed(reader: GoReader, small: ServedLog) -> None:
    fork = small.folder / "fork"
    fork.write_bytes(forked(small, small.kept[2].read_bytes()))
    done = reader.run("log", small.url, small.vkey, fork)
    refused(done, f"tree of 600 after the tree of 256: {NO_PROOF}")


def test_another_log_is_not_taken_for_ours(reader: GoReader, small: ServedLog) -> None:
    key = create_log_key(small.folder / "another", name=ORIGIN + "/another")
    refused(reader.run("log", small.url, verifier_key(key.name, key.public).encode()), UNSIGNED)


def test_a_proof_file_of_each_real_entry(reader: GoReader, small: ServedLog, tmp_path: Path) -> None:
    with small.log.services.store.read() as view:
        real = view.entries(start=1, limit=2)
    for entry in real:
        leaf = entry.leaf_hash.hex()
        path = tmp_path / f"{leaf}.tlog-proof"
        path.write_bytes(small.get(f"/api/v1/entries/{leaf}/tlog-proof"))
        done = reader.run("proof", path, small.vkey, leaf)
        assert (done.returncode, done.stdout) == (0, f"record {entry.index} is in the tree of 600\n")


def _other_hash(proof: str) -> str:
    lines = proof.split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_other_hash, NO_PROOF),
        (lambda proof: proof.replace("index 1\n", "index 2\n"), NO_PROOF),
        (lambda proof: proof.replace("\n600\n", "\n601\n"), BAD_SIGNATURE),
        (lambda proof: proof.replace("tlog-proof@v1", "tlog-proof@v2"), "not in the form"),
        (lambda proof: proof, NO_PROOF),
    ],
    ids=["hash", "index", "size", "version", "another leaf"],
)
def test_an_altered_proof_file_is_noticed(
    reader: GoReader,
    small: ServedLog,
    tmp_path: Path,
    change: Callable[[str], str],
    says: str,
    request: pytest.FixtureRequest,
) -> None:
    with small.log.services.store.read() as view:
        one, other = view.entries(start=1, limit=2)
    proof = small.get(f"/api/v1/entries/{one.leaf_hash.hex()}/tlog-proof").decode()
    path = tmp_path / "proof"
    path.write_text(change(proof), encoding="utf-8")
    leaf = other if change(proof) == proof else one
    refused(reader.run("proof", path, small.vkey, leaf.leaf_hash.hex()), says)
