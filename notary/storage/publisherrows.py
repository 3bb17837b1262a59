"""Tenants and their API keys, read and written on one connection."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from notary.model.tenants import ApiKey, Tenant
from notary.storage.tables import api_keys, tenants


class PublisherReader:
    """The reading half: implements :class:`notary.ports.PublisherView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tenant(self, tenant_id: int) -> Tenant | None:
        """Return a tenant."""
        row = self._connection.execute(select(tenants).where(tenants.c.id == tenant_id)).one_or_none()
        return None if row is None else Tenant(id=row.id, publisher=row.publisher, name=row.name, secret=row.secret)

    def tenant_by_name(self, name: str) -> Tenant | None:
        """Return the tenant with this name for people."""
        row = self._connection.execute(select(tenants).where(tenants.c.name == name)).one_or_none()
        return None if row is None else Tenant(id=row.id, publisher=row.publisher, name=row.name, secret=row.secret)

    def publisher_exists(self, publisher: str) -> bool:
        """Say whether a publisher id is taken."""
        query = select(tenants.c.id).where(tenants.c.publisher == publisher)
        return self._connection.execute(query).one_or_none() is not None

    def api_key(self, key_id: str) -> ApiKey | None:
        """Return a stored key that was not revoked."""
        query = select(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked.is_(None))
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return ApiKey(key_id=row.key_id, tenant_id=row.tenant_id, secret_sha256=row.secret_sha256)


class PublisherWriter(PublisherReader):
    """The writing half; its connection holds the write lock."""

    def add_tenant(self, *, publisher: str, name: str, secret: bytes, time: int) -> Tenant:
        """Store a new tenant."""
        values = {"publisher": publisher, "name": name, "secret": secret, "created": time}
        tenant_id = self._connection.execute(insert(tenants).values(values).returning(tenants.c.id)).scalar_one()
        return Tenant(id=tenant_id, publisher=publisher, name=name, secret=secret)

    def add_api_key(self, key: ApiKey, *, time: int) -> None:
        """Store a new key."""
        self._connection.execute(
            insert(api_keys).values(
                key_id=key.key_id, tenant_id=key.tenant_id, secret_sha256=key.secret_sha256, created=time
            )
        )
