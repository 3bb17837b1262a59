"""Entry of the scripts: ``python -m scripts._dev demo|test|bench|soak|build-assets|set-up ...``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts._dev import assets, tools
from scripts._dev.paths import ROOT, VENV, VENV_PYTHON
from scripts._dev.say import SetupError, say


def main(arguments: list[str]) -> int:
    """Do what the first argument names with the rest; exit 69 (service unavailable) when the set-up cannot be done."""
    command, rest = arguments[0], arguments[1:]
    try:
        if command == "demo":
            return _demo(rest)
        if command == "bench":
            return _bench(rest)
        if command == "soak":
            return _soak(rest)
        if command == "screenshots":
            return _screenshots()
        if command == "build-assets":
            return _build_assets(rest)
        if command == "set-up":
            tools.ensure(["test"], node_tools=True, development=True)
            return 0
        from scripts._dev import stages

        return stages.main(rest)
    except SetupError as error:
        for line in str(error).splitlines():
            say(line)
        return 69
    except KeyboardInterrupt:
        say("interrupted")
        return 130


def _demo(arguments: list[str]) -> int:
    tools.ensure([], node_tools=True)
    notary = str(VENV / "bin" / "notary")
    # The demo takes our place, so that a signal sent to us reaches it and nothing stands between.
    os.execve(notary, [notary, "demo", *arguments], tools.environment(node_tools=True))


def _bench(arguments: list[str]) -> int:
    tools.ensure([], node_tools=False)
    environment = tools.environment(node_tools=False) | {"PYTHONPATH": str(ROOT)}
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "scripts._bench", *arguments], environment)


def _soak(arguments: list[str]) -> int:
    tools.ensure(["test"], node_tools=True, development=True)
    environment = tools.environment(node_tools=True) | {"PYTHONPATH": str(ROOT)}
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "tests.faults.soak", *arguments], environment)


def _screenshots() -> int:
    from scripts._dev import browser, debian

    tools.ensure(["test"], node_tools=True)
    if not _has_chinese() and debian.may_install():
        debian.install("fontconfig", "fonts-wqy-zenhei")
    if not _has_chinese():
        say("there is no Chinese typeface here: the pictures in Chinese will show boxes (fonts-wqy-zenhei has one)")
    environment = tools.environment(node_tools=True) | {"NOTARY_CHROMIUM": browser.chromium(), "PYTHONPATH": str(ROOT)}
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "scripts._screenshots"], environment)


def _has_chinese() -> bool:
    """Tell whether a typeface with Chinese is known to fontconfig, whose program is not wherever Chromium is."""
    if shutil.which("fc-list") is None:
        return False
    return subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout != b""


def _build_assets(arguments: list[str]) -> int:
    if arguments not in ([], ["--print"]):
        say("usage: scripts/build-assets [--print]")
        return 2
    tools.ensure([], node_tools=True)
    say("the JavaScript of the pages is up to date, in notary/web/static/built")
    say(f"{assets.verifier_sha256()}  {assets.VERIFIER}")
    if arguments:
        assets.print_verifier()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
