"""docs/cli.md says what the program says. ``NOTARY_REGENERATE=1`` in the environment writes its help texts anew."""

from __future__ import annotations

import os
import re

import pytest

from notary.cli.commands import profile
from notary.cli.main import COMMANDS
from notary.core.verify import EXITS
from tests.program import ROOT, call

ACTIONS = {"profile": profile.ACTIONS}
# Commands with commands of their own, each with its own help.
NAMES = ["", *(full for name in COMMANDS for full in (name, *(f"{name} {action}" for action in ACTIONS.get(name, ()))))]
DOCUMENT = ROOT / "docs" / "cli.md"
BLOCK = re.compile(r"(?ms)(?<=^### `notary)(?P<name>[ a-z]*)(?P<between>`\n\n```text\n)(?P<help>.*?)(?=^```$)")
AGAIN = "Write it anew: NOTARY_REGENERATE=1 python -m pytest tests/unit/cli/test_cli_docs.py"


def program_help(name: str) -> str:
    return call(*name.split(), "--help").out.decode("utf-8")


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    text = DOCUMENT.read_text("utf-8")
    if os.environ.get("NOTARY_REGENERATE"):
        text = BLOCK.sub(lambda block: block["name"] + block["between"] + program_help(block["name"]), text)
        DOCUMENT.write_text(text, "utf-8")
    return {block["name"].strip(): block["help"] for block in BLOCK.finditer(text)}


def test_every_command_is_documented_and_none_besides(documented: dict[str, str]) -> None:
    assert list(documented) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_help_is_the_programs(name: str, documented: dict[str, str]) -> None:
    # Versions of Python differ in where they break lines, and in nothing else.
    assert documented[name].split() == program_help(name).split(), AGAIN


def test_the_table_of_exit_codes_is_the_programs() -> None:
    text = DOCUMENT.read_text("utf-8")
    rows = re.findall(r"^\| ([0-4]) \|[^|]*\|([^|]*)\|$", text, re.MULTILINE)
    told = {(verdict, int(code)) for code, verdicts in rows for verdict in re.findall(r"`([a-z-]+)`", verdicts)}
    assert told == {(verdict.value, code) for verdict, code in EXITS.items()}
