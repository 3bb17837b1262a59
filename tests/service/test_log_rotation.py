"""`notary key rotate log`: the old key signs one last checkpoint, the new one all that follow, and all are checked."""

from __future__ import annotations

from notary.compose import SystemClock
from notary.core.checkpoint import parse_checkpoint
from notary.core.manifest import KeyRange
from notary.core.note import VerifierKey, parse_note, verifier_key, verify_note
from notary.core.trust import parse_trust
from notary.service.fsck import Fsck
from notary.service.manifests import latest_manifest
from tests.program import Done, call
from tests.service.locallog import LocalLog


def rotate(log: LocalLog) -> Done:
    """Rotate as the command does, with nobody else there."""
    log.services.close()
    done = call("key", "rotate", "log", "--data", log.root)
    log.clock.now = SystemClock().now_ms()
    log.reopen()
    return done


def ranges(log: LocalLog) -> tuple[KeyRange, ...]:
    with log.services.store.read() as view:
        manifest = latest_manifest(view)
    assert manifest is not None
    return manifest.vkeys


def own_key(log: LocalLog) -> VerifierKey:
    return verifier_key(log.services.signer.name, log.services.signer.public)


def check_signatures(log: LocalLog) -> list[int]:
    """Require that every checkpoint is signed by the key that the trust file names for its size; return their sizes."""
    trust = parse_trust(log.services.reader.trust_file())
    with log.services.store.read() as view:
        heads = view.checkpoints(above=0, limit=1000)
    for head in heads:
        [key] = trust.keys_for(head.size)
        note = parse_note(head.note)
        verify_note(note, [key], strict=True)
        assert parse_checkpoint(note.text).size == head.size
    return [head.size for head in heads]


def check_whole(log: LocalLog) -> None:
    report = Fsck(log.services.store, log.services.signer, log.services.mark).run()
    assert (report.verdict, report.findings) == ("clean", ())


def test_the_new_key_signs_what_comes_after_the_manifest_that_names_it(log: LocalLog) -> None:
    first = log.submit(document="d")
    log.integrate()
    log.submit()  # waits
    old = own_key(log)
    done = rotate(log)
    assert done.code == 0, done.err
    new = own_key(log)
    assert new != old
    assert done.out.decode().strip() == new.encode()
    assert ranges(log) == (KeyRange(vkey=old.encode(), first=0, last=3), KeyRange(vkey=new.encode(), first=4))
    assert check_signatures(log)[-2:] == [3, 4]
    assert parse_trust(log.services.reader.trust_file()).fingerprint in done.err
    keys = {path.name: path.stat().st_mode & 0o777 for path in (log.root / "keys").iterdir()}
    assert keys == {"log.pem": 0o600, f"log.pem.{old.key_id.hex()}": 0o600}
    log.revise("d", first.leaf_hash)
    log.integrate()
    assert check_signatures(log)[-1] == 5
    # The service checks what it hands out with its own trust file, and the statement about revisions is the new key's.
    assert log.services.bundles.bundle(first.leaf_hash)
    current = log.services.bundles.current(first.leaf_hash)
    assert current is not None
    verify_note(parse_note(current), [new], strict=True)
    check_whole(log)
