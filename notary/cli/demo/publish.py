"""Submitting the samples through the public API, as a publisher would, and keeping what a publisher keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from notary.cli import files, output
from notary.cli.demo.folder import Folder, write_once
from notary.cli.demo.pages import PAGES, PageSample, copies
from notary.cli.demo.samples import REVISED, SAMPLES, Revised, Sample
from notary.client.api import LogClient
from notary.core import jcs
from notary.core.bundle import parse_bundle
from notary.core.html import canonical_page
from notary.core.jcs import Json
from notary.core.profile import parse_profile
from notary.core.text import canonical_plain
from notary.errors import EndpointFailed, Overloaded

_FINAL_SECONDS = 120.0


class Wait(Protocol):
    """Waits for a condition while the demonstration is kept alive."""

    def __call__(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Return when ``ready()``."""
        ...


class Publisher:
    """The demonstration's publisher."""

    def __init__(self, folder: Folder, server: str, *, wait: Wait) -> None:
        """Publish at ``server`` with the key in the folder."""
        self._folder = folder
        self._client = LogClient(server, key=folder.key.read_text("utf-8").strip())
        self._wait = wait

    def publish_samples(self) -> None:
        """Submit every sample and page, wait until all are final on chain, write texts, pages, copies and bundles.

        Submitting again what is logged already changes nothing, so a restart takes the same way.
        """
        leaves: dict[str, bytes] = {}
        for sample in SAMPLES:
            write_once(self._folder.samples / f"{sample.name}.txt", sample.text().encode())
            write_once(self._folder.altered / f"{sample.name}.txt", sample.altered().encode())
            leaves[sample.name] = self._submit(sample.text(), _fields(sample))
            output.note(f"demo: logged {sample.name}")
        for page in PAGES:
            leaves[page.name] = self._publish_page(page)
            output.note(f"demo: logged {page.name}, a page")
        for name, leaf in leaves.items():
            self._keep_bundle(leaf, f"bundles/{name}.bundle.json")
        output.note(f"demo: {len(leaves)} announcements are final on chain")

    def _publish_page(self, sample: PageSample) -> bytes:
        profile = sample.profile()
        write_once(self._folder.samples / f"{sample.name}.html", sample.data())
        write_once(self._folder.samples / f"{sample.name}.profile.json", jcs.dumps(profile) + b"\n")
        for copy in copies(sample):
            path = self._folder.page_copy(sample, copy)
            write_once(path, copy.data)
            if copy.profile is not None:
                write_once(path.with_suffix(".profile.json"), jcs.dumps(copy.profile) + b"\n")
        page = canonical_page(sample.data(), parse_profile(profile))
        return self._client.submit_page(sample.data(), page, {"profile": profile}, _fields(sample), wait=5).leaf_hash

    def publish_revisions(self) -> None:
        """Publish, correct and retract: bundles of the first versions are taken before and after."""
        for revised in REVISED:
            self._revise(revised)

    def _revise(self, revised: Revised) -> None:
        name = revised.original.name
        first = self._submit(revised.original.text(), _fields(revised.original))
        if not (self._folder.revisions / f"{name}.1-before.bundle.json").exists():
            self._keep_bundle(first, f"revisions/{name}.1-before.bundle.json")
        fields = {
            **_fields(revised.original),
            "status": revised.status,
            "previous": first.hex(),
            "note": revised.note,
        }
        second = self._submit(revised.revision, fields)
        self._keep_bundle(second, f"revisions/{name}.2-{revised.status}.bundle.json")
        self._keep_bundle(first, f"revisions/{name}.1-after.bundle.json")
        output.note(f"demo: {name} has a {revised.status}")

    def _submit(self, text: str, fields: dict[str, Json]) -> bytes:
        return self._client.submit(canonical_plain(text.encode()), fields, wait=5).leaf_hash

    def _keep_bundle(self, leaf: bytes, name: str) -> None:
        """Wait until the entry is final and write its bundle; one that has its anchor already is kept as it is."""
        path = self._folder.root / name
        if path.exists() and parse_bundle(path.read_bytes()).anchors:
            return
        self._wait(lambda: self._is_final(leaf), seconds=_FINAL_SECONDS, what=f"{name} to be final on chain")
        files.write_file(path, self._client.bundle_bytes(leaf))

    def _is_final(self, leaf: bytes) -> bool:
        try:
            return self._client.state(leaf) == "final"
        except (EndpointFailed, Overloaded):
            return False


def _fields(sample: Sample | PageSample) -> dict[str, Json]:
    return {"document": sample.name, "language": sample.language, "url": f"https://press.example/{sample.name}"}
