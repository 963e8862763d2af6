"""The archive in OpenSearch."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from onrecord.archive.interface import ArticleGone
from onrecord.archive.opening import open_archive, open_rebuild
from onrecord.archive.opensearch import pages
from onrecord.archive.opensearch.archive import OpenSearchArchive
from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.archive.results import ReplacedQuote
from onrecord.errors import ArchiveRefused, ArchiveUnavailable
from onrecord.log.interface import Partition, TopicSettings
from onrecord.log.opening import open_log
from tests.archive.content import content
from tests.archive.contract import DAY, FERRY, PIER, TAX, ArchiveContract, fill, words_found
from tests.archive.indexing import TOPICS, keeper, make_topics, publish, raw, run_rebuild
from tests.archive.reports import Said, report
from tests.builders import NOON
from tests.needs import need_program
from tests.opensearch.fixtures import everyday
from tests.opensearch.proxy import tls_proxy


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with everyday(tmp_path_factory.mktemp("opensearch")) as addresses:
        yield f"opensearch://{addresses}"


@pytest.fixture(scope="session")
def shared(url: str) -> Iterator[OpenSearchArchive]:
    """One archive for all tests: to make its indexes takes longer than to empty them."""
    with OpenSearchArchive(url, OpenSearchPolicy(index=f"t{uuid4().hex}", timeout_s=60.0)) as made:
        yield made


@pytest.fixture
def archive(shared: OpenSearchArchive) -> OpenSearchArchive:
    """The shared archive, emptied: also of what was written after it was last shown."""
    indexes = shared._indexes.all
    shared._cluster.request("POST", f"/{indexes}/_refresh")
    path = f"/{indexes}/_delete_by_query?refresh=true"
    shared._cluster.request("POST", path, {"query": {"match_all": {}}})
    return shared


class TestOpenSearchArchive(ArchiveContract):
    pass


def test_through_tls_with_a_password(url: str, tmp_path: Path) -> None:
    need_program("openssl")
    node = url.removeprefix("opensearch://")
    with tls_proxy(tmp_path, node, "anna", "hunter2") as (address, ca):
        policy = OpenSearchPolicy(
            tls=True, ca_file=str(ca), username="anna", password="hunter2", index="through-tls"
        )
        with open_archive(f"opensearch://{address}", opensearch=policy) as opened:
            fill(opened, report("a", Said("Mara Lind", PIER)))
            assert words_found(opened, "pier") == [PIER]
        with pytest.raises(ArchiveRefused, match=r"opensearch\.username"):
            open_archive(f"opensearch://{address}", opensearch=replace(policy, password="wrong"))
        with pytest.raises(ArchiveUnavailable):
            open_archive(f"opensearch://{address}", opensearch=replace(policy, ca_file=""))


def test_an_archive_that_is_not_there_is_not_made_by_reading(url: str) -> None:
    policy = OpenSearchPolicy(index="never-made")
    with pytest.raises(ArchiveRefused, match="there is no archive 'never-made' yet"):
        open_archive(url, make=False, opensearch=policy)


def test_what_a_batch_was_killed_in_is_repaired_by_writing_it_again(
    archive: OpenSearchArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after each request of a batch in turn: the outcome is that of one whole batch."""
    old = report("a", Said("Mara Lind", PIER), Said("Ola Berg", TAX))
    new = report("a", Said("Ola Berg", FERRY), Said("Mara Lind", PIER), revision=2)
    fill(archive, old)
    request, killed = SearchCluster.request, 0
    while True:
        left = killed

        def dying(self: SearchCluster, *arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0 and arguments[1] != "/":
                raise ArchiveUnavailable("killed here")
            return request(self, *arguments, **options)

        with archive.writer() as writer, monkeypatch.context() as patched:
            patched.setattr(SearchCluster, "request", dying)
            try:
                writer.write(new.changes(), {Partition("t", 0): 1})
            except ArchiveUnavailable:
                killed += 1
            else:
                break
    assert killed > 5
    assert words_found(archive, "") == [FERRY, PIER]
    became = archive.quote(old.ids[0])
    assert isinstance(became, ReplacedQuote)
    assert became.became == new.ids[1]
    assert archive.status().positions == {Partition("t", 0): 1}


def test_an_article_that_comes_back_after_it_was_removed_is_found(
    archive: OpenSearchArchive,
) -> None:
    one = report("a", Said("Mara Lind", PIER))
    for _ in range(2):
        fill(archive, one)
        assert words_found(archive, "pier") == [PIER]
        fill(archive, ArticleGone(article="a"))
        assert words_found(archive, "pier") == []


def test_a_writer_that_lost_its_right_writes_nothing(archive: OpenSearchArchive) -> None:
    with archive.writer() as late:
        path = f"/{archive._indexes.state}/_doc/lease?refresh=true"
        archive._cluster.request("PUT", path, {"record": {"owner": "other:1:x", "until": 4e9}})
        late._lease._until = 0.0
        with pytest.raises(ArchiveUnavailable, match="has expired"):
            late.write(report("a", Said("Mara Lind", PIER)).changes(), {})
        with pytest.raises(ArchiveUnavailable, match="by another process"):
            archive.writer()
    assert words_found(archive, "") == []


def test_a_rebuilt_archive_has_the_place_of_the_old_one_and_what_only_that_had(
    url: str, tmp_path: Path
) -> None:
    old = report("old", Said("Mara Lind", "The pier opens."))
    edited = report("edited", Said("Mara Lind", "The pier is open."))
    newer = report("edited", Said("Mara Lind", "The pier is open now."), revision=2)
    gone, silent = (report(name, Said("Mara Lind", "The pier is shut.")) for name in "gs")
    policy = OpenSearchPolicy(index=f"t{uuid4().hex}", timeout_s=60.0)
    with (
        open_log(f"sqlite:///{tmp_path / 'log.db'}") as log,
        open_archive(url, opensearch=policy) as archive,
    ):
        make_topics(log)
        publish(log, old, edited, gone, silent, newer)
        assert keeper(log, archive).catch_up(lambda: False)
        for topic in (TOPICS.articles, TOPICS.extractions):
            log.alter_topic(topic, TopicSettings(partitions=3, retention_s=60))
        log.maintain(NOON + 10_000 * DAY)
        publish(log, newer)
        before = content(archive)
        # Unread by the old archive, which is to be carried over from.
        raw(log, TOPICS.articles, b"g", None)
        raw(log, TOPICS.extractions, b"s", None)
        with open_rebuild(url, opensearch=policy) as new:
            assert not run_rebuild(log, new, batches=1)
        assert content(archive) == before  # still the old one
        for _ in range(2):  # the second replaces a rebuilt one
            with open_rebuild(url, opensearch=policy) as new:
                assert run_rebuild(log, new)
            shown = archive.article("edited")
            assert shown is not None
            assert [one.article for one in shown.revisions] == [edited.article, newer.article]
            was = archive.quote(edited.ids[0])
            assert isinstance(was, ReplacedQuote)
            assert was.became == newer.ids[0]
            found = sorted(words_found(archive, "pier"))
            assert found == ["The pier is open now.", "The pier opens."]
            assert archive.article("g") is None
            assert archive.article("s") is not None
        assert keeper(log, archive).catch_up(lambda: False)


def test_articles_come_with_all_their_quotes_in_pages(
    archive: OpenSearchArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_ARTICLES_A_PAGE", 2)
    monkeypatch.setattr(pages, "_QUOTES_A_PAGE", 3)
    reports = [report(f"a{n}", Said("Mara Lind", PIER), Said("Ola Berg", TAX)) for n in range(5)]
    fill(archive, *reports)
    found = [(one.ref.id, [quote.id for quote in one.quotes]) for one in archive.articles()]
    assert found == [(one.article.id, one.ids) for one in reports]


def test_longer_and_shorter_cuts_of_a_statement_are_found_for_two_weeks(
    archive: OpenSearchArchive,
) -> None:
    whole = "We will not close the ferry before a bridge stands over the harbour in spring."
    first = report("a", Said("Mara Lind", whole))
    cut = report("b", Said("Mara Lind", whole[12:60]), at=NOON + DAY)
    other = report("c", Said("Mara Lind", PIER), at=NOON + DAY)
    late = report("d", Said("Mara Lind", whole[12:60]), at=NOON + 30 * DAY)
    fill(archive, late, other, cut, first)
    found = archive.same_words(first.ids[0]).quotes
    assert [one.id for one in found] == [*first.ids, *cut.ids]
