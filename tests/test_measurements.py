"""Metrics as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from onrecord.measurements import GroupLag, Metrics
from onrecord.metrics import ALL


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_each_unit_of_work_is_counted() -> None:
    metrics = Metrics()
    metrics.polled("read", new=3, edited=1, took_s=0.2)
    metrics.polled("failed", new=0, edited=0, took_s=9.0)
    metrics.extracted(["direct", "direct", "indirect"], "en-GB", 0.3)
    metrics.published(12.0)
    metrics.set_aside("timed_out")
    found = samples(metrics)
    assert found["onrecord_polls_total", (("outcome", "read"),)] == 1
    assert found["onrecord_polls_total", (("outcome", "failed"),)] == 1
    assert found["onrecord_articles_published_total", (("kind", "new"),)] == 3
    assert found["onrecord_articles_published_total", (("kind", "edited"),)] == 1
    assert found["onrecord_quotes_total", (("language", "en"), ("type", "direct"))] == 2
    assert found["onrecord_extraction_seconds_count", ()] == 1
    assert found["onrecord_publish_to_sink_seconds_sum", ()] == 12.0
    assert found["onrecord_dead_letters_total", (("reason", "timed_out"),)] == 1


def test_an_outage_is_counted_once_and_shown_while_it_lasts() -> None:
    metrics = Metrics()
    metrics.log_answers(False)
    assert samples(metrics)["onrecord_log_up", ()] == 0
    metrics.log_answers(True)
    assert samples(metrics)["onrecord_log_up", ()] == 1
    assert samples(metrics)["onrecord_outages_total", ()] == 1


def test_where_groups_stand_is_asked_at_each_scrape() -> None:
    metrics, lag = Metrics(), {"onrecord.articles": 7}
    metrics.watch_groups(lambda: [GroupLag("onrecord.extract", 2, lag, 41.0)])
    series = (("group", "onrecord.extract"), ("topic", "onrecord.articles"))
    assert samples(metrics)["onrecord_consumergroup_lag", series] == 7
    lag["onrecord.articles"] = 0
    found = samples(metrics)
    assert found["onrecord_consumergroup_lag", series] == 0
    assert found["onrecord_consumergroup_members", series[:1]] == 2
    assert found["onrecord_consumergroup_waiting_seconds", series[:1]] == 41.0


def test_a_group_that_nobody_joins_has_a_lag_and_no_members() -> None:
    metrics = Metrics()
    metrics.watch_groups(
        lambda: [GroupLag("onrecord.archive", None, {"onrecord.extractions": 3}, None)]
    )
    found = samples(metrics)
    assert (
        found[
            "onrecord_consumergroup_lag",
            (("group", "onrecord.archive"), ("topic", "onrecord.extractions")),
        ]
        == 3
    )
    assert not [labels for name, labels in found if name == "onrecord_consumergroup_members"]


def test_processes_and_work_in_hand_are_asked_at_each_scrape() -> None:
    metrics, running, in_hand = Metrics(), {"extractor": 2, "reader": 1}, [5]
    metrics.watch_processes(lambda: running, lambda: {"extractor": 7, "reader": 1})
    metrics.watch_queue("articles", lambda: in_hand[0])
    running["extractor"], in_hand[0] = 1, 4
    found = samples(metrics)
    assert found["onrecord_processes", (("kind", "extractor"),)] == 1
    assert found["onrecord_processes_started_total", (("kind", "extractor"),)] == 7
    assert found["onrecord_queue", (("work", "articles"),)] == 4


def test_hostile_language_tags_do_not_grow_the_number_of_series() -> None:
    metrics = Metrics()
    for n in range(2000):
        tag = chr(97 + n // 676 % 26) + chr(97 + n // 26 % 26) + chr(97 + n % 26)
        metrics.extracted(["direct"], tag, 0.1)
        metrics.extracted(["direct"], f"x\n{n}", 0.1)
    quotes = [labels for name, labels in samples(metrics) if name == "onrecord_quotes_total"]
    assert len(quotes) <= 42


def test_every_metric_tells_its_meaning_and_what_a_rise_means() -> None:
    assert all(metric.meaning.endswith(".") and metric.rise for metric in ALL)
    assert len({metric.name for metric in ALL}) == len(ALL)
