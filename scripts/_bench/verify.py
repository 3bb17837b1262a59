"""Verifying in bulk, on one core: proofs and bundles that share a checkpoint, and receipt proofs of one block."""

from __future__ import annotations

import json
from hashlib import sha256

from notary.core.bundle import parse_bundle
from notary.core.checkpoint import Checkpoint
from notary.core.evm import parse_header, verify_anchored
from notary.core.keccak import keccak256
from notary.core.logchecks import check_proof
from notary.core.tlogproof import parse_tlog_proof
from notary.core.verify import Verdict, verify
from scripts._bench import world
from scripts._bench.harness import Aim, Row, Setting, compare, rate
from scripts._bench.peers import asked
from scripts._bench.sides import Side


def run(setting: Setting) -> list[Row]:
    """Measure all three."""
    made = world.make(bundles=setting.size(2000, 20), size=setting.entries, text_bytes=1000)
    return [_proofs(setting, made), _bundles(setting, made), _receipts(setting)]


def _proofs(setting: Setting, made: world.World) -> Row:
    given = [(one.anchors[0].proof.encode(), one.entry.leaf_hash()) for one in made.bundles]
    hashes = len(made.bundles[0].anchors[0].proof.hashes)

    def ours() -> None:
        for data, leaf in given:
            check_proof(parse_tlog_proof(data), leaf=leaf, origin=world.ORIGIN, trust=made.trust)

    def bare() -> None:
        node = bytes(32)
        for _ in given:
            for _ in range(hashes + 1):
                node = sha256(b"\x01" + node + node).digest()

    count = len(given)
    program = setting.peers.python("peer_ots", "verify", hashes)
    peer = asked(program, f"OpenTimestamps, {hashes} hashes a proof", str(count), lambda seconds: count / seconds)
    return compare(
        "verify.proofs",
        f"proofs of {hashes} hashes that share a checkpoint, parsed and verified",
        "/s",
        rate(count, ours),
        floor=Side("the hashes alone", rate(count, bare)),
        peer=peer,
        runs=setting.runs,
        aim=Aim("≥", 50_000),
    )


def _bundles(setting: Setting, made: world.World) -> Row:
    given = [one.encode() for one in made.bundles]

    def ours() -> None:
        for data in given:
            report = verify(parse_bundle(data), trust=made.trust, evidence=made.evidence, now=world.NOW)
            if report.verdict is not Verdict.MATCH:
                raise ValueError(f"a bundle that should match came to {report.verdict}")

    def bare() -> None:
        for data in given:
            json.dumps(json.loads(data))
            sha256(data).digest()

    return compare(
        "verify.bundles",
        "whole bundles with a text of 1 kB that share checkpoint and anchor, all checks",
        "/s",
        rate(len(given), ours),
        floor=Side("json.loads, json.dumps and one SHA-256", rate(len(given), bare)),
        runs=setting.runs,
        aim=Aim("≥", 50_000),
        note="the aim is above the floor: it was set for proofs without a text",
    )


def _receipts(setting: Setting) -> Row:
    head = Checkpoint(world.ORIGIN, setting.entries, bytes(32))
    header, proofs = world.receipt_proofs(head)
    parsed = parse_header(header)
    times = setting.size(10, 1)

    def ours() -> None:
        for _ in range(times):
            for index, nodes in enumerate(proofs):
                verify_anchored(
                    header=parsed,
                    tx_index=index,
                    log_position=0,
                    nodes=nodes,
                    registry=world.REGISTRY,
                    log_id=world.LOG_ID,
                )

    def bare() -> None:
        for _ in range(times):
            for nodes in proofs:
                for node in nodes:
                    keccak256(node)

    count = times * len(proofs)
    given = setting.scratch / "receipts.json"
    value = {"root": parsed.receipts_root.hex(), "proofs": [[node.hex() for node in nodes] for nodes in proofs]}
    given.write_text(json.dumps(value), encoding="utf-8")
    program = setting.peers.python("peer_trie", given)
    peer = asked(program, "trie.HexaryTrie.get_from_proof", "all", lambda seconds: len(proofs) / seconds)
    return compare(
        "verify.receipts",
        f"receipt proofs of one block of {len(proofs)} receipts, with the event read",
        "/s",
        rate(count, ours),
        floor=Side("Keccak-256 of every node", rate(count, bare)),
        peer=peer,
        runs=setting.runs,
        aim=Aim("≥", 20_000),
    )
