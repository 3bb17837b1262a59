"""Settings: flags before environment before file, and every fault said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from notary.config import load_settings
from notary.config.readers import split_listener
from notary.errors import InvalidConfig

CHAIN = """
[chain]
rpc = ["http://127.0.0.1:8545"]
chain_id = 31337
genesis = "0x1111111111111111111111111111111111111111111111111111111111111111"
registry = "0x2222222222222222222222222222222222222222"
registry_codehash = "0x3333333333333333333333333333333333333333333333333333333333333333"
log_id = "0x4444444444444444444444444444444444444444444444444444444444444444"
keystore = "keys/operator.json"
password_file = "/run/secrets/password"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "")
    return tmp_path


def write(folder: Path, rest: str) -> None:
    (folder / "notary.toml").write_text(f'[log]\norigin = "notary.example/log"\n{rest}')


def faults(folder: Path, **sources: dict[str, object]) -> list[str]:
    with pytest.raises(InvalidConfig) as caught:
        load_settings(folder, **sources)  # type: ignore[arg-type]
    assert caught.value.code == "bad-settings"
    return caught.value.message.splitlines()[1:]


def test_an_origin_is_all_that_is_needed(folder: Path) -> None:
    settings = load_settings(folder)
    assert settings.origin == "notary.example/log"
    assert settings.chain is None
    assert not settings.development
    assert settings.storage.synchronous == "FULL"
    assert settings.anchor.interval == 60.0


def test_flags_win_over_the_environment_and_that_over_the_file(folder: Path) -> None:
    write(folder, "[server]\nport = 1\nworkers = 1\nhost = 'a'\n")
    environ = {"NOTARY_SERVER_PORT": "2", "NOTARY_SERVER_WORKERS": "2", "PATH": "/bin", "NOTARY_ANVIL": "/bin/anvil"}
    settings = load_settings(folder, flags={"server.port": 3}, environ=environ)
    assert (settings.server.port, settings.server.workers, settings.server.host) == (3, 2, "a")


def test_the_environment_says_every_kind_of_value(folder: Path) -> None:
    write(folder, CHAIN)
    environ = {
        "NOTARY_LOG_DEVELOPMENT": "true",
        "NOTARY_ANCHOR_INTERVAL": "0.5",
        "NOTARY_CHAIN_RPC": "http://a:1,https://b/x",
        "NOTARY_LIMITS_MAX_TEXT_BYTES": "2048",
    }
    settings = load_settings(folder, environ=environ)
    assert settings.development
    assert settings.anchor.interval == 0.5
    assert settings.chain is not None
    assert settings.chain.rpc == ("http://a:1", "https://b/x")
    assert settings.limits.max_text_bytes == 2048


def test_where_metrics_are_and_whom_to_trust(folder: Path) -> None:
    write(folder, '[server]\nmetrics = "[::1]:9464"\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n')
    settings = load_settings(folder, environ={"NOTARY_WORKER_METRICS": "worker.internal:9465"})
    assert split_listener(settings.server.metrics) == ("::1", 9464)
    assert split_listener(settings.worker.metrics) == ("worker.internal", 9465)
    assert settings.server.trusted_proxies == ("10.0.0.0/8", "::1/128")
    proxies = load_settings(folder, environ={"NOTARY_SERVER_TRUSTED_PROXIES": "192.0.2.1,198.51.100.0/24"})
    assert proxies.server.trusted_proxies == ("192.0.2.1/32", "198.51.100.0/24")


def test_nothing_is_told_to_strangers_by_default(folder: Path) -> None:
    settings = load_settings(folder)
    assert (settings.server.metrics, settings.worker.metrics) == ("off", "off")
    assert settings.server.trusted_proxies == ()
    assert not settings.logging.client_address


def test_a_chain_is_read_whole(folder: Path) -> None:
    write(folder, CHAIN)
    chain = load_settings(folder).chain
    assert chain is not None
    assert (chain.chain_id, chain.registry, chain.endpoints) == (31337, b"\x22" * 20, ())
    assert chain.keystore == folder / "keys/operator.json"
    assert chain.password_file == Path("/run/secrets/password")


