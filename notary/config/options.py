"""Every option by its dotted name, with how it is read and its default; without a default it must be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notary.config.readers import Reader, Value, database, flag, hexadecimal, integer, number, origin, text, urls


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
    "server.host": Option(_WORD, "127.0.0.1"),
    "server.port": Option(integer(0, 65535), 8080),
    "server.workers": Option(integer(1, 64), 1),
    "server.name": Option(text(r"[^\x00-\x1f\x7f]{1,200}", "must be one line of 1 to 200 characters"), "Notary"),
    "limits.max_text_bytes": Option(integer(1024, 2 * 1024 * 1024), 2 * 1024 * 1024),
    "limits.max_lines": Option(integer(2, 2**21), 20_000),
    "limits.max_body_bytes": Option(integer(1024, 64 * 1024 * 1024), 13 * 1024 * 1024),
    "limits.max_pending": Option(integer(1, 10_000_000), 100_000),
    "limits.max_waiting": Option(integer(1, 1000), 72),
    "storage.synchronous": Option(text("FULL|EXTRA|NORMAL|OFF", "must be FULL, EXTRA, NORMAL or OFF"), "FULL"),
    "storage.allow_unsafe": Option(flag, default=False),
    "storage.busy_timeout": Option(number(0, 60), 5.0),
    "storage.url": Option(database, ""),
    "storage.password_file": Option(_PATH, ""),
    "anchor.interval": Option(number(0, 86400), 60.0),
    "anchor.poll": Option(number(0.05, 600), 1.0),
    "anchor.resend": Option(number(0.05, 3600), 15.0),
    "anchor.max_fee_gwei": Option(number(0, 1_000_000), 500.0),
    "chain.rpc": Option(urls),
    "chain.chain_id": Option(integer(1, 2**53 - 1)),
    "chain.genesis": Option(hexadecimal(32)),
    "chain.registry": Option(hexadecimal(20)),
    "chain.registry_codehash": Option(hexadecimal(32)),
    "chain.log_id": Option(hexadecimal(32)),
    "chain.keystore": Option(_PATH),
    "chain.password_file": Option(_PATH),
    "chain.endpoints": Option(urls, ()),
}
TABLES: Final = frozenset(name.partition(".")[0] for name in OPTIONS)
