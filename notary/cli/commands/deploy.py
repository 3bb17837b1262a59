"""Put the registry contract on a chain and register a log there; works on any Ethereum-compatible chain.

--keystore is the key that pays. It becomes the log's admin, which can replace the operator later: keep it offline
afterwards. The operator is the key that the worker anchors with; with --data one is made in the data directory unless
--operator-keystore names one, and it needs a little money of the chain's. Where the log is anchored is printed as JSON
and, with --data, written into notary.toml.

  notary deploy --data /srv/notary --rpc https://node.example --keystore admin.json --password-file admin.password
  notary deploy --origin notary.example/log --rpc URL --keystore F --password-file F --operator 0x…
"""

from __future__ import annotations

import argparse
import secrets
from dataclasses import dataclass
from pathlib import Path

from notary.cli import files, output
from notary.cli.options import data_dir
from notary.errors import UsageError
from notary.ethereum.deploy import Deployment, deploy
from notary.ethereum.keys import create_keystore, load_keystore


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--rpc", metavar="URL", required=True, help="an endpoint of the chain")
    parser.add_argument("--keystore", metavar="F", required=True, help="V3 keystore of the key that pays: the admin")
    parser.add_argument("--password-file", metavar="F", required=True, help="its password, in a file of mode 0600")
    parser.add_argument("--data", metavar="DIR", help="the log's data directory; its origin and settings are used")
    parser.add_argument("--origin", metavar="NAME", help="the log's origin, where there is no --data")
    parser.add_argument("--operator", metavar="ADDRESS", help="who may anchor, without --data (default: the admin)")
    parser.add_argument("--operator-keystore", metavar="F", help="the worker's key, with --data (default: a new one)")
    parser.add_argument("--operator-password-file", metavar="F", help="its password")
    parser.add_argument("--registry", metavar="ADDRESS", help="use this deployed registry instead of a new one")
    parser.add_argument("--chain-id", metavar="N", type=int, help="refuse another chain than this")
    parser.add_argument("--legacy-gas", action="store_true", help="for chains without a base fee")
    parser.add_argument(
        "--endpoint", metavar="URL", action="append", default=[], help="suggest it to readers; repeatable"
    )


@dataclass(frozen=True, slots=True)
class _Operator:
    address: bytes
    keystore: Path | None = None
    password_file: Path | None = None


def run(args: argparse.Namespace) -> int:
    """Deploy, register, write the settings, print where the log is."""
    registry = _address(args.registry, "--registry") if args.registry else None
    account = load_keystore(Path(args.keystore), Path(args.password_file))
    origin = _origin(args)
    operator = _operator(args, account.address)
    made = deploy(
        args.rpc,
        account,
        origin=origin,
        operator=operator.address,
        registry=registry,
        chain_id=args.chain_id,
        legacy=args.legacy_gas,
        progress=lambda text: output.note(f"notary: {text}"),
    )
    if args.data is not None:
        _write_settings(args, made, operator)
    output.json_line(
        {
            "chain_id": made.chain_id,
            "genesis": "0x" + made.genesis.hex(),
            "registry": "0x" + made.registry.hex(),
            "registry_codehash": "0x" + made.registry_codehash.hex(),
            "log_id": "0x" + made.log_id.hex(),
            "origin": origin,
            "admin": "0x" + account.address.hex(),
            "operator": "0x" + operator.address.hex(),
            "block": made.block,
        }
    )
    if operator.address != account.address:
        output.note(f"notary: the operator 0x{operator.address.hex()} needs money of the chain's to anchor")
    return 0


def _origin(args: argparse.Namespace) -> str:
    if args.data is None:
        if not args.origin:
            raise UsageError("Say which log: --data DIR, or --origin NAME.", code="no-origin")
        return str(args.origin)
    from notary.compose import open_settings

    settings = open_settings(data_dir(args))
    if settings.chain is not None:
        raise UsageError(f"{args.data} already has a [chain] in its settings.", code="chain-exists")
    if args.origin not in (None, settings.origin):
        raise UsageError(f"The log in {args.data} has the origin {settings.origin}.", code="wrong-origin")
    return settings.origin


def _operator(args: argparse.Namespace, admin: bytes) -> _Operator:
    """Return who will anchor; with a data directory it is a key that the worker can use."""
    if args.data is None:
        return _Operator(_address(args.operator, "--operator") if args.operator else admin)
    if args.operator:
        raise UsageError("With --data give --operator-keystore: the worker needs the key.", code="operator-key-needed")
    if bool(args.operator_keystore) != bool(args.operator_password_file):
        raise UsageError("--operator-keystore and --operator-password-file go together.", code="operator-key-needed")
    if args.operator_keystore:
        keystore, password = Path(args.operator_keystore).absolute(), Path(args.operator_password_file).absolute()
        return _Operator(load_keystore(keystore, password).address, keystore, password)
    folder = data_dir(args) / "keys"
    keystore, password = folder / "operator.json", folder / "operator.password"
    if keystore.exists():
        # Left by an attempt that did not get as far as the settings.
        return _Operator(load_keystore(keystore, password).address, keystore, password)
    files.write_file(password, secrets.token_hex(32).encode() + b"\n", mode=0o600)
    return _Operator(create_keystore(keystore, password).address, keystore, password)


def _write_settings(args: argparse.Namespace, made: Deployment, operator: _Operator) -> None:
    from notary.config import ChainSettings
    from notary.datadir import DataDir

    root = data_dir(args)
    if operator.keystore is None or operator.password_file is None:
        raise UsageError("The worker needs a key: --operator-keystore.", code="operator-key-needed")
    DataDir(root).add_chain(
        ChainSettings(
            rpc=(args.rpc,),
            chain_id=made.chain_id,
            genesis=made.genesis,
            registry=made.registry,
            registry_codehash=made.registry_codehash,
            log_id=made.log_id,
            keystore=_inside(root, operator.keystore),
            password_file=_inside(root, operator.password_file),
            endpoints=tuple(args.endpoint),
            gas="legacy" if args.legacy_gas else "eip1559",
        )
    )
    output.note(f"notary: wrote [chain] into {root / 'notary.toml'}")


def _inside(root: Path, path: Path) -> Path:
    """Return a path inside the data directory as relative to it, so that the directory can be moved."""
    return path.relative_to(root) if path.is_relative_to(root) else path


def _address(text: str, option: str) -> bytes:
    try:
        value = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        value = b""
    if len(value) != 20:
        raise UsageError(f"{option} takes an address: 0x and 40 hex digits.", code="bad-address")
    return value
