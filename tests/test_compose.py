"""The compose file says only what onrecord understands; see also `test_deployment.py`."""

from pathlib import Path
from typing import Any

import yaml
from typer.main import get_group

from onrecord.cli import app
from onrecord.config import load_config

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"].startswith("onrecord")
}


def test_every_service_of_ours_runs_a_command_that_there_is() -> None:
    commands = get_group(app).commands
    assert {
        name: service["command"][0] in commands for name, service in OURS.items()
    } == dict.fromkeys(("poll", "extract", "serve", "onrecord"), True)


def test_every_setting_is_one_that_the_configuration_takes(tmp_path: Path) -> None:
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    for service in OURS.values():
        environment = dict(service["environment"], ONRECORD_LOG__URL="kafka://kafka:9092")
        config = load_config(environment, empty)
        assert config.log.url == "kafka://kafka:9092"
        assert config.extract.processes == 1


def test_images_are_of_an_exact_version() -> None:
    for service in COMPOSE["services"].values():
        name, _, version = service["image"].partition(":")
        assert version.count(".") == 2, f"{name} is not pinned"


def test_the_image_copies_only_what_the_build_context_lets_through() -> None:
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        word.removeprefix("./")
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
        for word in line.split()[1:-1]
        if not word.startswith("--")
    }
    assert copied == kept
