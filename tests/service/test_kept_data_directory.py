"""Data directories of earlier versions are opened, serve what they served, and go on."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import open_services, open_settings
from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.trust import parse_trust
from notary.core.verify import Verdict, verify
from notary.service.integrate import Integrator
from notary.service.submit import Submission

# What earlier versions left are SQLite files.
pytestmark = pytest.mark.only_on("sqlite")

FIXTURES = Path(__file__).parent.parent / "fixtures"
KEPT = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    shutil.copytree(request.param, folder)
    # git does not keep these modes.
    (folder / "log" / "keys").chmod(0o700)
    (folder / "log" / "keys" / "log.pem").chmod(0o600)
    return folder


def test_there_is_one() -> None:
    assert KEPT


def test_every_entry_is_served_and_verifies(kept: Path) -> None:
    trust = parse_trust((kept / "trust.json").read_bytes())
    entries = json.loads((kept / "entries.json").read_bytes())
    verdicts = set()
    with closing(open_services(open_settings(kept / "log", environ={}))) as services:
        assert services.reader.trust_file() == (kept / "trust.json").read_bytes()
        for leaf, expected in entries.items():
            bundle = parse_bundle(services.bundles.bundle(bytes.fromhex(leaf)))
            assert bundle.entry.leaf_hash().hex() == leaf
            evidence = ChainEvidence(pinned=frozenset({bytes.fromhex(expected["header"])}), offline=True)
            verdicts.add(verify(bundle, trust=trust, evidence=evidence, now=bundle.entry.time).verdict)
    assert verdicts == {Verdict.MATCH, Verdict.OLDER_REVISION, Verdict.RETRACTED}


def test_it_goes_on(kept: Path) -> None:
    with closing(open_services(open_settings(kept / "log", environ={}))) as services:
        size = services.reader.size()
        tenant = services.publishers.authenticate((kept / "publisher.key").read_text("ascii").strip())
        accepted = services.submissions.submit(tenant, Submission(text=b"Title\nA new line\n", kind="plain"))
        assert accepted.index == size
        integrator = Integrator(services.store, services.signer, services.clock)
        while integrator.step():
            pass
        assert services.reader.size() == size + 1
        assert services.reader.summary(accepted.leaf_hash).state == "integrated"
