"""The built JavaScript: what pages load, bundled from the modules in ``notary/web/static`` with the locked esbuild.

It is not in git. ``manifest.json`` is written last and names the sources by a digest, so that what is half-made, or
made from other sources, does not count. Packages hold what was built: whoever installs one needs no Node.js.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from scripts._dev.paths import ROOT, child_environment, digest
from scripts._dev.say import SetupError, saying

STATIC = ROOT / "notary" / "web" / "static"
BUILT = STATIC / "built"
MANIFEST = "manifest.json"
BUNDLER = Path(__file__).with_name("bundle.mjs")

ADVICE = "The JavaScript of the pages is missing or out of date: run scripts/build-assets."


def is_current() -> bool:
    """Tell whether what is built is whole and made from the sources as they are."""
    try:
        manifest = json.loads((BUILT / MANIFEST).read_text(encoding="utf-8"))
        files = [name for page in manifest["pages"].values() for name in (page["script"], *page["parts"])]
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
        manifest = {"sources": sources, "pages": pages}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


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
    return digest(*sorted(names), "package-lock.json", BUNDLER.relative_to(ROOT).as_posix())
