"""docker-compose.yml and the Dockerfile: valid, closed by default, and in step with the settings.

Every check is a function from the file's text to a list of what is wrong, so that the same function is
also shown broken files; a check that cannot fail says nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import SecretStr
from typer.main import get_command

from models.settings import SECRET_NAMES, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
ALLOWED_AT_TOP = {
    "pyproject.toml", "README.md", "dashboard", "ingest", "models", "docker-compose.yml", "tests",
    "LICENSE", "CHANGELOG.md", "Dockerfile",
}  # fmt: skip
DATA_DIR = "/var/lib/backstop"
# The image's own start script writes its configuration into the root file system.
WRITABLE_ROOT = {"kafka"}
# Settings of the other ways to run: the embedded broker, and addresses that compose itself decides.
# The clock of demonstrations runs only where nothing is kept for real.
NOT_FOR_INGEST = {"broker_port", "dashboard_host", "dashboard_port", "clock_speed", "clock_since", "clock_shows"}
REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<rest>[^}]*))?\}")


def services(text: str) -> dict[str, dict[str, Any]]:
    """The services of a compose file."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


def with_defaults(value: object) -> str:
    """A value as compose reads it when no variable is set at all."""
    return REFERENCE.sub(lambda m: m["rest"] if m["how"] in ("-", ":-") else "", str(value))


def secret_names() -> set[str]:
    """The environment variables of all settings that hold a secret."""
    fields = Settings.model_fields.items()
    found = {name for name, field in fields if "SecretStr" in str(field.annotation)}
    return {f"BACKSTOP_{name.upper()}" for name in found}


# The checks.


def unknown_settings(text: str) -> list[str]:
    """Names that the processes would refuse at start, also in comments and in the Dockerfile."""
    names = {name.split("__")[0] for name in re.findall(r"BACKSTOP_[A-Z0-9_]+", text)}
    known = {f"BACKSTOP_{field.upper()}" for field in Settings.model_fields}
    return [f"{name} is not a setting" for name in sorted(names - known)]


def settings_not_handed_on(text: str) -> list[str]:
    """Settings that work for the plain process and would be ignored in the container."""
    given = services(text)["ingest"]["environment"]
    wanted = {field for field in Settings.model_fields if field not in NOT_FOR_INGEST}
    return [
        f"BACKSTOP_{field.upper()} does not reach ingest; add it to docker-compose.yml"
        for field in sorted(wanted)
        if f"BACKSTOP_{field.upper()}" not in given
    ]


def open_ports(text: str) -> list[str]:
    """Ports that anything but this host could reach without somebody having asked for it."""
    wrong = []
    for name, service in services(text).items():
        if service.get("network_mode"):
            wrong.append(f"{name}: network_mode {service['network_mode']} goes round the published ports")
        for port in service.get("ports", []):
            address = port.get("host_ip", "") if isinstance(port, dict) else with_defaults(port)
            if not re.match(r"127\.0\.0\.1(:|$)", address):
                wrong.append(f"{name}: port {port} is not bound to 127.0.0.1 by default")
    # The broker has no passwords, so no variable may open it either.
    broker = services(text)["kafka"].get("ports", [])
    wrong += [f"kafka: port {p} can be opened" for p in broker if not str(p).startswith("127.0.0.1:")]
    return wrong


def given_secrets(text: str) -> list[str]:
    """Secrets with a value in the file, or that would silently be empty."""
    wrong = []
    required = {f"BACKSTOP_{name.upper()}" for name in SECRET_NAMES}
    for name, service in services(text).items():
        environment = service.get("environment", {})
        for secret in sorted(secret_names() & set(environment)):
            value = environment[secret]
            if value is None and secret not in required:
                continue
            found = REFERENCE.fullmatch(str(value))
            if not (found and found["name"] == secret and found["how"] == ":?" and found["rest"]):
                wrong.append(f"{name}: {secret} must be ${{{secret}:?message}}, not {value!r}")
    missing = required - set(services(text)["ingest"]["environment"])
    wrong += [f"ingest: {secret} is not given" for secret in sorted(missing)]
    foreign = secret_names() & set(services(text)["dashboard"]["environment"]) - {"BACKSTOP_DASHBOARD_TOKEN"}
    wrong += [f"dashboard: {secret} is none of its business" for secret in sorted(foreign)]
    return wrong


