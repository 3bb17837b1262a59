"""A log on disk for tests of the web: real data directory, real SQLite, a client; anchors are made by hand.

The block that "anchors" the log is encoded here from the formats, so that every state of an entry can be had without a
node; the evidence stored from it passes the verifier's own checks. Tests against a node are under ``tests/node``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from notary.compose import init_log, open_services, open_settings
from notary.config import ChainSettings
from notary.core.evm import ANCHORED_TOPIC, parse_header
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.trie import prove_receipt, receipts_root
from notary.datadir import DataDir
from notary.model.anchors import Anchor, AnchorProof, AnchorState, Place, Target
from notary.model.operating import Heartbeat
from notary.service.health import ANCHOR, INTEGRATE
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.web.app import create_app
from tests import backends
from tests.worlds import CODEHASH, GENESIS, LOG_ID, REGISTRY, header

ORIGIN = "log.example/2026"
CHAIN_ID = 31337
BLOCK = 1204
TITLE = "Old Mill Bridge closed to heavy vehicles"
TEXT = f"{TITLE}\nVehicles over 7.5 tonnes may not cross it until further notice.\nCars are not affected.\n"


@dataclass
class WebLog:
    """One log, its application and a publisher's key."""

    root: Path
    development: bool = True
    services: Services = field(init=False)
    app: Flask = field(init=False)
    client: FlaskClient = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the data directory with a chain in its settings, and open it."""
        init_log(self.root, origin=ORIGIN, development=self.development, storage=backends.storage())
        DataDir(self.root).add_chain(
            ChainSettings(
                rpc=("http://127.0.0.1:1/secret-path",),
                chain_id=CHAIN_ID,
                genesis=GENESIS,
                registry=REGISTRY,
                registry_codehash=CODEHASH,
                log_id=LOG_ID,
                keystore=Path("keys/chain.json"),
                password_file=Path("keys/chain.password"),
                endpoints=(),
            )
        )
        settings = open_settings(self.root, environ={})
        self.services = open_services(settings)
        self.services.ensure_manifest()
        self.app = create_app(self.services, settings)
        self.client = self.app.test_client()
        self.token = self.services.publishers.new_key("City Roads Office")

    def close(self) -> None:
        """Give the database back."""
        self.services.close()

    def auth(self, **headers: str) -> dict[str, str]:
        """Return the headers of an authorised request."""
        return {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}

    def post(self, body: dict[str, Any], **headers: str) -> TestResponse:
        """Submit ``body`` as JSON."""
        return self.client.post("/api/v1/entries", json=body, headers=self.auth(**headers))

    def submit(self, text: str = TEXT, **fields: Any) -> str:
        """Submit a text that must be accepted, and return its leaf hash."""
        response = self.post({"text": text, **fields})
        assert response.status_code == 201, response.text
        return str(response.json["leaf_hash"]) if response.json else ""

    def integrate(self) -> None:
        """Do what the worker's integration loop does."""
        integrator = Integrator(self.services.store, self.services.signer, self.services.clock)
        while integrator.step():
            pass

    def beat(self, *, problem: tuple[str, str] | None = None) -> None:
        """Give both loops of the worker a sign of life, now."""
        code, sentence = problem or (None, None)
        with self.services.store.write() as view:
            for name in (INTEGRATE, ANCHOR):
                view.beat(Heartbeat(name, self.services.clock.now_ms(), code, sentence if name == ANCHOR else None))

    def anchor(self, state: AnchorState = AnchorState.PROVEN, *, block_time: int | None = None) -> Anchor:
        """Bring an anchor of the newest checkpoint to ``state``; a final block is BLOCK, at ``block_time``."""
        target = Target(CHAIN_ID, REGISTRY, LOG_ID)
        now = self.services.clock.now_ms()
        with self.services.store.write() as view:
            head = view.checkpoint()
            assert head is not None
            anchor = view.anchor_in_flight(target)
            if anchor is None:
                anchor = view.add_anchor(target=target, size=head.size, root=head.root, time=now, reason="a test")
            proof = self._proof(anchor, now // 1000 if block_time is None else block_time)
            steps = list(AnchorState)
            for step in steps[steps.index(anchor.state) + 1 : steps.index(state) + 1]:
                placed = steps.index(step) >= steps.index(AnchorState.INCLUDED)
                place = Place(bytes([0xAB]) * 32, BLOCK, proof.block_hash) if placed else None
                if step is AnchorState.PROVEN:
                    view.add_captured(anchor.id, proof)
                anchor = view.move_anchor(anchor, state=step, time=now, reason="a test", place=place)
        return anchor

    def _proof(self, anchor: Anchor, block_time: int) -> AnchorProof:
        data = anchor.size.to_bytes(32, "big") + anchor.root + bytes(32)
        event: list[Rlp] = [REGISTRY, [ANCHORED_TOPIC, LOG_ID], data]
        receipt = b"\x02" + encode([b"\x01", encode_integer(52_700), bytes(256), [event]])
        raw = header(receipts_root([receipt]), number=BLOCK, timestamp=block_time)
        return AnchorProof(
            block_number=BLOCK,
            block_hash=parse_header(raw).hash,
            header=raw,
            tx_index=0,
            log_position=0,
            nodes=tuple(prove_receipt([receipt], 0)),
        )

    def final(self, text: str = TEXT, **fields: Any) -> str:
        """Submit a text and bring it to ``final``."""
        leaf = self.submit(text, **fields)
        self.integrate()
        self.anchor()
        return leaf

    def get_json(self, path: str) -> Any:
        """Return the JSON of a GET that must succeed."""
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        return json.loads(response.data)
