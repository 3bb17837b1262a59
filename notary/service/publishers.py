"""Publishers and their API keys. Of a key only the SHA-256 of its secret is stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from notary.errors import InvalidInput, Unauthorized
from notary.model.tenants import ApiKey, Tenant
from notary.ports import Clock, LogStore, PublisherView

_TOKEN = re.compile(r"nk_([0-9a-f]{12})_([0-9a-f]{64})")
_MAX_NAME = 200
_MAX_PUBLISHER = 63
_KEEP_MS = 1000
_MAX_KEPT = 1024


class Publishers:
    """Who may submit."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # Good keys by the digest of the whole key, and when they were looked up: never the keys themselves.
        self._kept: dict[bytes, tuple[int, Tenant]] = {}

    def authenticate(self, token: str) -> Tenant:
        """Return the tenant whose API key this is; a key that was revoked may be good for one more second.

        Raises :class:`Unauthorized` (``bad-api-key``).
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise _unknown()
        whole, now = _digest(token), self._clock.now_ms()
        kept = self._kept.get(whole)
        if kept is not None and 0 <= now - kept[0] < _KEEP_MS:
            return kept[1]
        with self._store.read() as view:
            key = view.api_key(match[1])
            tenant = None if key is None else view.tenant(key.tenant_id)
        if key is None or tenant is None or not hmac.compare_digest(key.secret_sha256, _digest(match[2])):
            raise _unknown()
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[whole] = now, tenant
        return tenant

    def new_key(self, name: str) -> str:
        """Return a new API key of the publisher called ``name``, who is created if there is none.

        The key is shown only here. Raises :class:`InvalidInput` (``bad-publisher-name``).
        """
        if not 0 < len(name) <= _MAX_NAME or name != name.strip() or not name.isprintable():
            raise InvalidInput(
                f"A publisher's name has 1 to {_MAX_NAME} printable characters, no space at its ends.",
                code="bad-publisher-name",
            )
        key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
        now = self._clock.now_ms()
        with self._store.write() as view:
            tenant = view.tenant_by_name(name)
            if tenant is None:
                publisher = _publisher_id(name, view)
                tenant = view.add_tenant(publisher=publisher, name=name, secret=secrets.token_bytes(32), time=now)
            view.add_api_key(ApiKey(key_id=key_id, tenant_id=tenant.id, secret_sha256=_digest(secret)), time=now)
        return f"nk_{key_id}_{secret}"


def _unknown() -> Unauthorized:
    return Unauthorized("This API key is not known.", code="bad-api-key")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()


def _publisher_id(name: str, view: PublisherView) -> str:
    """Return an id that is free: the name in plain letters where it has some, made unique by its digest if needed."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    suffix = hashlib.sha256(name.encode()).hexdigest()[:12]
    if not slug:
        return f"publisher-{suffix}"
    slug = slug[:_MAX_PUBLISHER].strip("-")
    return f"{slug[:50].strip('-')}-{suffix}" if view.publisher_exists(slug) else slug
