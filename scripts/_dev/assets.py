"""The built JavaScript: what pages load, bundled from the modules in ``notary/web/static`` with the locked esbuild.

It is not in git. ``manifest.json`` is written last and names the sources by a digest, so that what is half-made, or
made from other sources, does not count. Packages hold what was built: whoever installs one needs no Node.js.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from scripts._dev.paths import ROOT, VENV_PYTHON, child_environment, digest
from scripts._dev.say import SetupError, saying

STATIC = ROOT / "notary" / "web" / "static"
BUILT = STATIC / "built"
MANIFEST = "manifest.json"
BUNDLER = Path(__file__).with_name("bundle.mjs")
VERIFIER = "notary-verifier.html"
# What else the saved verifier is made from: how it looks, and what it says.
VERIFIER_SOURCES = (
    "scripts/_dev/verifier.html",
    "scripts/_dev/verifier.py",
    "notary/web/static/notary.css",
    "notary/web/explain.py",
    "notary/web/offline.py",
    "notary/web/strings.py",
    "notary/web/translations/zh_Hans/LC_MESSAGES/messages.po",
    "notary/web/words.py",
)
# Where its SHA-256 is printed, as sha256sum prints it.
PRINTED_IN = ("README.md", "docs/pages.md", "CHANGELOG.md")
PRINTED = re.compile(r"\b[0-9a-f]{64}(?=  notary-verifier\.html$)", re.MULTILINE)

ADVICE = "The JavaScript of the pages is missing or out of date: run scripts/build-assets."


def is_current() -> bool:
    """Tell whether what is built is whole and made from the sources as they are."""
    try:
        manifest = json.loads((BUILT / MANIFEST).read_text(encoding="utf-8"))
        files = [name for page in manifest["pages"].values() for name in (page["script"], *page["parts"])]
        files.append(manifest["verifier"])
        return manifest["sources"] == _sources_digest() and all((BUILT / name).is_file() for name in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def ensure(node: Path) -> None:
    """Make ``is_current`` true; ``node_modules`` is in place, and the caller holds the set-up lock."""
    if is_current():
        return
    with saying("bundling the JavaScript of the pages into notary/web/static/built"):
        build(node, BUILT)


def build(node: Path, folder: Path) -> None:
    """Put what pages load into ``folder``, in place of whatever is there."""
    with tempfile.TemporaryDirectory(prefix=".building-", dir=STATIC.parent) as scratch:
        made = Path(scratch, "built")
        sources = _sources_digest()
        pages = _bundle(node, made)
        _make_verifier(made)
        manifest = {"sources": sources, "pages": pages, "verifier": VERIFIER}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


def verifier_sha256() -> str:
    """Give the SHA-256 of the saved verifier, as it is built."""
    return hashlib.sha256((BUILT / VERIFIER).read_bytes()).hexdigest()


def print_verifier() -> None:
    """Write the saved verifier's SHA-256 into the documents that tell readers what it is."""
    for name in PRINTED_IN:
        path = ROOT / name
        path.write_text(PRINTED.sub(verifier_sha256(), path.read_text(encoding="utf-8")), encoding="utf-8")


def _make_verifier(folder: Path) -> None:
    script = folder / "verifier.js"
    command = [str(VENV_PYTHON), "-m", "scripts._dev.verifier", str(script), str(folder / VERIFIER)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SetupError(f"the saved verifier could not be made:\n{done.stderr.strip()}")
    script.unlink()


def _bundle(node: Path, folder: Path) -> Any:
    done = subprocess.run(
        [str(node), str(BUNDLER), str(folder)],
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise SetupError(f"esbuild could not bundle the JavaScript of the pages:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def _sources_digest() -> str:
    names = [
        path.relative_to(ROOT).as_posix() for folder in ("verify", "ui") for path in (STATIC / folder).rglob("*.js")
    ]
    return digest(*sorted(names), *VERIFIER_SOURCES, "package-lock.json", BUNDLER.relative_to(ROOT).as_posix())
