"""Make keys, and show the public parts of a log's keys; nothing secret is ever printed.

"new log" makes an Ed25519 key in PEM form, "new operator" an Ethereum key in a V3 keystore; neither overwrites a file,
and both take a password from a file of mode 0600 (the log's key can do without). "show" prints, as one line of JSON,
the log's verifier key, the sizes that each of its keys may sign, and the account that anchors.

  notary key new log --file keys/log.pem --origin notary.example/log --password-file log.password
  notary key new operator --file operator.json --password-file operator.password
  notary key show --data /srv/notary
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from notary.cli import output
from notary.cli.options import add_data, data_dir
from notary.core.jcs import Json
from notary.core.note import verifier_key
from notary.errors import InvalidConfig, UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["new", "show"], help="what to do")
    parser.add_argument("kind", nargs="?", choices=["log", "operator"], help="with new: which key")
    parser.add_argument("--file", metavar="F", help="with new: the file to make")
    parser.add_argument("--password-file", metavar="F", help="with new: the password, in a file of mode 0600")
    parser.add_argument("--origin", metavar="NAME", help="with new log: the log's name")
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Make or show; public parts go to standard output."""
    if args.action == "show":
        return _show(args)
    if args.kind is None or args.file is None:
        raise UsageError("Say which key and where: notary key new log|operator --file F.", code="no-key-kind")
    password = None if args.password_file is None else Path(args.password_file)
    return _new_log_key(args, password) if args.kind == "log" else _new_operator(Path(args.file), password)


def _new_log_key(args: argparse.Namespace, password: Path | None) -> int:
    from notary.core.checkpoint import is_origin
    from notary.logkey import create_log_key

    if args.origin is None or not is_origin(args.origin):
        raise UsageError("Name the log: --origin notary.example/log/2026.", code="bad-origin")
    file = Path(args.file)
    try:
        key = create_log_key(file, name=args.origin, password_file=password)
    except FileExistsError:
        raise InvalidConfig(f"{file} exists; it is not overwritten.", code="key-file-exists") from None
    except OSError as error:
        raise InvalidConfig(f"{file} cannot be written: {error.strerror}.", code="key-file-unwritable") from None
    output.line(key.verifier.encode())
    return 0


def _new_operator(file: Path, password: Path | None) -> int:
    from notary.ethereum.keys import create_keystore

    if password is None:
        raise UsageError("A keystore needs a password: --password-file F.", code="no-password-file")
    output.line(create_keystore(file, password).checksum_address)
    return 0


def _show(args: argparse.Namespace) -> int:
    from notary.compose import open_services, open_settings, open_signer
    from notary.ethereum.keys import checksum_address
    from notary.service.manifests import latest_manifest

    settings = open_settings(data_dir(args))
    with closing(open_services(settings)) as services:
        signer = services.signer
        with services.store.read() as view:
            manifest = latest_manifest(view)
        shown: dict[str, Json] = {
            "origin": settings.origin,
            "vkey": verifier_key(signer.name, signer.public).encode(),
            # Until the service has run once there is no manifest.
            "vkeys": [] if manifest is None else manifest.to_json()["vkeys"],
        }
    if settings.chain is not None:
        shown["operator"] = checksum_address(open_signer(settings.chain).address)
        shown["operator_key"] = "signing service" if settings.chain.signer_url else "keystore"
    output.json_line(shown)
    return 0
