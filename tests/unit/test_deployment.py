"""The deployment files: they keep to their schemas, and everything that they name is there.

No container engine is needed for that, and none is asked; that the same processes work together is tested elsewhere.
"""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from notary.cli.main import COMMANDS
from notary.config.options import OPTIONS, TABLES
from tests.program import ROOT

COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
NGINX = ROOT / "deploy" / "nginx.conf"
IMAGE = "notary-log:local"
WEB, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2")
DATA = "/data/log"


@pytest.fixture(scope="module")
def compose() -> Any:
    return YAML(typ="safe").load(COMPOSE)


@pytest.fixture(scope="module")
def services(compose: Any) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


@pytest.fixture(scope="module")
def prometheus() -> Any:
    return YAML(typ="safe").load(ROOT / "deploy" / "prometheus.yml")


def ours(services: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in services.items() if one["image"] == IMAGE}


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


# ------------------------------------------------------------------------------------------------------------- schemas


def test_compose_keeps_to_the_specification() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()


def test_the_schema_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text("utf-8").replace("stop_grace_period: 60s", "stop_grace: 60s"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(wrong)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_dockerfile_passes_its_linter() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()


def test_the_first_start_is_a_proper_script() -> None:
    script = ROOT / "deploy" / "first-start"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0


# ------------------------------------------------------------------------------------------------------------- compose


def test_every_service_of_the_service_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {"proxy", *WEB, *WORKERS, "init", "postgres", "anvil", "prometheus"}
    assert set(ours(services)) == {*WEB, *WORKERS, "init"}


def test_what_services_refer_to_is_declared_and_everything_declared_is_used(
    compose: Any, services: dict[str, Any]
) -> None:
    volumes, secrets, networks = set(), set(), set()
    for name, one in services.items():
        assert set(one.get("depends_on", {})) <= set(services) - {name}
        networks |= set(one["networks"])
        secrets |= set(one.get("secrets", []))
        for mount in one.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), f"{name} mounts {source}"
                assert mount.endswith(":ro")
            else:
                volumes.add(source)
    assert volumes == set(compose["volumes"])
    assert secrets == set(compose["secrets"])
    assert networks == set(compose["networks"])


def test_a_service_that_is_waited_for_can_say_that_it_is_well(services: dict[str, Any]) -> None:
    for one in services.values():
        for name, wanted in one.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"], name
            else:
                assert services[name]["restart"] == "no", f"{name} ends"
    for name, one in services.items():
        assert one["healthcheck"].get("test") or name == "init", name


def test_images_are_named_by_a_version(services: dict[str, Any]) -> None:
    images = {one["image"] for one in services.values()} - {IMAGE}
    images |= {words.split()[0] for name, words in instructions() if name == "FROM"}
    assert len(images) == 6
    for image in images:
        assert re.fullmatch(r"\S+:v?\d+\.\d+\.?\d*(-[a-z]+)*", image), image
    version = next(image for image in images if "foundry" in image).rpartition(":v")[2]
    assert f'"{version}"' in (ROOT / "package.json").read_text(), "anvil as in the tests"


def test_secrets_are_files_and_nowhere_else(compose: Any, services: dict[str, Any]) -> None:
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for one in services.values():
        for variable, value in one.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|TOKEN", variable):
                path = Path(value)
                assert path.parent == Path("/run/secrets")
                assert path.name in one["secrets"]
            if "://" in str(value):
                assert urlsplit(value).password is None


def test_nothing_has_more_rights_than_it_needs(services: dict[str, Any]) -> None:
    for name, one in services.items():
        assert not one.get("privileged")
        if name != "postgres":  # its entry point gives up root itself, for which it needs to be root
            assert one["cap_drop"] == ["ALL"]
            assert one["security_opt"] == ["no-new-privileges:true"]
        if name not in {"postgres", "anvil"}:
            assert one["read_only"] is True
            assert "user" not in one
        for port in one.get("ports", []):
            assert port.startswith("127.0.0.1:")
            assert name in {"proxy", "prometheus"}