def missing_health_checks(text: str) -> list[str]:
    """Services whose failure nobody would notice."""
    wrong = []
    for name, service in services(text).items():
        check = service.get("healthcheck", {})
        absent = {"test", "interval", "timeout", "retries"} - set(check)
        if absent or check.get("disable") or check.get("test") == ["NONE"]:
            wrong.append(f"{name}: no health check, or without {sorted(absent)}")
    return wrong


def unpinned(images: list[str]) -> list[str]:
    """Images whose tag does not name a full version (or whose digest is not given)."""
    pinned = re.compile(r"[^:@\s]+(:v?\d+\.\d+\.\d+([.-][\w.-]+)?|(:[\w.-]+)?@sha256:[0-9a-f]{64})")
    return [f"image {image} is not pinned" for image in images if not pinned.fullmatch(image)]


def unpinned_images(text: str) -> list[str]:
    """Every service names a pinned image, or is built here."""
    found = services(text)
    wrong = [f"{name}: no image, no build" for name, s in found.items() if not {"image", "build"} & set(s)]
    return wrong + unpinned([service["image"] for service in found.values() if "image" in service])


def shared_writers(text: str) -> list[str]:
    """The store has one writer; whoever else mounts its volume may only read."""
    writers: set[str] = set()
    readers: set[str] = set()
    for name, service in services(text).items():
        for volume in service.get("volumes", []):
            if isinstance(volume, dict):
                target, read_only = volume["target"], bool(volume.get("read_only"))
            else:
                target, *mode = volume.split(":")[1:]
                read_only = "ro" in ",".join(mode).split(",")
            if "docker.sock" in str(volume):
                return [f"{name}: mounts the Docker socket"]
            if target == DATA_DIR:
                (readers if read_only else writers).add(name)
    right = writers == {"ingest"} and readers == {"dashboard"}
    return [] if right else [f"the store is written by {sorted(writers)} and read by {sorted(readers)}"]


def soft_services(text: str) -> list[str]:
    """Services with more rights than they need, or that neither come back nor stay within bounds."""
    wrong = []
    for name, service in services(text).items():
        wanted = {
            "drops all capabilities": service.get("cap_drop") == ["ALL"] and not service.get("cap_add"),
            "gains no privileges": "no-new-privileges:true" in service.get("security_opt", []),
            "is not privileged": not service.get("privileged"),
            "runs as a named user that is not root": str(service.get("user", "root")).split(":")[0]
            not in ("root", "0"),
            "has a read-only root": service.get("read_only") is True or name in WRITABLE_ROOT,
            # Compose copies inline configs into the container, which a read-only root refuses.
            "has no inline configs": not (service.get("read_only") and service.get("configs")),
            "is restarted": service.get("restart") == "unless-stopped",
            "has a memory limit": "mem_limit" in service,
        }
        wrong += [f"{name}: not true that it {what}" for what, holds in wanted.items() if not holds]
    return wrong


def dockerfile_faults(text: str) -> list[str]:
    """What the image must and must not be made of."""
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", text, re.MULTILINE)
    names = {name for _, name in stages}
    last = re.split(r"^FROM .*$", text, flags=re.MULTILINE)[-1]
    users = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    syncs = re.findall(r"uv sync[^\n]*", text)
    wanted = {
        "ends in the stage backstop": bool(stages) and stages[-1][1] == "backstop",
        "installs with uv, without development tools": bool(syncs) and all("--no-dev" in s for s in syncs),
        "pins uv": bool(re.search(r"\buv==\d+\.\d+\.\d+", text)),
        "names no package index": not re.search(r"index[-_]url|default[-_]index|extra-index", text, re.I),
        "does not run as root": bool(users) and users[-1].split(":")[0] not in ("root", "0"),
        "leaves the tools of the build behind": "COPY --from=build" in last and "uv" not in last.split(),
        "carries no secret": not any(name in text for name in secret_names()),
    }
    wrong = [f"Dockerfile: not true that it {what}" for what, holds in wanted.items() if not holds]
    return wrong + unpinned([image for image, _ in stages if image not in names])


def strangers_at_top(paths: list[str]) -> list[str]:
    """Entries of the repository's top level that have no place there."""
    tops = {path.split("/")[0] for path in paths}
    return sorted(top for top in tops if top not in ALLOWED_AT_TOP and not top.startswith("."))


