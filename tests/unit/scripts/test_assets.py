"""What is built counts only if it is whole and made from the sources as they are; no package is made without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatch_build import CustomBuildHook
from scripts._dev import assets, paths


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out sources, and what would be built from them."""
    static = tmp_path / "notary" / "web" / "static"
    for name in ("verify/verify.js", "ui/pages/entry.js", "built/entry-1.js", "built/part-2.js"):
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text("1;\n", encoding="utf-8")
    bundler = tmp_path / "scripts" / "_dev" / "bundle.mjs"
    bundler.parent.mkdir(parents=True, exist_ok=True)
    bundler.write_text("2;\n", encoding="utf-8")
    for name in assets.VERIFIER_SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("4\n", encoding="utf-8")
    (static / "built" / assets.VERIFIER).write_text("<!doctype html>", encoding="utf-8")
    (tmp_path / "package-lock.json").write_text("{}\n", encoding="utf-8")
    for module in (paths, assets):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "STATIC", static)
    monkeypatch.setattr(assets, "BUILT", static / "built")
    monkeypatch.setattr(assets, "BUNDLER", bundler)
    pages = {"entry": {"script": "entry-1.js", "parts": ["part-2.js"]}}
    manifest = {"sources": assets._sources_digest(), "pages": pages, "verifier": assets.VERIFIER}
    (static / "built" / assets.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return static


def test_what_is_whole_and_up_to_date_counts(built: Path) -> None:
    assert (built / "built").is_dir()
    assert assets.is_current()


@pytest.mark.parametrize("name", ["verify/verify.js", "ui/pages/entry.js", "notary.css", "../strings.py"])
def test_changed_sources_make_it_out_of_date(built: Path, name: str) -> None:
    (built / name).write_text("3;\n", encoding="utf-8")
    assert not assets.is_current()


def test_a_new_module_makes_it_out_of_date(built: Path) -> None:
    (built / "ui" / "new.js").write_text("", encoding="utf-8")
    assert not assets.is_current()


@pytest.mark.parametrize("name", ["entry-1.js", "part-2.js", assets.VERIFIER, assets.MANIFEST])
def test_what_is_half_made_does_not_count(built: Path, name: str) -> None:
    (built / "built" / name).unlink()
    assert not assets.is_current()


@pytest.mark.parametrize("content", ["", "[]", '{"pages": {}}', '{"pages": {"entry": 1}}'])
def test_a_damaged_manifest_does_not_count(built: Path, content: str) -> None:
    (built / "built" / assets.MANIFEST).write_text(content, encoding="utf-8")
    assert not assets.is_current()


def hook(root: Path) -> CustomBuildHook:
    return CustomBuildHook(str(root), {}, None, None, str(root), "wheel")  # type: ignore[arg-type]


def test_a_package_without_it_is_refused(built: Path) -> None:
    hook(built).initialize("standard", {})
    (built / "built" / "entry-1.js").unlink()
    hook(built).initialize("editable", {})
    with pytest.raises(RuntimeError, match="run scripts/build-assets"):
        hook(built).initialize("standard", {})
