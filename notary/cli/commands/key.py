"""Make and replace keys, and show the public parts of a log's keys; nothing secret is ever printed.

"new log" makes an Ed25519 key in PEM form, "new operator" an Ethereum key in a V3 keystore; neither overwrites a file,
and both take a password from a file of mode 0600 (the log's key can do without). "show" prints, as one line of JSON,
the log's verifier key, the sizes that each of its keys may sign, and the account that anchors.

"rotate log" replaces the key that signs checkpoints: stop the service first. The old key signs one last checkpoint; the
log's manifest then names the new key for all larger sizes. Publish the new trust file, whose fingerprint is printed:
who has the old one cannot check what the new key signs. The old key is kept beside the new one.

"rotate operator" replaces the key that anchors: stop the worker, wait until no anchor is on its way, and give the key
of the log's admin, which names the new operator on the chain. The old key is kept beside the new one. Stopped at any
moment, it can be run again. Send the new account money, and the rest of the old one's to where you want it.

  notary key new log --file keys/log.pem --origin notary.example/log --password-file log.password
  notary key new operator --file operator.json --password-file operator.password
  notary key show --data /srv/notary
  notary key rotate log --data /srv/notary
  notary key rotate operator --data /srv/notary --admin-keystore admin.json --admin-password-file admin.password
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from pathlib import Path

from notary.cli import output
from notary.cli.options import add_data, data_dir
from notary.core.jcs import Json
from notary.core.note import verifier_key
from notary.errors import InvalidConfig, UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["new", "show", "rotate"], help="what to do")
    parser.add_argument("kind", nargs="?", choices=["log", "operator"], help="with new and rotate: which key")
    parser.add_argument("--file", metavar="F", help="with new: the file to make")
    parser.add_argument("--password-file", metavar="F", help="with new: the password, in a file of mode 0600")
    parser.add_argument("--origin", metavar="NAME", help="with new log: the log's name")
    parser.add_argument("--admin-keystore", metavar="F", help="with rotate operator: V3 keystore of the log's admin")
    parser.add_argument("--admin-password-file", metavar="F", help="its password, in a file of mode 0600")
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Make or show; public parts go to standard output."""
    if args.action == "show":
        return _show(args)
    if args.action == "rotate":
        if args.kind is None:
            raise UsageError("Say which key: notary key rotate log|operator --data DIR.", code="no-key-kind")
        return _rotate_log(args) if args.kind == "log" else _rotate_operator(args)
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


def _rotate_log(args: argparse.Namespace) -> int:
    from notary.cli.locking import locked
    from notary.cli.logrotation import rotate_log
    from notary.compose import open_chain, open_services, open_settings

    settings = open_settings(data_dir(args))
    with ExitStack() as stack:
        for role in ("web", "worker"):
            stack.enter_context(locked(settings, role, stopped=lambda: True))
        services = stack.enter_context(closing(open_services(settings)))
        new = rotate_log(
            services,
            open_chain(settings),
            sole=not settings.storage.url,
            progress=lambda text: output.note(f"notary: {text}"),
        )
        with services.store.read() as view:
            fingerprint = services.bundles.trust(view).fingerprint
    output.line(new.encode())
    output.note(f"notary: start the service, and publish its new trust file: SHA-256 {fingerprint}")
    return 0


def _rotate_operator(args: argparse.Namespace) -> int:
    from notary.cli.locking import locked
    from notary.cli.rotation import rotate_operator
    from notary.compose import open_services, open_settings
    from notary.ethereum.keys import load_keystore

    if not args.admin_keystore or not args.admin_password_file:
        raise UsageError("The admin names the operator: --admin-keystore F --admin-password-file F.", code="no-admin")
    settings = open_settings(data_dir(args))
    if settings.chain is None:
        raise UsageError("No chain is configured, so there is no operator: see notary deploy.", code="no-chain")
    admin = load_keystore(Path(args.admin_keystore), Path(args.admin_password_file))
    with locked(settings, "worker", stopped=lambda: True), closing(open_services(settings)) as services:
        new = rotate_operator(
            services.store,
            settings.chain,
            admin,
            sole=not settings.storage.url,
            progress=lambda text: output.note(f"notary: {text}"),
        )
    output.line(new.checksum_address)
    output.note(f"notary: send {new.checksum_address} money of the chain's, then start the worker")
    return 0
