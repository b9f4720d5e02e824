"""What an operator installs names only what exists: commands, variables, metrics, files, headings."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot import state
from bot.cli import app
from bot.metrics import REGISTRY
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
COMPOSE = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())
SERVICES: Mapping[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "docker/Dockerfile").read_text()
ALERTS = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "grafana/quietline.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group, as there are several
VARIABLES = {PREFIX + name.upper() for name in Settings.model_fields}

_NEVER_WRITTEN = re.compile(r"whsec_[A-Za-z0-9+/]{16}|AGE-SECRET-KEY-1|://\w+:[^$@\s]+@|\d{6,}:[A-Za-z0-9_-]{30}")
_SECRET = re.compile(r"(PASSWORD|SECRET|TOKEN|DATA_KEY|DATABASE_URL)$")
_MATCHERS = re.compile(r"(\w+)\{([^}]*)\}")
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_NOT_METRICS = {"and", "or", "unless", "by", "bool", "offset", "group_left", "group_right"}
_OF_PROMETHEUS = {"up": {"job", "instance"}}
_EVERYWHERE = {"job", "instance", "le"}


def texts() -> list[tuple[str, str]]:
    files = [file for file in sorted(DEPLOY.rglob("*")) if file.is_file() and "secrets" not in file.parts]
    return [(str(file.relative_to(ROOT)), file.read_text()) for file in files]


def variables(text: str) -> set[str]:
    return set(re.findall(r"\bQUIETLINE_[A-Z_]*[A-Z]\b", text))


@pytest.mark.parametrize(("name", "text"), texts())
def test_every_variable_is_one_that_the_program_reads(name: str, text: str) -> None:
    assert variables(text) <= VARIABLES, name


@pytest.mark.parametrize(("name", "text"), texts())
def test_no_secret_is_written_down(name: str, text: str) -> None:
    assert not _NEVER_WRITTEN.search(text), name


# systemd


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_of_the_program(unit: Path) -> None:
    started = re.findall(r"^ExecStart=(\S+) (\S+)$", unit.read_text(), re.MULTILINE)

    assert [program for program, _ in started] == ["/opt/quietline/.venv/bin/quietline"]
    assert {command for _, command in started} <= COMMANDS


def systemd_analyze(*arguments: str | Path) -> str:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode == 0 else f"failed: {done.stdout}{done.stderr}"


def test_systemd_finds_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    """It says of a misspelt key that it is ignored, and still ends well."""
    program = tmp_path / "opt/.venv/bin/quietline"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    for unit in UNITS + TIMERS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/quietline", str(tmp_path / "opt")))

    said = systemd_analyze("verify", "--man=no", *(tmp_path / unit.name for unit in UNITS + TIMERS))

    assert [line for line in said.splitlines() if str(tmp_path) in line or "quietline" in line] == []
    assert not said.startswith("failed")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little_besides_its_work(unit: Path) -> None:
    said = systemd_analyze("security", "--offline=true", "--threshold=15", unit)

    assert not said.startswith("failed"), said[-200:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_memory_of_a_unit_never_reaches_a_disk(unit: Path) -> None:
    lines = unit.read_text().splitlines()

    assert {"LimitCORE=0", "MemorySwapMax=0"} <= set(lines)
    assert any(line.startswith("MemoryMax=") for line in lines)


@pytest.mark.parametrize("name", ["quietline.service", "quietline-check.service", "quietline-do"])
def test_the_journal_of_the_runbook_may_be_written_from_a_unit(name: str) -> None:
    (folder,) = set(re.findall(r"QUIETLINE_JOURNAL_DIR=(\S+)", OPERATIONS))

    assert f"ReadWritePaths=-{folder}" in (DEPLOY / "systemd" / name).read_text()


# containers


def test_every_part_of_the_line_is_composed() -> None:
    assert {"postgres", "nlu", "desk"} <= SERVICES.keys()
    assert sum(name.startswith("replica-") for name in SERVICES) >= 2


def test_only_this_machine_reaches_a_published_port_and_nobody_the_database() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}

    assert not ports["postgres"]
    assert not ports["nlu"]
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)


def test_the_nlu_server_and_the_database_have_no_way_out() -> None:
    internal = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}

    assert set(SERVICES["nlu"]["networks"]) <= internal
    assert set(SERVICES["postgres"]["networks"]) <= internal
    assert "secrets" not in SERVICES["nlu"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_limits_and_leaves_no_core(name: str) -> None:
    service = SERVICES[name]

    assert service["ulimits"]["core"] == 0
    assert service["memswap_limit"] == service["mem_limit"]
    assert service["restart"] == "always"
    assert name == "postgres" or service["read_only"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_secret_comes_by_file(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    held = set(SERVICES[name].get("secrets", []))

    assert not {variable for variable in given if _SECRET.search(variable)}
    assert held <= COMPOSE["secrets"].keys()


def test_a_replica_waits_for_the_database_only() -> None:
    awaited = SERVICES["replica-1"]["depends_on"]

    assert awaited["postgres"]["condition"] == "service_healthy"
    assert awaited["nlu"]["condition"] == "service_started"
    assert "healthcheck" in SERVICES["postgres"]


def stages() -> dict[str, str]:
    parts = re.split(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("target", ["service", "nlu"])
def test_an_image_says_whether_it_is_well_and_is_nobody_s_root(target: str) -> None:
    assert "HEALTHCHECK" in stages()[target]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", stages()[target], re.MULTILINE)
    assert target in {service["build"]["target"] for service in SERVICES.values() if "build" in service}


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()]


@pytest.mark.parametrize("source", copied())
def test_what_an_image_copies_exists_and_is_sent_to_the_builder(source: str) -> None:
    sent = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}

    assert (ROOT / source).exists()
    assert source in sent or Path(source).parts[0] in sent


def test_an_image_is_made_with_the_tools_of_the_setup() -> None:
    version = re.findall(r"^UV_VERSION=(\S+)$", (ROOT / "setup.sh").read_text(), re.MULTILINE)

    assert set(re.findall(r"uv==(\S+)", DOCKERFILE)) == set(version)
    assert DOCKERFILE.count("uv sync") == DOCKERFILE.count("uv sync --frozen")


def test_the_nlu_server_knows_the_options_it_is_started_with() -> None:
    (command,) = re.findall(r'"nlu\.server"(.*)\]', DOCKERFILE)
    known = re.findall(r'add_argument\("(--\w+)"', (ROOT / "nlu/server.py").read_text())

    assert set(re.findall(r"--\w+", command)) <= set(known)


def make_secrets(folder: Path) -> dict[str, str]:
    subprocess.run([DEPLOY / "docker/make-secrets.sh", folder], check=True)
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_secrets_are_made_once_as_the_program_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_secrets(tmp_path / "secrets")
    for name, value in made.items():
        monkeypatch.setenv(name, value)

    assert made.keys() == COMPOSE["secrets"].keys()
    assert make_secrets(tmp_path / "secrets") == made
    assert len(state.data_key(Settings())) == 32
    assert Settings().telegram_token is None
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_a_container_gets_its_secrets_as_variables(tmp_path: Path) -> None:
    made = make_secrets(tmp_path)
    show = ["sh", str(DEPLOY / "docker/entrypoint.sh"), "env"]

    shown = subprocess.run(show, check=True, capture_output=True, text=True, env={"SECRETS_DIR": str(tmp_path)}).stdout

    assert f"QUIETLINE_DATA_KEY={made['QUIETLINE_DATA_KEY']}\n" in shown
    assert "TELEGRAM" not in shown
    assert "POSTGRES" not in shown


# metrics


def metrics() -> dict[str, set[str]]:
    """Give every series that /metrics can show, with the labels it has of its own."""
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}
    found = dict(_OF_PROMETHEUS)
    for family in REGISTRY.collect():
        collector = REGISTRY._names_to_collectors.get(family.name)
        labels = set(getattr(collector, "_labelnames", ()))
        found |= {family.name + suffix: labels | _EVERYWHERE for suffix in suffixes[family.type]}
    return found


def asked(expression: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Give the metrics that an expression names, and the labels it picks them by."""
    bare = re.sub(r'"[^"]*"', "", expression)
    labels = {(name, label) for name, inner in _MATCHERS.findall(bare) for label in re.findall(r"(\w+)\s*[=!]", inner)}
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\$\w+", " ", _GROUPED.sub(" ", bare))
    return set(re.findall(r"\b([a-zA-Z_]\w*)\b(?!\s*\()", bare)) - _NOT_METRICS, labels


