"""The versions of all formats that this code reads and writes."""

from __future__ import annotations

from notary.core.jcs import Json

VERSIONS: dict[str, Json] = {
    "text": "text/1",
    "profile": "notary-profile/1",
    "record": "notary-record/1",
    "entry": "notary-entry/1",
    "manifest": "notary-manifest/1",
    "meta": "notary-meta/1",
    "current": "notary-current/1",
    "bundle": "notary-bundle/1",
    "trust": "notary-trust/1",
    # Version 2 of both is written only where version 1 cannot say it.
    "bundle-with-storage": "notary-bundle/2",
    "trust-with-depth": "notary-trust/2",
    "tlog-proof": "c2sp.org/tlog-proof@v1",
}
