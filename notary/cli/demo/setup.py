"""First start of the demonstration: a log with its keys, funded on the development chain and registered there."""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path

from notary.cli import files, output
from notary.cli.demo.folder import Folder, forget_half_made
from notary.compose import init_log, open_services, open_settings
from notary.config import ChainSettings
from notary.datadir import DataDir
from notary.errors import CannotCheck
from notary.ethereum.deploy import Deployment, deploy
from notary.ethereum.keys import Account, create_keystore, load_keystore
from notary.ethereum.rpc import Rpc, hexed

ORIGIN = "notary.example/log/demo"
PUBLISHER = "Harbour District Press Office"
# Keys of a chain that is worth nothing: no reason to make their owner wait for a costly derivation.
_CHEAP_SCRYPT = 2**12
_FUNDS = 10**21


def prepare(folder: Folder, rpc_url: str) -> None:
    """Make what is missing of log, keys, registration and API key; interrupted set-ups are continued."""
    forget_half_made(folder)
    if not folder.log.exists():
        output.note("demo: making the log and its key")
        init_log(folder.log, origin=ORIGIN, development=True)
    admin, operator = key_pair(folder, "admin"), key_pair(folder, "operator")
    if open_settings(folder.log, environ={}).chain is None:
        output.note("demo: deploying the registry contract and registering the log")
        made = register(rpc_url, admin, operator)
        DataDir(folder.log).add_chain(registered_at(made, rpc_url))
    if not folder.key.exists():
        with closing(open_services(open_settings(folder.log, environ={}))) as services:
            token = services.publishers.new_key(PUBLISHER)
        files.write_file(folder.key, token.encode() + b"\n", mode=0o600)


def key_pair(folder: Folder, name: str) -> Account:
    """Return the account of a keystore in the log's folder, made if it is missing."""
    return key_pair_in(folder.log / "keys", name)


def key_pair_in(keys: Path, name: str) -> Account:
    """Return the account of a keystore, made with its password if it is missing."""
    keystore, password = keys / f"{name}.json", keys / f"{name}.password"
    if keystore.exists():
        return load_keystore(keystore, password)
    files.write_file(password, secrets.token_hex(16).encode() + b"\n", mode=0o600)
    return create_keystore(keystore, password, cost=_CHEAP_SCRYPT)


def register(rpc_url: str, admin: Account, operator: Account, *, origin: str = ORIGIN) -> Deployment:
    """Give both accounts money on a development chain, deploy the registry, register the log."""
    rpc = Rpc(rpc_url)
    for account in {admin.address, operator.address}:
        rpc.call("anvil_setBalance", [hexed(account), hex(_FUNDS)])
    return deploy(rpc_url, admin, origin=origin, operator=operator.address, wait=60)


def check_chain(folder: Folder, rpc_url: str) -> None:
    """On a restart, hold the chain against the settings: a lost chain must not be taken for the old one."""
    chain = open_settings(folder.log, environ={}).chain
    if chain is not None and Rpc(rpc_url).genesis_hash() != chain.genesis:
        raise CannotCheck(
            f"The development chain in {folder.chain} is not the one this log was registered on.", code="wrong-genesis"
        )


def registered_at(made: Deployment, rpc_url: str) -> ChainSettings:
    """Return the settings of a log that was registered there, with the operator of :func:`key_pair_in`."""
    return ChainSettings(
        rpc=(rpc_url,),
        chain_id=made.chain_id,
        genesis=made.genesis,
        registry=made.registry,
        registry_codehash=made.registry_codehash,
        log_id=made.log_id,
        keystore=Path("keys/operator.json"),
        password_file=Path("keys/operator.password"),
        # The reader's page suggests it; on a development chain there is no other to ask.
        endpoints=(rpc_url,),
    )