def expressions() -> list[tuple[str, str]]:
    of_panels = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
    return [(rule["alert"], rule["expr"]) for rule in ALERTS] + of_panels


@pytest.mark.parametrize(("name", "expression"), expressions())
def test_every_metric_and_label_asked_for_exists(name: str, expression: str) -> None:
    names, labels = asked(expression)
    known = metrics()
    grouped = {label.strip() for inner in _GROUPED.findall(expression) for label in inner.split(",")}

    assert names, name
    assert names <= known.keys()
    assert all(label in known[metric] for metric, label in labels)
    assert grouped <= {label for metric in names for label in known[metric]}


@pytest.mark.parametrize("expression", ["max(quietline_oldest)", 'rate(quietlin_turns_total{channel="web"}[5m])'])
def test_a_misspelt_metric_would_be_found(expression: str) -> None:
    assert not asked(expression)[0] <= metrics().keys()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_where_it_is_written_what_to_do(rule: Mapping[str, Any]) -> None:
    headings = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)

    assert headings.count(rule["annotations"]["runbook"]) == 1
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_prometheus_raises_and_rests_as_meant() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("no promtool on this machine")
    story = Path(__file__).with_name("alerts_story.yml")
    done = subprocess.run(["promtool", "test", "rules", story], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_panels_are_whole_and_ask_the_chosen_prometheus() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    titles = [panel["title"] for panel in PANELS]

    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)
    assert all(panel["title"] and panel["targets"] for panel in PANELS)
    assert all(target["expr"] for panel in PANELS for target in panel["targets"])
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["datasource"]


def test_panels_do_not_lie_over_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


# the runbook


def test_the_runbook_names_only_commands_and_variables_that_exist() -> None:
    named = re.findall(r"`(?:\.venv/bin/)?quietline(?:-do)? ([a-z]+)", OPERATIONS)

    assert named
    assert set(named) <= COMMANDS
    assert variables(OPERATIONS) <= VARIABLES


def test_the_runbook_names_only_files_that_exist() -> None:
    named = re.findall(r"\b(?:deploy|docs|bench)/[\w./@-]*[\w]", OPERATIONS)

    assert {name for name in named if not (ROOT / name).exists()} <= {"deploy/docker/secrets"}
