"""Publishers and their API keys. Of a key only the SHA-256 of its secret is stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from notary.errors import InvalidInput, Unauthorized
from notary.model import ApiKey, Tenant
from notary.ports import Clock, LogStore, PublisherView

_TOKEN = re.compile(r"nk_([0-9a-f]{12})_([0-9a-f]{64})")
_MAX_NAME = 200
_MAX_PUBLISHER = 63


class Publishers:
    """Who may submit."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def authenticate(self, token: str) -> Tenant:
        """Return the tenant whose API key this is. Raises :class:`Unauthorized` (``bad-api-key``)."""
        match = _TOKEN.fullmatch(token)
        if match is not None:
            with self._store.read() as view:
                key = view.api_key(match[1])
                tenant = None if key is None else view.tenant(key.tenant_id)
            if key is not None and tenant is not None and hmac.compare_digest(key.secret_sha256, _digest(match[2])):
                return tenant
        raise Unauthorized("This API key is not known.", code="bad-api-key")

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