def schema_faults(text: str) -> list[str]:
    """What the official Compose Specification's schema says, or `docker compose config` instead of it."""
    package = importlib.util.find_spec("check_jsonschema")
    if package and package.origin:
        file = Path(package.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
        schema = json.loads(file.read_text("utf-8"))
        validator = jsonschema.validators.validator_for(schema)(schema)
        found = validator.iter_errors(yaml.safe_load(text))
        return [f"{error.json_path}: {error.message}" for error in found]
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("neither check-jsonschema (with the Compose schema) nor docker compose is installed")
    done = subprocess.run(
        [docker, "compose", "--file", "-", "--project-directory", str(ROOT), "config", "--quiet"],
        input=text, capture_output=True, text=True, check=False,
        env=os.environ | dict.fromkeys(secret_names(), "x" * 32),
    )  # fmt: skip
    return [done.stderr] if done.returncode else []


COMPOSE_CHECKS: list[Callable[[str], list[str]]] = [
    schema_faults, unknown_settings, settings_not_handed_on, open_ports, given_secrets,
    missing_health_checks, unpinned_images, shared_writers, soft_services,
]  # fmt: skip


# The files as they are.


@pytest.mark.parametrize("check", COMPOSE_CHECKS, ids=lambda check: check.__name__)
def test_the_compose_file_passes(check: Callable[[str], list[str]]) -> None:
    assert check(COMPOSE) == []


@pytest.mark.parametrize("check", [dockerfile_faults, unknown_settings], ids=lambda check: check.__name__)
def test_the_dockerfile_passes(check: Callable[[str], list[str]]) -> None:
    assert check(DOCKERFILE) == []


def test_the_services_start_commands_that_exist() -> None:
    """The names after `backstop` in the file are commands of the command line."""
    known = set(getattr(get_command(importlib.import_module("ingest.cli").app), "commands", {}))
    used = {service["command"][1] for service in services(COMPOSE).values() if "command" in service}
    used.add(services(COMPOSE)["ingest"]["healthcheck"]["test"][2])
    assert used == {"ingest", "dashboard", "health"}
    assert used <= known


def test_the_containers_settings_are_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What compose hands to ingest and to the dashboard, with nothing but the secrets set, is valid."""
    monkeypatch.chdir(tmp_path)
    for name in ("ingest", "dashboard"):
        given = services(COMPOSE)[name]["environment"]
        for variable in [variable for variable in os.environ if variable.startswith("BACKSTOP_")]:
            monkeypatch.delenv(variable)
        for variable, value in given.items():
            if value is not None:
                monkeypatch.setenv(variable, with_defaults(value) or "x" * 32)
        settings = Settings()
        assert settings.data_dir == Path(DATA_DIR)
        assert isinstance(settings.dashboard_token, SecretStr)


def test_secrets_are_recognised_by_their_type() -> None:
    """A new secret in the settings is covered without anybody thinking of this file."""
    wanted = {f"BACKSTOP_{name.upper()}" for name in SECRET_NAMES} | {"BACKSTOP_KAFKA_SASL_PASSWORD"}
    assert wanted <= secret_names()
    assert get_args(Settings.model_fields["kafka_sasl_password"].annotation)[0] is SecretStr


def test_the_top_level_holds_only_what_belongs_there() -> None:
    """What git has or would add; what it ignores is nobody's."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"not a git work tree: {done.stderr.strip()}")
    assert strangers_at_top(done.stdout.split()) == []


# The checks can fail.


def broken() -> Iterator[tuple[str, Callable[[str], list[str]], str, str, str]]:
    """What is done to the file, the check that must see it, the text replaced, by what, the complaint."""
    yield "unknown key", schema_faults, "mem_limit: 1g", "memory: 1g", "memory"
    yield "wrong type", schema_faults, "retries: 5", "retries: [5]", "retries"
    yield "no such setting", unknown_settings, "BACKSTOP_SITES:\n", "BACKSTOP_SIGHTS:\n", "BACKSTOP_SIGHTS"
    yield "variable only", unknown_settings, "${PUBLISH_", "${BACKSTOP_PUBLISH_", "BACKSTOP_PUBLISH_ADDRESS"
    yield "setting lost", settings_not_handed_on, "BACKSTOP_BATCH_EVENTS:\n", "X:\n", "BACKSTOP_BATCH_EVENTS"
    yield "no address", open_ports, "${PUBLISH_ADDRESS:-127.0.0.1}:", "", "not bound"
    yield "open by default", open_ports, "PUBLISH_ADDRESS:-127.0.0.1", "PUBLISH_ADDRESS:-0.0.0.0", "not bound"
    yield "no default", open_ports, "{PUBLISH_ADDRESS:-127.0.0.1}", "{PUBLISH_ADDRESS}", "not bound"
    yield "host network", open_ports, "networks: [bus, pages]", "network_mode: host", "network_mode"
    yield "broker can be opened", open_ports, '["127.0.0.1:$', '["${PUBLISH_ADDRESS:-127.0.0.1}:$', "opened"
    yield "secret with default", given_secrets, "ANALYST_TOKEN:?set", "ANALYST_TOKEN:-changeme", "ANALYST"
    yield "secret may be empty", given_secrets, "CUSTOMER_KEY:?set", "CUSTOMER_KEY?set", "CUSTOMER_KEY"
    yield "secret written down", given_secrets, "SASL_PASSWORD:", "SASL_PASSWORD: hunter2", "PASSWORD"
    yield "secret lost", given_secrets, "      BACKSTOP_CUSTOMER_KEY: ", "      X: ", "not given"
    yield (
        "too many secrets",
        given_secrets,
        "DASHBOARD_HOST: 0.0.0.0",
        "ANALYST_TOKEN: x",
        "none of its business",
    )
    yield "no health check", missing_health_checks, "test: [CMD, backstop, health]", "disable: true", "ingest"
    yield "health check off", missing_health_checks, "[CMD, backstop, health]", "[NONE]", "ingest"
    yield "latest", unpinned_images, "kafka:4.3.1", "kafka:latest", "not pinned"
    yield "half a version", unpinned_images, "kafka:4.3.1", "kafka:4.3", "not pinned"
    yield "no tag", unpinned_images, "kafka:4.3.1", "kafka", "not pinned"
    yield "second writer", shared_writers, "backstop:ro", "backstop", "written by ['dashboard', 'ingest']"
    yield "docker socket", shared_writers, '"proxy-data:/data"', '"/var/run/docker.sock:/s"', "socket"
    yield "root", soft_services, 'user: "1000:1000"', 'user: "0:0"', "user"
    yield "no user", soft_services, "user: appuser", "init: true", "user"
    yield "capabilities", soft_services, "cap_drop: [ALL]", "cap_add: [NET_RAW]", "capabilities"
    yield "privileges", soft_services, "no-new-privileges:true", "seccomp:unconfined", "privileges"
    yield "privileged", soft_services, "user: appuser", "user: appuser\n    privileged: true", "privileged"
    yield "writable root", soft_services, "read_only: true", "read_only: false", "read-only root"
    yield "no limit", soft_services, "    mem_limit: 1g\n", "", "memory limit"
    yield "stays down", soft_services, "restart: unless-stopped", 'restart: "no"', "restarted"
    yield "inline config", soft_services, "profiles: [tls]", "configs: [caddyfile]", "inline configs"


@pytest.mark.parametrize(
    ("check", "old", "new", "complaint"),
    [pytest.param(*rest, id=what) for what, *rest in broken()],
)
def test_a_broken_compose_file_is_found(check: Callable[[str], list[str]], old: str, new: str, complaint: str) -> None:
    text = COMPOSE.replace(old, new)
    assert text != COMPOSE, f"{old!r} is no longer in the file, so nothing was broken"
    assert any(complaint in fault for fault in check(text)), check(text)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("python:3.11.15-slim-bookworm", "python:3.11-slim", "not pinned"),
        ("caddy:2.11.4-alpine", "caddy", "not pinned"),
        ("USER 10001:10001", "USER root", "root"),
        ("USER 10001:10001\n", "", "root"),
        ("uv sync --no-dev --no-editable", "uv sync --no-editable", "development"),
        ("uv==0.13.9", "uv", "pins uv"),
        ("pip install", "pip install --index-url=X", "package index"),
        ("COPY --from=build", "COPY --from=other", "behind"),
        ("PYTHONUNBUFFERED=1", "BACKSTOP_CUSTOMER_KEY=x", "secret"),
        ("AS backstop", "AS other", "stage backstop"),
    ],
)
def test_a_broken_dockerfile_is_found(old: str, new: str, complaint: str) -> None:
    text = DOCKERFILE.replace(old, new)
    assert text != DOCKERFILE, f"{old!r} is no longer in the file, so nothing was broken"
    assert any(complaint in fault for fault in dockerfile_faults(text)), dockerfile_faults(text)


def test_a_stranger_at_the_top_level_is_found() -> None:
    paths = ["ingest/cli.py", ".ci/run", "scripts/x.sh", "Caddyfile", "README.md", "uv.lock"]
    assert strangers_at_top(paths) == ["Caddyfile", "scripts", "uv.lock"]