# ------------------------------------------------------------------------------------------------------- what they run


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return the arguments of a command of ours as the program itself would read them."""
    name, *rest = arguments
    assert name in COMMANDS
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    importlib.import_module(f"notary.cli.commands.{name}").configure(parser)
    return parser.parse_args(rest)


def test_every_command_is_one_of_the_programs(services: dict[str, Any]) -> None:
    for name in WEB:
        args = parsed(services[name]["command"])
        assert (args.web_only, args.host, args.port) == (True, "0.0.0.0", 8080)  # noqa: S104
    for name in WORKERS:
        parsed(services[name]["command"])
    told = dict(instructions())
    assert parsed([*re.findall(r'"([^"]*)"', told["CMD"])]).web_only
    assert told["ENTRYPOINT"] == '["notary"]'


def test_every_variable_is_an_option_or_one_of_the_scripts(services: dict[str, Any]) -> None:
    script = (ROOT / "deploy" / "first-start").read_text()
    used = set(re.findall(r"\$\{?([A-Z_]+)", script))
    for name, one in ours(services).items():
        for variable, value in one.get("environment", {}).items():
            table, _, rest = variable.removeprefix("NOTARY_").lower().partition("_")
            if variable.startswith("NOTARY_") and table in TABLES:
                OPTIONS[f"{table}.{rest}"].read(value)
            else:
                assert variable in used, f"{name} sets {variable}"
    assert set(services["init"]["environment"]) == used - {"NOTARY_DATA"}


def test_the_first_start_gives_options_that_init_has(services: dict[str, Any]) -> None:
    script = (ROOT / "deploy" / "first-start").read_text()
    options = re.findall(r"--[a-z-]+", script)
    parser = argparse.ArgumentParser(allow_abbrev=False)
    importlib.import_module("notary.cli.commands.init").configure(parser)
    assert options
    assert set(options) <= set(parser._option_string_actions)
    [module] = re.findall(r"python -m (\S+)", script)
    assert importlib.import_module(module).main
    OPTIONS["storage.url"].read(services["init"]["environment"]["DATABASE_URL"])


def test_ports_and_hosts_are_those_of_services(services: dict[str, Any], prometheus: Any) -> None:
    upstream = re.findall(r"server ([a-z0-9-]+):(\d+)", NGINX.read_text("utf-8"))
    assert upstream == [(name, "8080") for name in WEB]
    targets = {target for job in prometheus["scrape_configs"] for target in job["static_configs"][0]["targets"]}
    metrics = {
        f"{name}:{value.rpartition(':')[2]}"
        for name, one in ours(services).items()
        for variable, value in one.get("environment", {}).items()
        if variable.endswith("_METRICS")
    }
    assert targets - {"127.0.0.1:9090"} == metrics
    environment = services["init"]["environment"]
    assert urlsplit(environment["DATABASE_URL"]).hostname in services
    chain = urlsplit(environment["TRIAL_CHAIN"])
    assert chain.hostname in services
    assert str(chain.port) in services["anvil"]["command"]
    assert urlsplit(environment["DATABASE_URL"]).username == services["postgres"]["environment"]["POSTGRES_USER"]
    assert urlsplit(environment["DATABASE_URL"]).path == "/" + services["postgres"]["environment"]["POSTGRES_DB"]
    exposed = dict(instructions())["EXPOSE"].split()
    assert set(exposed) == {"8080", "9464"}


def asked_paths(services: dict[str, Any]) -> set[str]:
    """Return the paths that health checks ask a web server of ours for, directly or through the proxy."""
    checks = [" ".join(services[name]["healthcheck"]["test"]) for name in (*WEB, "proxy")]
    checks.append(next(words for name, words in instructions() if name == "HEALTHCHECK"))
    return {path for check in checks for path in re.findall(r"http://127\.0\.0\.1:8080(/[a-z]*)", check)}


def test_health_checks_ask_for_paths_that_are_answered(services: dict[str, Any]) -> None:
    paths = asked_paths(services)
    assert paths
    routes = set()
    for module in (ROOT / "notary" / "web").glob("*.py"):
        text = module.read_text("utf-8")
        prefix = "".join(re.findall(r'url_prefix="([^"]*)"', text))
        routes |= {prefix + path for path in re.findall(r'blueprint\.(?:get|post)\("(/[^"]*)"\)', text)}
    assert paths <= routes
    for location in re.findall(r"location (?:= )?(\S+) \{", NGINX.read_text("utf-8")):
        assert location == "/" or any(route.startswith(location) for route in routes), location


def test_the_proxy_takes_what_the_program_takes() -> None:
    [size] = re.findall(r"client_max_body_size (\d+)m;", NGINX.read_text("utf-8"))
    default = OPTIONS["limits.max_body_bytes"].default
    assert isinstance(default, int)
    assert default < int(size) << 20 <= default + (2 << 20)


def test_data_is_kept_in_the_volumes(services: dict[str, Any]) -> None:
    for one in ours(services).values():
        assert {mount.split(":")[1] for mount in one["volumes"]} == {"/data", "/backup"}
        assert "NOTARY_DATA" not in one.get("environment", {})
    assert f"NOTARY_DATA={DATA}" in dict(instructions())["ENV"].split()
    made = next(words for name, words in instructions() if name == "RUN" and "install --directory" in words)
    assert {"/data", "/backup"} <= set(shlex.split(made))


# ----------------------------------------------------------------------------------------------------------- the image


def test_the_image_runs_as_nobody_in_particular() -> None:
    stages = [i for i, (name, _) in enumerate(instructions()) if name == "FROM"]
    assert len(stages) == 2
    last = dict(instructions()[stages[-1] :])
    uid = last["USER"].split(":")[0]
    assert int(uid) >= 1000
    assert f"--uid {uid}" in last["RUN"]
    assert f"chown {uid} " in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_everything_that_is_copied_is_there_and_reaches_the_builder() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set()
    for name, words in instructions():
        if name == "COPY" and "--from" not in words:
            sources = [word for word in words.split() if not word.startswith("--")][:-1]
            copied |= set(sources)
    assert copied == allowed
    for path in copied:
        assert (ROOT / path).exists(), path
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*", "everything else stays here"
