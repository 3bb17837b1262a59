"""`notary key rotate log` between two anchors on a real node: what either key signed is believed, by both verifiers."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import open_services
from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.logchecks import wanted
from notary.core.note import parse_note, sign_note
from notary.core.verify import Verdict
from notary.datadir import DataDir
from notary.ethereum.evidence import gather
from notary.logkey import LogKey, load_log_key
from notary.model.tenants import Tenant
from notary.service.services import Services
from notary.service.submit import Submission
from notary.web.app import create_app
from tests import verify_case
from tests.auditing import served_from
from tests.endpoint import serve
from tests.node import logs
from tests.node.anvil import Anvil
from tests.parity.answers import node_answers
from tests.program import Done, call
from tests.verify_case import Case
from tests.worlds import World

pytestmark = pytest.mark.node


def anchored(services: Services, node: Anvil, tenant: Tenant, number: int) -> bytes:
    """Submit a document, have it anchored, and return its leaf hash."""
    with logs.working(services):
        submission = Submission(text=logs.text(number), document=f"notice-{number}")
        leaf = services.submissions.submit(tenant, submission).leaf_hash
        logs.finalize(node, services, leaf)
    return leaf


def answers(node: Anvil, services: Services, leaf: bytes, trust: bytes) -> Case:
    """Return what both verifiers say of an entry's bundle, which must be the same."""
    data = services.bundles.bundle(leaf)
    evidence = ChainEvidence(gather([node.url], wanted(parse_bundle(data))))
    case = verify_case.case("", World(), data, trust=trust, evidence=evidence) | {"now": services.clock.now_ms()}
    [theirs], ours = node_answers([case], lambda: verify_case.run(case))
    assert theirs == ours
    report: Case = ours["report"]
    return report


def outcome(report: Case, name: str) -> tuple[str, str]:
    [check] = [check for check in report["checks"] if check["name"] == name]
    return check["status"], check["code"]


def signed(key: LogKey, note: bytes) -> bytes:
    """Return the checkpoint of a note, signed with another key."""
    head: Checkpoint = parse_checkpoint(parse_note(note).text)
    return sign_note(head.encode(), name=key.name, sign=key.sign, public=key.public)


@pytest.mark.slow
def test_what_both_keys_signed_is_believed(node: Anvil, tmp_path: Path) -> None:
    directory: DataDir = logs.make_log(tmp_path / "log", node)
    settings = logs.settings(directory)
    old_key = load_log_key(directory.log_key, name=settings.origin)
    with closing(open_services(settings)) as services:
        services.ensure_manifest()
        tenant = logs.publisher(services)
        first = anchored(services, node, tenant, 1)
        old_trust = services.reader.trust_file()
    assert call("key", "rotate", "log", "--data", directory.root).code == 0
    with closing(open_services(settings)) as services:
        second = anchored(services, node, tenant, 2)
        trust = services.reader.trust_file()
        for leaf in (first, second):
            report = answers(node, services, leaf, trust)
            assert (report["verdict"], outcome(report, "checkpoint")) == (Verdict.MATCH, ("pass", "signed"))
            assert outcome(report, "current") == ("pass", "current")
        # Who still has the old file believes what the old key signed, the anchor among it, and nothing since.
        report = answers(node, services, first, old_trust)
        assert outcome(report, "checkpoint") == ("pass", "signed")
        assert outcome(report, "current") == ("fail", "current-statement-invalid")
        report = answers(node, services, second, old_trust)
        assert outcome(report, "checkpoint") == ("fail", "no-known-signature")
        assert report["verdict"] == Verdict.REFUTED
        check_audits(services, node, tmp_path, trust=trust, old_trust=old_trust, old_key=old_key)
    done = call("fsck", "--data", directory.root)
    assert done.code == 0, done.err
    assert call("key", "rotate", "log", "--data", directory.root).code == 0
    with closing(open_services(settings)) as services:
        third = anchored(services, node, tenant, 3)
        for leaf in (first, second, third):
            report = answers(node, services, leaf, services.reader.trust_file())
            assert report["verdict"] == Verdict.MATCH
    shown = call("key", "show", "--data", directory.root).json
    assert [key.get("last") for key in shown["vkeys"]] == [2, 4, None]
    assert shown["vkey"] == shown["vkeys"][-1]["vkey"]


def test_an_older_copy_than_the_registry_knows_keeps_its_key(node: Anvil, tmp_path: Path) -> None:
    directory: DataDir = logs.make_log(tmp_path / "log", node)
    settings = logs.settings(directory)
    with closing(open_services(settings)) as services:
        services.ensure_manifest()
        tenant = logs.publisher(services)
    shutil.copytree(directory.root, tmp_path / "older")
    with closing(open_services(settings)) as services:
        anchored(services, node, tenant, 1)
    before = (tmp_path / "older" / "keys" / "log.pem").read_bytes()
    done = call("key", "rotate", "log", "--data", tmp_path / "older")
    assert (done.code, "registry-ahead" in done.err) == (1, True), done.err
    assert [one.name for one in (tmp_path / "older" / "keys").glob("log.pem*")] == ["log.pem"]
    assert (tmp_path / "older" / "keys" / "log.pem").read_bytes() == before


def check_audits(
    services: Services, node: Anvil, folder: Path, *, trust: bytes, old_trust: bytes, old_key: LogKey
) -> None:
    """Audit the log as it is, with the file of before, and where the old key signs beyond its range."""
    (folder / "trust.json").write_bytes(trust)
    (folder / "old.json").write_bytes(old_trust)
    app = create_app(services, services.settings)

    def audit(name: str, *, by: LogKey | None = None) -> Done:
        def change(path: str, data: bytes) -> bytes:
            return data if by is None or path != "checkpoint" else signed(by, data)

        with serve(served_from(app, change=change)) as endpoint:
            return call("audit", f"{endpoint.url}/log", "--trust", folder / name, "--rpc", node.url, "--json")

    def checkpoint(done: Done) -> tuple[str, str]:
        return outcome(done.json, "checkpoint")

    done = audit("trust.json")
    assert (done.code, done.json["verdict"], done.json["findings"]) == (0, "clean", [])
    done = audit("old.json")
    assert (done.code, checkpoint(done)) == (1, ("fail", "no-known-signature"))
    # A thief of the old key, or a process that still has it.
    done = audit("trust.json", by=old_key)
    assert (done.code, checkpoint(done)) == (1, ("fail", "no-known-signature"))
    # Where it fools who has the old file, the manifest gives it away.
    done = audit("old.json", by=old_key)
    assert done.code == 0
    assert "trust-outdated" in {finding["code"] for finding in done.json["findings"]}
