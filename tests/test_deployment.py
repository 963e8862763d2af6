"""What is deployed, read by the programs that would read it. Nothing is run: there is no engine."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from onrecord.config import load_config
from onrecord.metrics import ALL
from onrecord.topics import Topics
from tests.validating import validators

ROOT = Path(__file__).parent.parent
KUBERNETES = ROOT / "config" / "deployment" / "kubernetes" / "onrecord.yaml"
UNIT = ROOT / "config" / "deployment" / "onrecord@.service"
ALERTS = ROOT / "config" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "config" / "grafana" / "dashboards" / "onrecord.json"

_SUFFIXES = re.compile(r"_(total|bucket|count|sum)$")


def compose(**environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [validators(), "compose", str(ROOT / "docker-compose.yml")],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "ONRECORD_SERVE__TOKEN": "a-token"} | environment,
    )
    project: dict[str, Any] = json.loads(done.stdout)
    return project


# ── the compose file ─────────────────────────────────────────────────────────────────────────


def test_the_compose_file_is_one_that_compose_reads() -> None:
    services = compose()["services"]
    assert {"kafka", "poll", "extract", "serve", "prometheus", "grafana"} == set(services)


def test_every_service_has_a_health_check() -> None:
    for name, service in compose()["services"].items():
        assert service["healthcheck"]["test"], name


def test_one_variable_names_a_broker_of_ones_own_and_puts_the_bundled_one_to_sleep() -> None:
    services = compose(ONRECORD_LOG__URL="kafka://mine:9092")["services"]
    assert services["extract"]["environment"]["ONRECORD_LOG__URL"] == "kafka://mine:9092"
    script = services["kafka"]["command"][-1].replace("$$", "$")
    kept = {"ONRECORD_LOG__URL": services["kafka"]["environment"]["ONRECORD_LOG__URL"]}
    asleep = script.replace("exec sleep infinity", "true").replace(
        "exec /etc/kafka/docker/run", "echo STARTED"
    )
    said = subprocess.run(
        ["sh", "-c", asleep], env=kept, capture_output=True, text=True, check=True
    ).stdout
    assert said == "the log is kafka://mine:9092: this broker is not needed\n"
    said = subprocess.run(
        ["sh", "-c", asleep],
        env={"ONRECORD_LOG__URL": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith("STARTED")


def test_kafka_can_be_reached_from_the_host() -> None:
    kafka = compose()["services"]["kafka"]
    advertised = kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    port = kafka["ports"][0]
    assert f"HOST://localhost:{port['published']}" in advertised
    assert port["host_ip"] == "127.0.0.1"


def test_nothing_listens_beyond_this_machine_unasked() -> None:
    for name, service in compose()["services"].items():
        for port in service.get("ports", []):
            assert port["host_ip"] == "127.0.0.1", name


def test_no_secret_stands_in_an_environment_that_the_engine_shows() -> None:
    serve = compose(ONRECORD_SERVE__TOKEN="a-secret-token")["services"]["serve"]
    assert "a-secret-token" not in json.dumps(serve)
    assert serve["environment"]["ONRECORD_SERVE__TOKEN_FILE"] == "/run/secrets/serve_token"


def test_no_container_with_a_read_only_root_is_given_what_compose_copies_into_it() -> None:
    project = compose()
    copied = {name for name, secret in project["secrets"].items() if "environment" in secret}
    for name, service in project["services"].items():
        given = {secret["source"] for secret in service.get("secrets", [])}
        assert not (service.get("read_only") and given & copied), name


def test_what_onrecord_writes_outlives_its_containers() -> None:
    ours = [s for s in compose()["services"].values() if s["image"].startswith("onrecord:")]
    places = [
        {volume["target"]: (volume["type"], volume["source"]) for volume in service["volumes"]}
        for service in ours
    ]
    assert [place["/srv/onrecord/data"] for place in places] == [("volume", "data")] * len(ours)


# ── Prometheus and Grafana ───────────────────────────────────────────────────────────────────


def test_prometheus_reads_the_alerts() -> None:
    subprocess.run([validators(), "rules", str(ALERTS)], check=True)


def metrics_in(expression: str) -> set[str]:
    return {_SUFFIXES.sub("", name) for name in re.findall(r"\bonrecord_\w+", expression)}


def test_alerts_and_dashboard_name_only_metrics_that_there_are() -> None:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {name for rule in rules for name in metrics_in(rule["expr"])}
    shown = {
        name for panel in panels for query in panel["targets"] for name in metrics_in(query["expr"])
    }
    known = {metric.name for metric in ALL}
    assert asked - known == set()
    assert shown - known == set()
    # Whatever can be measured can be seen.
    assert known - shown == set()


def test_every_alert_says_what_to_do() -> None:
    for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]:
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn", "info"}


# ── Kubernetes and systemd ───────────────────────────────────────────────────────────────────


def manifests() -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(KUBERNETES.read_text()) if found]


def test_the_manifests_fit_the_schemas_of_kubernetes() -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    checked = [
        kubernetes_validate.validate(manifest, "1.33", strict=True)
        for manifest in manifests()
        if manifest["kind"] != "ScaledObject"  # of KEDA, which has a schema of its own
    ]
    assert len(checked) == 9


def test_the_manifests_settings_are_ones_that_onrecord_takes(tmp_path: Path) -> None:
    given = {
        name: value
        for manifest in manifests()
        if manifest["kind"] in {"ConfigMap", "Secret"}
        for name, value in (manifest.get("data") or manifest.get("stringData") or {}).items()
    }
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load_config(given, empty).log.url.startswith("kafka://")


def test_pods_with_a_read_only_root_can_write_where_onrecord_does() -> None:
    for deployment in (found for found in manifests() if found["kind"] == "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert {"/tmp", "/srv/onrecord/data"} <= set(mounted)
        assert set(mounted.values()) <= {volume["name"] for volume in pod["volumes"]}


def test_extractors_scale_with_the_lag_of_the_group_that_extracts() -> None:
    (scaled,) = (m for m in manifests() if m["kind"] == "ScaledObject")
    trigger = scaled["spec"]["triggers"][0]["metadata"]
    assert trigger["consumerGroup"] == "onrecord.extract"
    assert trigger["topic"] == Topics().articles


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    # What the unit starts and documents is not on this machine.
    text = UNIT.read_text().replace("/opt/onrecord/bin/onrecord", "/bin/true")
    unit = tmp_path / "onrecord@run.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,  # it also complains of the machine
    )
    ours = [line for line in done.stderr.splitlines() if "onrecord@run" in line]
    assert ours == []