def test_all_faults_are_said_at_once(folder: Path) -> None:
    write(folder, "[server]\nport = 70000\nprot = 1\n[anchor]\ninterval = 'soon'\n[chain]\nchain_id = 1\n")
    said = faults(folder, flags={"log.development": "maybe"}, environ={"NOTARY_SERVER_HOSTT": "x"})
    for word in (
        "server.port (notary.toml)",
        "server.prot (notary.toml)",
        "anchor.interval (notary.toml)",
        "log.development (flags)",
        "NOTARY_SERVER_HOSTT (environment)",
        "chain.rpc is missing",
        "chain.log_id is missing",
    ):
        assert any(line.startswith(word) for line in said), word


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log.origin", "https://notary.example"),
        ("log.origin", "a b"),
        ("log.origin", 5),
        ("log.development", 1),
        ("server.port", True),
        ("server.port", 8080.0),
        ("server.port", "8_080"),
        ("server.port", -1),
        ("server.host", ""),
        ("server.workers", 0),
        ("server.metrics", "9464"),
        ("server.metrics", "127.0.0.1:0"),
        ("server.metrics", "127.0.0.1:65536"),
        ("server.metrics", "::1:9464"),
        ("server.metrics", True),
        ("worker.metrics", "on"),
        ("server.drain", -1),
        ("server.trusted_proxies", ["10.0.0.1/8"]),
        ("server.trusted_proxies", ["proxy.example"]),
        ("server.trusted_proxies", 5),
        ("limits.key_rate", -1),
        ("log.format", "xml"),
        ("log.access", "yes"),
        ("server.name", "two\nlines"),
        ("limits.max_text_bytes", 3 << 20),
        ("storage.synchronous", "full"),
        ("storage.busy_timeout", float("nan")),
        ("storage.busy_timeout", float("inf")),
        ("anchor.interval", -1),
        ("anchor.interval", "1e3"),
        ("anchor.poll", True),
        ("anchor.poll", 0),
    ],
)
def test_a_bad_value_is_refused(folder: Path, name: str, value: object) -> None:
    [fault] = faults(folder, flags={name: value})
    assert fault.startswith(f"{name} (flags) must")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chain.rpc", []),
        ("chain.rpc", ["ftp://a"]),
        ("chain.rpc", "http://a b"),
        ("chain.rpc", [1]),
        ("chain.rpc", 1),
        ("chain.chain_id", 0),
        ("chain.genesis", "11" * 32),
        ("chain.registry", "0x" + "22" * 32),
        ("chain.log_id", "0x" + "gg" * 32),
        ("chain.keystore", ""),
    ],
)
def test_a_bad_value_of_the_chain_is_refused(folder: Path, name: str, value: object) -> None:
    write(folder, CHAIN)
    [fault] = faults(folder, flags={name: value})
    assert fault.startswith(name)


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_less_than_full_durability_needs_a_second_word(folder: Path, level: str) -> None:
    [fault] = faults(folder, flags={"storage.synchronous": level})
    assert "allow_unsafe" in fault
    flags = {"storage.synchronous": level, "storage.allow_unsafe": True}
    assert load_settings(folder, flags=flags).storage.synchronous == level


def test_what_is_not_toml_is_said(folder: Path) -> None:
    (folder / "notary.toml").write_bytes(b"[log\n")
    with pytest.raises(InvalidConfig) as caught:
        load_settings(folder)
    assert caught.value.code == "settings-syntax"
    (folder / "notary.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidConfig):
        load_settings(folder)


def test_a_value_outside_a_table_is_refused(folder: Path) -> None:
    (folder / "notary.toml").write_text('origin = "a"\n')
    assert faults(folder)[0].startswith("origin (notary.toml) is not inside a table")


def test_no_settings_is_no_data_directory(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        load_settings(tmp_path)
    assert caught.value.code == "no-settings"


SIGNER: dict[str, object] = {"chain.signer_url": "http://signer.example", "chain.signer_address": "0x" + "44" * 20}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"chain.rpc": ["http://a", "http://a"]}, "names an endpoint twice"),
        ({"chain.rpc": ["http://a", "http://b"], "chain.quorum": 3}, "chain.quorum is 3"),
        ({"chain.gas": "free"}, "must be eip1559 or legacy"),
        ({"chain.finality": "depth-0"}, "must be finalized, or depth-"),
        ({"chain.finality": "latest"}, "must be finalized, or depth-"),
        ({"chain.timeout": 0}, "must be a number"),
    ],
)
def test_options_of_the_chain_that_cannot_be(folder: Path, flags: dict[str, object], words: str) -> None:
    write(folder, CHAIN)
    [fault] = faults(folder, flags=flags)
    assert words in fault


@pytest.mark.parametrize(("words", "depth"), [("finalized", None), ("depth-1", 1), ("depth-900", 900)])
def test_what_is_final_is_a_tag_or_a_depth(folder: Path, words: str, depth: int | None) -> None:
    write(folder, CHAIN)
    chain = load_settings(folder, flags={"chain.finality": words}).chain
    assert chain is not None
    assert chain.depth == depth


def test_a_signing_service_stands_in_for_the_keystore(folder: Path) -> None:
    lines = [line for line in CHAIN.splitlines() if not line.startswith(("keystore", "password_file"))]
    write(folder, "\n".join(lines))
    chain = load_settings(folder, flags=SIGNER).chain
    assert chain is not None
    assert (chain.signer_url, chain.signer_address) == ("http://signer.example", b"\x44" * 20)
    assert "go together" in faults(folder, flags={"chain.signer_url": "http://signer.example"})[0]
    write(folder, CHAIN)
    assert [fault.split()[0] for fault in faults(folder, flags=SIGNER)] == ["chain.keystore", "chain.password_file"]
