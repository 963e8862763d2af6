"""The operators' page tells what there is."""

from pathlib import Path

import yaml

from onrecord.metrics import ALL

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_metric_and_its_meaning_stand_on_the_page() -> None:
    missing = [m.name for m in ALL if m.name not in PAGE or m.meaning not in PAGE]
    assert missing == []


def test_every_alert_stands_on_the_page() -> None:
    rules = yaml.safe_load((ROOT / "config" / "prometheus" / "alerts.yml").read_text())
    named = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert {name for name in named if f"`{name}`" not in PAGE} == set()
