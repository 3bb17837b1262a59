"""Bundles: everything that is known about one entry, put together and checked with the verifier's own checks."""

from __future__ import annotations

from notary.config import Settings
from notary.core import jcs, merkle
from notary.core.bundle import Bundle, Current, Later, Meta
from notary.core.current import CurrentStatement
from notary.core.entry import Entry
from notary.core.logchecks import check_proof
from notary.core.manifest import Manifest
from notary.core.meta import parse_meta
from notary.core.note import sign_note, verifier_key
from notary.core.outcome import CheckStatus
from notary.core.revision import why_not_a_revision
from notary.core.tilecache import TileCache
from notary.core.tlogproof import TlogProof
from notary.core.trust import Trust
from notary.core.verify import REQUIRED, Report, verify
from notary.errors import IntegrityError, InvalidNote, NotFound, Overloaded, ProofFailed
from notary.model.log import Disclosure, LeafKind, SignedHead, StoredEntry
from notary.ports import Clock, LogStore, ReadView, Signer
from notary.service.evidence import bundle_anchor, own_evidence, parse_entry, prove, trust_of
from notary.service.logkeys import keys_of
from notary.service.manifests import latest_manifest

MAX_LATER = 1000


class Bundles:
    """Makes bundles and the log's statements about revisions."""

    def __init__(self, store: LogStore, signer: Signer, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._settings = settings
        self._tiles = TileCache()

    def bundle(self, leaf_hash: bytes) -> bytes:
        """Return the bundle file of an entry, after checking it as a reader would.

        Raises :class:`NotFound` (``no-such-entry``), :class:`IntegrityError` (``bundle-refuted``) rather than hand out
        evidence that does not hold, and :class:`Overloaded` (``key-replaced``) as :meth:`current`.
        """
        with self._store.read() as view:
            stored = stored_entry(view, leaf_hash)
            result = self.build(view, stored)
            self.check(result, self.trust(view), proven=bool(result.anchors))
        return result.encode()

    def tlog_proof(self, leaf_hash: bytes) -> bytes:
        """Return the proof, checked, that an entry is in the tree of the newest checkpoint (C2SP tlog-proof).

        Raises :class:`NotFound` (``no-such-entry``; ``not-integrated`` until a checkpoint covers the entry), and
        :class:`IntegrityError` (``proof-refuted``) rather than hand out a proof that does not hold.
        """
        with self._store.read() as view:
            stored = stored_entry(view, leaf_hash)
            head = view.checkpoint(at_least=stored.index + 1)
            if head is None:
                raise NotFound(
                    "The entry is accepted, but no checkpoint covers it yet; try again in a second.",
                    code="not-integrated",
                )
            proof = self._prove(view, stored, head)
            trust = self.trust(view)
        try:
            check_proof(proof, leaf=merkle.leaf_hash(stored.data), origin=self._settings.origin, trust=trust)
        except (InvalidNote, ProofFailed) as error:
            raise IntegrityError(
                f"The proof of {leaf_hash.hex()} does not hold: {error.message}", code="proof-refuted"
            ) from error
        return proof.encode()

    def current(self, leaf_hash: bytes) -> bytes | None:
        """Return the log-signed statement of which entry is the latest of this entry's document.

        None where the entry belongs to no document or is not integrated yet. Raises :class:`NotFound`, and
        :class:`Overloaded` (``key-replaced``) where this process must be started again.
        """
        with self._store.read() as view:
            stored = stored_entry(view, leaf_hash)
            head = view.checkpoint(at_least=stored.index + 1)
            current = None if head is None else self._current(view, stored, head)
        return None if current is None else current.statement

    def trust(self, view: ReadView) -> Trust:
        """Return the trust that the log suggests. Raises :class:`IntegrityError` (``no-manifest``)."""
        return trust_of(_manifest(view), self._settings)

    def build(self, view: ReadView, stored: StoredEntry) -> Bundle:
        """Return the bundle of a stored entry as the snapshot has it."""
        disclosure = view.disclosure(stored.index) or Disclosure(text=None, title=None, meta=None, salt=None)
        head = view.checkpoint(at_least=stored.index + 1)
        anchors = []
        for anchor in view.covering_anchors(index=stored.index):
            captured = view.captured(anchor.id)
            signed = view.checkpoint_of(anchor.size)
            if captured is not None and signed is not None:
                anchors.append(bundle_anchor(anchor, captured, self._prove(view, stored, signed)))
        return Bundle(
            entry=parse_entry(stored),
            anchors=tuple(anchors),
            text=None if disclosure.text is None else disclosure.text.decode(),
            meta=_meta(disclosure),
            profile=_profile(disclosure),
            proof=self._prove(view, stored, head) if head is not None and not anchors else None,
            current=None if head is None else self._current(view, stored, head),
        )

    def check(self, bundle: Bundle, trust: Trust, *, proven: bool) -> Report:
        """Verify ``bundle`` against the log's own trust, its blocks taken as canonical; the worker has seen them final.

        Raises :class:`IntegrityError` (``bundle-refuted``) where a check fails, or with ``proven`` does not pass.
        """
        evidence = own_evidence(bundle, trust)
        report = verify(bundle, trust=trust, evidence=evidence, now=self._clock.now_ms())
        for check in report.checks:
            superseded = check.name == "current" and check.outcome.code in {"older-revision", "retracted"}
            missing = proven and check.name in REQUIRED and check.outcome.status is not CheckStatus.PASS
            erased = check.name == "text" and bundle.text is None
            if (check.outcome.status is CheckStatus.FAIL and not superseded) or (missing and not erased):
                leaf = bundle.entry.leaf_hash().hex()
                raise IntegrityError(
                    f"The bundle of {leaf} does not hold: {check.name}: {check.outcome.detail}", code="bundle-refuted"
                )
        return report

    def _prove(self, view: ReadView, stored: StoredEntry, head: SignedHead) -> TlogProof:
        return prove(view, index=stored.index, head=head, cache=self._tiles)

    def _may_sign(self, view: ReadView, size: int) -> bool:
        """Say whether our key is the one for this size; a new key has to wait for the next checkpoint.

        Raises :class:`Overloaded` (``key-replaced``) where the log has another key by now than this process.
        """
        keys = keys_of(_manifest(view))
        if keys.newest.vkey != verifier_key(self._signer.name, self._signer.public):
            raise Overloaded(
                "The log's key was replaced, and this server has the old one: it has to be restarted.",
                code="key-replaced",
            )
        return keys.newest.covers(size)

    def _current(self, view: ReadView, stored: StoredEntry, head: SignedHead) -> Current | None:
        if stored.document is None or stored.tenant_id is None or not self._may_sign(view, head.size):
            return None
        revisions = view.revisions(tenant_id=stored.tenant_id, document=stored.document)
        steps = [one for one in revisions if stored.index < one.index < head.size]
        if len(steps) > MAX_LATER:
            return None
        earlier = parse_entry(stored)
        later: list[Later] = []
        for step in steps:
            entry = parse_entry(step)
            _require_revision(earlier, entry)
            later.append(Later(entry=entry, proof=self._prove(view, step, head)))
            earlier = entry
        statement = CurrentStatement(
            origin=earlier.record.origin,
            publisher=earlier.record.publisher.id,
            document=stored.document,
            latest=earlier.leaf_hash(),
            size=head.size,
            root=head.root,
            time=self._clock.now_ms(),
        )
        note = sign_note(statement.encode(), name=self._signer.name, sign=self._signer.sign, public=self._signer.public)
        return Current(statement=note, later=tuple(later))


def stored_entry(view: ReadView, leaf_hash: bytes) -> StoredEntry:
    """Return the entry with this leaf hash. Raises :class:`NotFound` (``no-such-entry``), also for manifests."""
    stored = view.entry(leaf_hash)
    if stored is None or stored.kind is not LeafKind.ENTRY:
        raise NotFound(f"There is no entry {leaf_hash.hex()} in this log.", code="no-such-entry")
    return stored


def _manifest(view: ReadView) -> Manifest:
    manifest = latest_manifest(view)
    if manifest is None:
        raise IntegrityError("The log has no manifest.", code="no-manifest")
    return manifest


def _meta(disclosure: Disclosure) -> Meta | None:
    if disclosure.meta is None or disclosure.salt is None:
        return None
    value = jcs.loads_exact(disclosure.meta, max_bytes=len(disclosure.meta))
    return Meta(salt=disclosure.salt, value=parse_meta(value))


def _profile(disclosure: Disclosure) -> dict[str, jcs.Json] | None:
    if disclosure.profile is None:
        return None
    value = jcs.loads_exact(disclosure.profile, max_bytes=len(disclosure.profile))
    if not isinstance(value, dict):
        raise IntegrityError("A stored profile is not an object.", code="profile-broken")
    return value


def _require_revision(earlier: Entry, later: Entry) -> None:
    reason = why_not_a_revision(earlier=earlier, later=later)
    if reason is not None:
        raise IntegrityError(
            f"Entry {later.leaf_hash().hex()} does not revise {earlier.leaf_hash().hex()}: {reason}.",
            code="broken-revisions",
        )
