"""Compile the registry contract into ``notary/ethereum/registry.json``, which ships with the package.

The same sources give the same bytes anywhere: the compiler is the WebAssembly build that package-lock.json pins, and
the settings are fixed here. What forge compiles with is in contracts/foundry.toml; a test there holds its result
against the file written here, and tests/node/test_registry_artifact.py compiles again and compares every byte.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notary.core.keccak import keccak256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
ARTIFACT = ROOT / "notary" / "ethereum" / "registry.json"
CONTRACT = "NotaryRegistry"
SOURCES = ("src/INotaryRegistry.sol", "src/NotaryRegistry.sol")
SETTINGS: dict[str, Any] = {
    "evmVersion": "paris",  # no PUSH0: runs on older and on consortium chains too
    "metadata": {"bytecodeHash": "none"},  # the bytecode depends on the code alone, not on comments
    "optimizer": {"enabled": True, "runs": 200},
}


class CompileError(Exception):
    """The compiler could not be run, or had something to say."""


def main(arguments: Sequence[str]) -> int:
    """Write the artifact, compare it, or print what an explorer wants."""
    parser = argparse.ArgumentParser(
        prog="scripts/build-contracts",
        description="Compile the registry contract into notary/ethereum/registry.json.",
        allow_abbrev=False,
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file is not what comes out")
    action.add_argument(
        "--standard-json",
        action="store_true",
        help="compile nothing; print the compiler's input, which block explorers take as proof of the source",
    )
    options = parser.parse_args(arguments)
    if options.standard_json:
        print(json.dumps(standard_input(), indent=2))
        return 0
    from scripts._dev import tools

    tools.ensure(["test"], node_tools=True, development=True)
    try:
        built = build(tools.environment(node_tools=True))
    except CompileError as error:
        print(f"build-contracts: {error}", file=sys.stderr)
        return 2
    name = ARTIFACT.relative_to(ROOT)
    if not options.check:
        ARTIFACT.write_bytes(built)
        print(f"wrote {name}")
        return 0
    if ARTIFACT.is_file() and ARTIFACT.read_bytes() == built:
        print(f"{name} is what the sources compile to")
        return 0
    print(f"{name} is not what the sources compile to; run scripts/build-contracts", file=sys.stderr)
    return 1


def build(environment: Mapping[str, str] | None = None) -> bytes:
    """Compile and return the bytes of the artifact; ``environment`` must have Node.js on its PATH.

    Raises :class:`CompileError`, for a warning of the compiler too.
    """
    output = json.loads(_solc("--standard-json", json.dumps(standard_input()), environment))
    if output.get("errors"):
        raise CompileError("\n".join(error["formattedMessage"] for error in output["errors"]))
    compiled = output["contracts"][SOURCES[-1]][CONTRACT]
    deployed = bytes.fromhex(compiled["evm"]["deployedBytecode"]["object"])
    artifact = {
        "contract": CONTRACT,
        "compiler": _version(environment),
        "settings": SETTINGS,
        "abi": compiled["abi"],
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "deployed_bytecode": "0x" + deployed.hex(),
        # There are no immutable variables, so what is deployed is the same everywhere.
        "deployed_codehash": "0x" + keccak256(deployed).hex(),
    }
    return (json.dumps(artifact, indent=2) + "\n").encode("ascii")


def standard_input() -> dict[str, Any]:
    """Return the input of the compiler: sources and settings."""
    outputs = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "metadata"]
    return {
        "language": "Solidity",
        "sources": {name: {"content": (ROOT / "contracts" / name).read_text(encoding="utf-8")} for name in SOURCES},
        "settings": SETTINGS | {"outputSelection": {"*": {"*": outputs}}},
    }


def _version(environment: Mapping[str, str] | None) -> str:
    """Return the version as explorers name it, without the platform that the compiler was built for."""
    full = _solc("--version", "", environment).rpartition("Version: ")[2].strip()
    release, _, build_details = full.partition("+")
    return f"{release}+{'.'.join(build_details.split('.')[:2])}"


def _solc(option: str, request: str, environment: Mapping[str, str] | None) -> str:
    try:
        done = subprocess.run(
            [str(ROOT / "scripts" / "solc"), option],
            input=request,
            env=dict(os.environ if environment is None else environment),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompileError(f"scripts/solc could not be run: {error}") from error
    if done.returncode != 0:
        raise CompileError(f"scripts/solc {option} failed:\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
