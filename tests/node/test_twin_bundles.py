"""The JavaScript verifier in Node.js against Python: changed bundles by chance, and not one different result."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import Any

import pytest

from notary.core.verify import Verdict
from tests.parity.answers import differences, node_answers, python_answer
from tests.parity.changes import ROUND, make_bundle

pytestmark = pytest.mark.slow

ROUNDS = 58
AT_LEAST = 50
# All that checks can say but for what the form of a bundle rules out before (no-key, signature-length, hash-length)
# and what would take a collision (ambiguous-key).
CODES = {
    "record": "record meta-mismatch meta-not-in-record profile-mismatch profile-not-in-record",
    "text": "text lines-mismatch no-text not-disclosed not-revealed text-mismatch text-not-canonical "
    "text-not-in-record",
    "copy": "no-copy identical identical-file same-page same-text same-text-with-unchecked changed "
    "typography-only not-revealed no-profile invalid-profile page-too-deep profile-overlap "
    "selected-hidden selector-ambiguous selector-no-match",
    "publisher": "signed unsigned signature-high-s signature-invalid signature-other-key signature-range signature-v",
    "inclusion": "included pending index-out-of-range proof-length root-mismatch size-out-of-range wrong-origin",
    "checkpoint": "signed pending no-trust log-not-trusted bad-signature no-known-signature unknown-signature "
    "wrong-origin",
    "anchor": "anchored pending no-trust log-not-trusted chain-not-trusted wrong-registry anchored-another-head "
    "event-address event-data event-size event-topics header-fields header-too-large log-position "
    "receipt-failed receipt-fields receipt-status receipt-type rlp-depth rlp-integer rlp-length "
    "rlp-not-canonical rlp-trailing-bytes rlp-truncated rlp-type transaction-index trie-key-absent "
    "trie-node-mismatch trie-node-missing trie-node-shape trie-node-unused "
    "anchored-in-storage not-in-storage storage-unavailable offline no-endpoint endpoint-failed wrong-chain "
    "wrong-genesis wrong-registry-code no-finality not-final header-not-pinned sources-disagree",
    "chain": "final-block final-height pinned-header pending block-not-canonical block-unavailable endpoint-failed "
    "header-not-pinned no-endpoint no-finality no-trusted-chain not-final offline sources-disagree "
    "wrong-chain wrong-genesis wrong-registry-code header-fields header-too-large rlp-depth rlp-integer "
    "rlp-length rlp-not-canonical rlp-trailing-bytes rlp-truncated rlp-type",
    "current": "current no-document no-statement no-trust log-not-trusted statement-stale older-revision retracted "
    "current-of-another current-statement-invalid current-without-document later-incomplete "
    "later-not-a-revision later-not-proven",
}


def outcomes(answer: dict[str, Any]) -> list[str]:
    """Return the verdict and how each check ended, or the error."""
    if "error" in answer:
        return ["verdict invalid", f"error {answer['error']}"]
    report = answer["report"]
    return [f"verdict {report['verdict']}", *(f"{check['name']} {check['code']}" for check in report["checks"])]


def test_bundles(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("NOTARY_FUZZ_SEED") or random.randrange(10**9))
    vectors = [make_bundle(seed, number) for number in range(ROUNDS * ROUND)]
    theirs, ours = node_answers(vectors, lambda: [python_answer(vector) for vector in vectors])
    counts = Counter(outcome for answer in ours for outcome in outcomes(answer))
    with capsys.disabled():
        print(f"\n{len(vectors)} bundles, seed {seed} (NOTARY_FUZZ_SEED={seed} repeats them)")
        print("\n".join(f"{count:6}  {outcome}" for outcome, count in sorted(counts.items())))
    found = differences(vectors, ours, theirs)
    assert not found, f"{len(found)} differences, seed {seed}\n" + "\n".join(map(json.dumps, found[:5]))
    # A search in a log is what says that nothing was found.
    wanted = {f"verdict {verdict}" for verdict in Verdict} - {"verdict not-found"}
    wanted |= {f"{name} {code}" for name, codes in CODES.items() for code in codes.split()}
    assert {outcome for outcome in counts if not outcome.startswith("error")} == wanted
    assert {outcome: counts[outcome] for outcome in wanted if counts[outcome] < AT_LEAST} == {}
