"""Publishers and their API keys."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from notary.core.record import PUBLISHER_PATTERN
from notary.errors import InvalidInput, Unauthorized
from notary.storage.tables import api_keys
from tests import backends
from tests.service.locallog import LocalLog


def test_a_new_key_is_its_publishers(log: LocalLog) -> None:
    token = log.services.publishers.new_key("City Water Board")
    assert re.fullmatch(r"nk_[0-9a-f]{12}_[0-9a-f]{64}", token)
    tenant = log.services.publishers.authenticate(token)
    assert (tenant.publisher, tenant.name, len(tenant.secret)) == ("city-water-board", "City Water Board", 32)


def test_the_same_name_is_the_same_publisher_with_a_further_key(log: LocalLog) -> None:
    publishers = log.services.publishers
    first, second = publishers.new_key("Water"), publishers.new_key("Water")
    assert first != second
    assert publishers.authenticate(first) == publishers.authenticate(second)


@pytest.mark.parametrize(
    "name", ["新华社", "Ärztekammer", "a" * 200, "a b" * 50, "--", "Überblick & Söhne", "!!!", "Ω"]
)
def test_every_name_gets_an_id_that_records_can_carry(log: LocalLog, name: str) -> None:
    tenant = log.services.publishers.authenticate(log.services.publishers.new_key(name))
    assert PUBLISHER_PATTERN.fullmatch(tenant.publisher)
    log.submit(tenant=tenant)


def test_names_that_look_alike_in_plain_letters_get_different_ids(log: LocalLog) -> None:
    publishers = log.services.publishers
    names = ["Water Board", "water-board", "Wáter Board", "水务局", "水利局"]
    ids = [publishers.authenticate(publishers.new_key(name)).publisher for name in names]
    assert len(set(ids)) == len(names)
    assert ids[0] == "water-board"


@pytest.mark.parametrize("name", ["", " x", "x ", "two\nlines", "x" * 201, "bell\x07"])
def test_a_name_is_one_printable_line(log: LocalLog, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        log.services.publishers.new_key(name)
    assert caught.value.code == "bad-publisher-name"


def test_what_is_not_a_known_key_is_refused(log: LocalLog) -> None:
    token = log.services.publishers.new_key("Water")
    other = log.services.publishers.new_key("Roads")
    swapped = token[:16] + other[16:]
    for wrong in (
        "",
        "nk_",
        token[:-1],
        token + "0",
        token.upper(),
        token[:-1] + "g",
        swapped,
        f" {token}",
        "nk_" + "0" * 77,
    ):
        with pytest.raises(Unauthorized) as caught:
            log.services.publishers.authenticate(wrong)
        assert caught.value.code == "bad-api-key"


def test_the_secret_is_not_in_the_database(log: LocalLog) -> None:
    secret = log.services.publishers.new_key("Water")[16:]
    log.services.close()
    stored = backends.everything(log.root)
    assert b"Water" in stored
    assert secret.encode() not in stored
    assert bytes.fromhex(secret) not in stored


def test_a_revoked_key_is_good_for_one_more_second_at_most(log: LocalLog) -> None:
    token = log.services.publishers.new_key("Water board")
    tenant = log.services.publishers.authenticate(token)
    with backends.behind_its_back(log.root) as database:
        database.execute(update(api_keys).where(api_keys.c.tenant_id == tenant.id).values(revoked=1))
    log.clock.now += 999
    assert log.services.publishers.authenticate(token) == tenant
    for moved in (1, -5000):  # later; and a clock that was set back
        log.clock.now += moved
        with pytest.raises(Unauthorized) as caught:
            log.services.publishers.authenticate(token)
        assert caught.value.code == "bad-api-key"


def test_a_key_that_was_good_lends_nothing_to_another(log: LocalLog) -> None:
    token = log.services.publishers.new_key("Water board")
    log.services.publishers.authenticate(token)
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    with pytest.raises(Unauthorized):
        log.services.publishers.authenticate(wrong)
    with pytest.raises(Unauthorized):
        log.services.publishers.authenticate(wrong)
