"""Every option by its dotted name, with how it is read and its default; without a default it must be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notary.config.readers import (
    Reader,
    Value,
    database,
    flag,
    hexadecimal,
    integer,
    listener,
    networks,
    number,
    origin,
    text,
    urls,
)


@dataclass(frozen=True, slots=True)
class Option:
    """How a value is read, and what stands where none is given (None: it must be given)."""

    read: Reader
    default: Value = None


_PATH = text(r"[^\x00]{1,4096}", "must be a path")
_WORD = text(r"[!-~]{1,255}", "must be a host name or an address")

OPTIONS: Final[Mapping[str, Option]] = {
    "log.origin": Option(origin),
    "log.development": Option(flag, default=False),
    "log.public_url": Option(urls, ()),
    "log.format": Option(text("auto|json|text", "must be auto, json or text"), "auto"),
    "log.access": Option(flag, default=True),
    "log.client_address": Option(flag, default=False),
    "server.host": Option(_WORD, "127.0.0.1"),
    "server.port": Option(integer(0, 65535), 8080),
    "server.workers": Option(integer(1, 64), 1),
    "server.name": Option(text(r"[^\x00-\x1f\x7f]{1,200}", "must be one line of 1 to 200 characters"), "Notary"),
    "server.metrics": Option(listener, "off"),
    "server.drain": Option(number(0, 60), 1.0),
    "server.trusted_proxies": Option(networks, ()),
    "worker.metrics": Option(listener, "off"),
    "limits.max_text_bytes": Option(integer(1024, 2 * 1024 * 1024), 2 * 1024 * 1024),
    "limits.max_lines": Option(integer(2, 2**21), 20_000),
    "limits.max_body_bytes": Option(integer(1024, 64 * 1024 * 1024), 13 * 1024 * 1024),
    "limits.max_pending": Option(integer(1, 10_000_000), 100_000),
    "limits.max_waiting": Option(integer(1, 1000), 72),
    "limits.key_rate": Option(number(0, 1_000_000), 0.0),
    "storage.synchronous": Option(text("FULL|EXTRA|NORMAL|OFF", "must be FULL, EXTRA, NORMAL or OFF"), "FULL"),
    "storage.allow_unsafe": Option(flag, default=False),
    "storage.busy_timeout": Option(number(0, 60), 5.0),
    "storage.url": Option(database, ""),
    "storage.password_file": Option(_PATH, ""),
    "anchor.interval": Option(number(0, 86400), 60.0),
    "anchor.poll": Option(number(0.05, 600), 1.0),
    "anchor.resend": Option(number(0.05, 3600), 15.0),
    "anchor.max_fee_gwei": Option(number(0, 1_000_000), 500.0),
    "anchor.replace_after": Option(number(0.05, 86400), 180.0),
    "anchor.max_spend_per_day": Option(number(0, 1_000_000), 1.0),
    "anchor.min_new": Option(integer(1, 1_000_000_000), 1),
    "anchor.max_delay": Option(number(0, 31 * 86400), 3600.0),
    "chain.rpc": Option(urls),
    "chain.chain_id": Option(integer(1, 2**53 - 1)),
    "chain.genesis": Option(hexadecimal(32)),
    "chain.registry": Option(hexadecimal(20)),
    "chain.registry_codehash": Option(hexadecimal(32)),
    "chain.log_id": Option(hexadecimal(32)),
    "chain.keystore": Option(_PATH, ""),
    "chain.password_file": Option(_PATH, ""),
    "chain.endpoints": Option(urls, ()),
    "worker.lease": Option(number(1, 600), 10.0),
    "chain.quorum": Option(integer(0, 16), 0),
    "chain.timeout": Option(number(0.1, 120), 10.0),
    "chain.gas": Option(text("eip1559|legacy", "must be eip1559 or legacy"), "eip1559"),
    "chain.finality": Option(
        text("finalized|depth-[1-9][0-9]{0,5}", "must be finalized, or depth- and a number of blocks"), "finalized"
    ),
    "chain.signer_url": Option(text(r"https?://[!-~]{1,500}", "must be an http:// or https:// URL"), ""),
    "chain.signer_address": Option(hexadecimal(20), b""),
    "log.key_password_file": Option(_PATH, ""),
}
TABLES: Final = frozenset(name.partition(".")[0] for name in OPTIONS)
