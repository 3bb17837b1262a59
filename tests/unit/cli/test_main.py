"""The program as a whole: its commands, their help, its versions, and what it does with nonsense."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import notary.cli.commands
from notary import __version__
from notary.cli.main import COMMANDS
from notary.core import formats
from tests.program import Done, call
from tests.program import notary as run


def test_every_module_is_a_command_and_every_command_a_module() -> None:
    assert {module.name for module in pkgutil.iter_modules(notary.cli.commands.__path__)} == set(COMMANDS)


def test_without_arguments_it_explains_itself() -> None:
    done = call()
    assert (done.code, done.err) == (0, "")
    assert done.out == call("--help").out == call("-h").out
    text = done.out.decode()
    for name, what in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(what)}$", text, re.MULTILINE)
    for code in range(5):
        assert re.search(rf"^  {code}  ", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_teaches(name: str) -> None:
    done = call(name, "--help")
    text = done.out.decode()
    assert (done.code, done.err) == (0, "")
    assert text.startswith(f"usage: notary {name} ")
    # What it does, in the words of the module, and at least one example.
    doc = importlib.import_module(f"notary.cli.commands.{name}").__doc__
    assert doc is not None
    assert doc.strip() in text
    assert re.search(rf"^  (?:notary|scripts/)\S* ?{name}?\b", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    text = call(name, "--help").out.decode()
    options = text.partition("\noptions:\n")[2] or text
    for flag in set(re.findall(r"(?<![\w-])--[a-z-]+", text.partition("\n\n")[0])):
        # The name, then its help on the same or the next line.
        assert re.search(rf"^  (?:-h, )?{flag}\b[^\n]*(?:  |\n {{10,}})\S+ \S+", options, re.MULTILINE), flag


@pytest.mark.parametrize("arguments", [["frobnicate"], ["Verify"], ["verif"], [""], ["notary.cli"], ["../init"]])
def test_an_unknown_command_is_a_usage_error(arguments: list[str]) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, b"")
    assert "unknown-command" in done.err
    assert "notary --help" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--frobnicate"],
        ["verify"],
        ["verify", "a", "b"],
        ["verify", "a", "--frobnicate"],
        ["verify", "a", "--off"],  # no abbreviations: a later option could change what they mean
        ["canon"],
        ["canon", "a", "--type", "rtf"],
        ["submit", "a"],
        ["apikey", "old", "Name", "--data", "x"],
        ["demo", "--port", "http"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, b"")
    assert "usage: notary" in done.err


def test_the_version() -> None:
    assert call("--version") == Done(0, f"notary {__version__}\n".encode(), "")


def test_the_versions_of_the_formats() -> None:
    done = call("--version", "--json")
    assert done.json == {"version": __version__, "formats": formats.VERSIONS}
    assert set(formats.VERSIONS) >= {"text", "record", "entry", "manifest", "meta", "bundle", "trust", "tlog-proof"}


def test_it_is_utf_8_whatever_the_locale() -> None:
    done = run("verify", "--help", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    assert done.code == 0
    assert "a1b2….bundle.json" in done.out.decode("utf-8")


@pytest.mark.parametrize("name", ["serve", "worker", "apikey"])
def test_a_command_that_needs_a_log_says_how_to_name_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTARY_DATA", raising=False)
    done = call(name, *(["new", "Name"] if name == "apikey" else []))
    assert (done.code, done.out) == (2, b"")
    assert "--data DIR" in done.err
    assert "NOTARY_DATA" in done.err
