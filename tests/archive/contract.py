"""What every archive promises. An engine's tests inherit these, and give `archive`."""

import threading
from datetime import datetime, timedelta

import pytest

from onrecord.archive.interface import (
    NOBODY,
    Archive,
    ArticleGone,
    ArticleRead,
    Change,
    ExtractionGone,
    ExtractionRead,
    NamesResolved,
    QuotesRejected,
    SpeakersCorrected,
)
from onrecord.archive.query import Named, NameField, parse_query
from onrecord.archive.results import ArchivedQuote, FacetField, NamedPerson, Order, ReplacedQuote
from onrecord.errors import ArchiveUnavailable, QueryError
from onrecord.log.interface import Partition
from tests.archive.reports import Report, Said, report
from tests.builders import NOON
from tests.patience import PATIENCE_S

DAY = timedelta(days=1)


def fill(archive: Archive, *reports: Report | Change) -> None:
    changes: list[Change] = []
    for one in reports:
        changes += one.changes() if isinstance(one, Report) else [one]
    with archive.writer() as writer:
        writer.write(changes, {})


def words_found(archive: Archive, query: str, **options: object) -> list[str]:
    page = archive.search(parse_query(query), limit=100, **options)  # type: ignore[arg-type]
    return [hit.quote.quote.content[0].text for hit in page.hits]


PIER = "The pier will open in May."
TAX = "No tax on boats, Łukasz."
FERRY = "The ferry will not wait for the pier."
GUESTS = "Every guest pays."
LATE = "The Mayor of Torvald is late."


class ArchiveContract:
    """The promises, each a test."""

    @pytest.fixture
    def filled(self, archive: Archive) -> Archive:
        fill(
            archive,
            report(
                "a",
                Said("Mara Lind", PIER, role="harbour master"),
                Said("Ola Berg", TAX),
                feed_categories=("Coast/North", "TV//Radio"),
                categories=("Économie",),
            ),
            report(
                "b",
                Said("Ola Berg", FERRY, about=("pier",), type="mixed", confidence=0.6),
                at=NOON + DAY,
                publisher="Coast Gazette",
                categories=("Coast",),
                sections=("Harbours",),
            ),
            report(
                "c",
                Said("Zoë Lindqvist", GUESTS, type="indirect"),
                at=NOON + 40 * DAY,
                language="pt-BR",
                publisher=None,
            ),
        )
        return archive

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", [GUESTS, FERRY, PIER, TAX]),
            ("pier", [FERRY, PIER]),
            ("PIER open", [PIER]),
            ('"the pier"', [FERRY, PIER]),
            ('"pier the"', []),
            ('"pier will open"', [PIER]),
            ("lukasz", [TAX]),
            ("fer*", [FERRY]),
            ('"will no*"', [FERRY]),
            ("pier OR tax", [FERRY, PIER, TAX]),
            ("pier NOT ferry", [PIER]),
            ("pier -ferry", [PIER]),
            ("NOT pier", [GUESTS, TAX]),
            ("(pier OR tax) NOT (ferry OR may)", [TAX]),
            ("NOT (pier OR tax)", [GUESTS]),
            ("NOT NOT pier", [FERRY, PIER]),
            ("mara", [PIER]),  # words of who spoke are found too
            ("harbour master", [PIER]),
            ("speaker:lind", [PIER]),  # whole words
            ('speaker:"berg ola"', [FERRY, TAX]),
            ("speaker:zoe", [GUESTS]),
            ("speaker:berg pier", [FERRY]),
            ("speaker:nobody", []),
            ("NOT speaker:berg", [GUESTS, PIER]),
            ("about:pier", [FERRY]),
            ("publisher:gazette", [FERRY]),
            ('publisher:"Harbour Post"', [PIER, TAX]),
            ("category:coast", [FERRY, PIER, TAX]),  # with what is within it
            ('category:"coast/north"', [PIER, TAX]),
            ("category:north", [PIER, TAX]),
            ('category:"north/coast"', []),
            ('category:"TV/Radio" pier', [PIER]),
            ("category:economie NOT boats", [PIER]),
            ("category:harbours", []),
            ("section:harbours", [FERRY]),
            ("section:coast OR section:economie", [FERRY, PIER, TAX]),
            ("section:north", []),
            ("NOT category:coast", [GUESTS]),
            ("section:harbours OR before:2026-11-21", [FERRY, PIER, TAX]),
            ("type:mixed OR type:indirect", [GUESTS, FERRY]),
            ("language:pt", [GUESTS]),
            ("language:PT-br", [GUESTS]),
            ("language:p", []),
            ("min_confidence:0.9", [GUESTS, PIER, TAX]),
            ("min_confidence:0.6", [GUESTS, FERRY, PIER, TAX]),
            ("NOT min_confidence:0.9", [FERRY]),
            ("after:2026-11-21", [GUESTS, FERRY]),
            ("before:2026-11-21", [PIER, TAX]),
            ("before:2026-12 pier", [FERRY, PIER]),
            ("after:2026-11-21 before:2026-12", [FERRY]),
            ("before:2026-11-21 OR language:pt", [GUESTS, PIER, TAX]),
            ("NOT before:2026-11-21", [GUESTS, FERRY]),
            ("pier (before:2026-11-21 OR NOT type:mixed)", [PIER]),
        ],
    )
    def test_a_query_finds_what_it_says_newest_first(
        self, filled: Archive, query: str, found: list[str]
    ) -> None:
        assert words_found(filled, query) == found
        assert filled.count(parse_query(query)).count == len(found)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("docker", ["a", "b"]),
            ("Dockers", ["a", "b"]),
            ('"dockers"', ["a"]),  # as it is typed
            ('"docker"', ["b"]),
            ("docker*", ["a", "b"]),
            ("striking", ["a", "b"]),  # an irregular verb, and the title of b
            ("agree", ["b"]),
            ("NOT dockers", ["c", "d"]),
            ("quay", ["b"]),  # in the title alone
            ('"strike at the quay"', ["b"]),
            ("quays speaker:berg", ["b"]),
            ("local", ["c", "d"]),  # French forms, in French articles alone
            ("fermer", ["c"]),
            ("late", []),
            ("later", ["d"]),
        ],
    )
    def test_a_word_is_found_in_its_forms_and_in_titles(
        self, archive: Archive, query: str, found: list[str]
    ) -> None:
        fill(
            archive,
            report("a", Said("Mara Lind", "The dockers struck."), at=NOON + 3 * DAY),
            report(
                "b",
                Said("Ola Berg", "One docker agreed."),
                at=NOON + 2 * DAY,
                title="Strike at the quay",
            ),
            report(
                "c",
                Said("Zoë Lindqvist", "Les syndicats locaux ont été fermés."),
                at=NOON + DAY,
                language="fr",
            ),
            report("d", Said("Ola Berg", "We decide later, not by local vote."), language="pt"),
        )
        page = archive.search(parse_query(query))
        assert [hit.quote.article.id for hit in page.hits] == found

    def test_a_quote_comes_back_exactly_as_it_was_extracted(self, archive: Archive) -> None:
        for name, step in (("a", 1), ("b", -1)):
            one = report(name, Said("Mara Lind", FERRY, about=("pier",), role="captain"))
            changes = one.changes()[::step]  # either can be read first
            fill(archive, *changes)
            found = archive.quote(one.ids[0])
            assert isinstance(found, ArchivedQuote)
            assert found.on_record().quote == one.extraction.quotes[0]
            assert found.article == one.extraction.article
            shown = archive.article(one.article.id)
            assert shown is not None
            assert shown.entities == one.extraction.entities
            assert [revision.article for revision in shown.revisions] == [one.article]

    def test_pages_of_any_size_give_every_hit_once(self, filled: Archive) -> None:
        for order in Order:
            whole = words_found(filled, "the OR tax OR guest", order=order)
            assert len(whole) == 4
            for limit in (1, 2, 3):
                found, cursor = [], None
                while True:
                    page = filled.search(
                        parse_query("the OR tax OR guest"), order=order, cursor=cursor, limit=limit
                    )
                    found += [hit.quote.quote.content[0].text for hit in page.hits]
                    cursor = page.cursor
                    if cursor is None:
                        break
                assert found == whole

    def test_a_cursor_of_something_else_is_a_mistake(self, filled: Archive) -> None:
        for cursor in ("", "x", "n", "n1x", "r5", "n--5", "n" + "9" * 30):
            with pytest.raises(QueryError, match="cursor"):
                filled.search(parse_query("pier"), cursor=cursor)

    def test_the_best_hit_comes_first(self, archive: Archive) -> None:
        fill(
            archive,
            report("a", Said("Mara Lind", "Boats, boats and boats."), at=NOON),
            report(
                "b", Said("Mara Lind", "Of boats I will say no more than of the sea, my friend.")
            ),
        )
        assert words_found(archive, "boats", order=Order.RELEVANCE)[0] == "Boats, boats and boats."

    def test_oldest_first_is_the_reverse_of_newest_first(self, filled: Archive) -> None:
        assert words_found(filled, "", order=Order.OLDEST) == words_found(filled, "")[::-1]

    def test_articles_come_in_order_of_publication(self, filled: Archive) -> None:
        def ids(**bounds: datetime) -> list[str]:
            return [article.ref.id for article in filled.articles(**bounds)]

        assert ids() == ["a", "b", "c"]
        assert ids(after=NOON + DAY) == ["b", "c"]
        assert ids(after=NOON, before=NOON + DAY) == ["a"]

    def test_matching_words_are_marked_in_the_article(self, filled: Archive) -> None:
        hit = filled.search(parse_query('"will open" OR berg* OR mara NOT tax')).hits[1]
        article = filled.article(hit.quote.article.id)
        assert article is not None
        text = article.revisions[0].article
        assert text is not None
        assert [text.text[mark.start : mark.end] for mark in hit.marks] == ["will", "open", "Mara"]

    def test_facets_count_the_hits(self, filled: Archive) -> None:
        found = filled.facets(parse_query("pier OR tax"))
        shown = {
            field: [(value.value, value.count) for value in values]
            for field, values in found.values.items()
        }
        assert found.counted == 3
        assert shown == {
            FacetField.SPEAKER: [("Ola Berg", 2), ("Mara Lind", 1)],
            FacetField.ABOUT: [("pier", 1)],
            FacetField.PUBLISHER: [("Harbour Post", 2), ("Coast Gazette", 1)],
            FacetField.TYPE: [("direct", 2), ("mixed", 1)],
            FacetField.LANGUAGE: [("en", 3)],
        }

    def test_a_facet_narrows_the_query_to_its_hits(self, filled: Archive) -> None:
        for values in filled.facets(parse_query("")).values.values():
            for value in values:
                assert filled.count(parse_query(value.query)).count == value.count

    def test_a_timeline_has_no_gaps_and_gives_shares(self, filled: Archive) -> None:
        found = filled.timeline(parse_query("pier OR guest"), interval="month")
        assert [(f"{point.start:%Y-%m}", point.count, point.of) for point in found.points] == [
            ("2026-11", 2, 3),
            ("2026-12", 1, 1),
        ]
        days = filled.timeline(parse_query("pier OR guest"))
        assert days.interval == "day"
        assert [point.count for point in days.points] == [1, 1, *[0] * 38, 1]
        assert days.points[0].share == pytest.approx(0.5)
        assert days.points[2].share is None

    def test_nothing_found_is_no_error(self, filled: Archive) -> None:
        assert filled.search(parse_query("submarine")).hits == ()
        assert filled.facets(parse_query("submarine")).counted == 0
        assert filled.timeline(parse_query("submarine")).points == ()
        assert filled.quote("0" * 32) is None
        assert filled.article("nothing") is None
        assert filled.person("nobody") is None
        assert filled.story("none") is None
        assert filled.same_words("0" * 32).quotes == ()

    # ── revisions, replays, tombstones ───────────────────────────────────────────────────────

    def test_a_new_revision_replaces_the_quotes_and_old_addresses_lead_to_the_new(
        self, archive: Archive
    ) -> None:
        old = report("a", Said("Mara Lind", PIER), Said("Ola Berg", TAX))
        new = report("a", Said("Ola Berg", FERRY), Said("Mara Lind", PIER), revision=2)
        fill(archive, old, new)
        assert words_found(archive, "") == [FERRY, PIER]
        became = archive.quote(old.ids[0])
        assert isinstance(became, ReplacedQuote)
        assert (became.words, became.article, became.revision) == (PIER, "a", 1)
        assert became.became == new.ids[1]
        gone = archive.quote(old.ids[1])
        assert isinstance(gone, ReplacedQuote)
        assert (gone.words, gone.became) == (TAX, None)
        shown = archive.article("a")
        assert shown is not None
        assert [one.revision for one in shown.revisions] == [1, 2]
        assert [quote.words for quote in shown.revisions[0].replaced] == [PIER, TAX] or [
            quote.words for quote in shown.revisions[0].replaced
        ] == [TAX, PIER]
        assert [quote.id for quote in shown.quotes] == new.ids
        assert shown.revisions[0].article == old.article

    def test_an_older_revision_that_comes_late_does_not_undo_a_newer(
        self, archive: Archive
    ) -> None:
        old = report("a", Said("Mara Lind", PIER))
        new = report("a", Said("Mara Lind", "The pier will open in June."), revision=2)
        fill(archive, new, old)
        assert words_found(archive, "") == ["The pier will open in June."]
        became = archive.quote(old.ids[0])
        assert isinstance(became, ReplacedQuote)
        assert became.became == new.ids[0]

    def test_the_same_extraction_twice_changes_nothing(self, archive: Archive) -> None:
        one = report("a", Said("Mara Lind", PIER), Said("Ola Berg", TAX))
        fill(archive, one, one, ExtractionRead(extraction=one.extraction))
        assert words_found(archive, "") == [PIER, TAX]
        assert archive.status().quotes == 2
        person = archive.person("Mara Lind")
        assert person is not None
        assert person.quotes == 1

    def test_tombstones_remove_quotes_or_everything(self, archive: Archive) -> None:
        one, other = report("a", Said("Mara Lind", PIER)), report("b", Said("Ola Berg", TAX))
        fill(archive, one, other, ExtractionGone(article="a"))
        assert words_found(archive, "") == [TAX]
        assert archive.quote(one.ids[0]) is None
        left = archive.article("a")
        assert left is not None
        assert left.revisions[0].article == one.article
        fill(archive, ArticleGone(article="a"), ArticleGone(article="never there"))
        assert archive.article("a") is None
        fill(archive, one)
        assert words_found(archive, "pier") == [PIER]

    def test_an_extraction_of_a_removed_article_is_passed_over_until_it_is_published_again(
        self, archive: Archive
    ) -> None:
        one = report("a", Said("Mara Lind", PIER))
        # Topics are read in any order: the tombstone can come before the extraction.
        fill(archive, one, ArticleGone(article="a"), ExtractionRead(extraction=one.extraction))
        fill(archive, ExtractionRead(extraction=one.extraction))
        assert archive.article("a") is None
        assert words_found(archive, "pier") == []
        fill(archive, one)
        assert words_found(archive, "pier") == [PIER]

    def test_a_text_that_changes_without_a_revision_leaves_quotes_whole(
        self, archive: Archive
    ) -> None:
        one = report("a", Said("Mara Lind", PIER))
        other = report("a", Said("Ola Berg", TAX))
        fill(archive, one, ArticleRead(article=other.article))
        found = archive.quote(one.ids[0])
        assert isinstance(found, ArchivedQuote)
        assert found.quote == one.extraction.quotes[0]
        fill(archive, ExtractionGone(article="a"))
        assert words_found(archive, "pier") == []

    # ── people, corrections ──────────────────────────────────────────────────────────────────

    def test_names_of_one_person_are_one_person(self, archive: Archive) -> None:
        fill(
            archive,
            report("a", Said("Sergei Petrak", PIER, role="minister"), Said("Ola Berg", TAX)),
            report("b", Said("Sergej Petrak", FERRY, about=("ferry",)), at=NOON + DAY),
            NamesResolved(people={"sergei petrak": "P1", "sergej petrak": "P1"}),
        )
        assert words_found(archive, "speaker:sergei") == [FERRY, PIER]
        assert words_found(archive, "speaker:P1 tax OR speaker:P1 pier") == [FERRY, PIER]
        facet = archive.facets(parse_query("")).values[FacetField.SPEAKER][0]
        assert (facet.count, facet.person) == (2, "P1")
        person = archive.person("P1")
        assert person is not None
        assert person.names == ("Sergei Petrak", "Sergej Petrak")
        assert person.quotes == 2
        assert [point.count for point in person.by_month] == [2]
        assert [(value.value, value.count) for value in person.about] == [("ferry", 1)]
        assert [(value.value, value.count) for value in person.quoted_by] == [("Harbour Post", 2)]
        assert [(role.role, role.quotes) for role in person.roles] == [("minister", 1)]
        assert len(person.newest) == 2
        assert archive.person("sergej petrak") == person
        fill(archive, NamesResolved(people={"sergej petrak": None}))
        assert words_found(archive, "speaker:sergei") == [PIER]
        assert words_found(archive, "speaker:P1") == [PIER]

    def test_a_whole_name_finds_the_quotes_of_its_page(self, archive: Archive) -> None:
        fill(
            archive,
            report("a", Said("Lind", PIER), Said("Mara Lind", TAX), Said("Lind «", FERRY)),
            NamesResolved(people={"mara lind": "P1"}),
        )
        for who, found in (
            ("lind", {PIER, FERRY}),
            ("P1", {TAX}),
            ("Mara Lind", {TAX}),
            ("L", set()),
        ):
            for field in (NameField.SPEAKER, NameField.ABOUT):
                page = archive.search(Named(field, who, (), is_whole=True))
                said = {hit.quote.quote.content[0].text for hit in page.hits}
                assert said == (found if field is NameField.SPEAKER else set()), (who, field)
            person = archive.person(who)
            newest = () if person is None else person.newest
            assert {one.quote.content[0].text for one in newest} == found

    def test_names_resolved_before_their_quotes_hold(self, archive: Archive) -> None:
        fill(
            archive,
            NamesResolved(people={"mara lind": "P1"}),
            report("a", Said("Mara Lind", PIER)),
        )
        assert words_found(archive, "speaker:P1") == [PIER]

    def test_corrections_hold_before_and_after_an_extraction(self, archive: Archive) -> None:
        one = report("a", Said("Mara Lind", PIER), Said("Ola Berg", TAX))
        corrected = SpeakersCorrected(people={one.ids[0]: "P7"})
        rejected = QuotesRejected(rejected={one.ids[1]: True})
        for order in ((one, corrected, rejected), (corrected, rejected, one), (one,)):
            fill(archive, *order)
            assert words_found(archive, "") == [PIER]
            assert words_found(archive, "speaker:P7") == [PIER]
            found = archive.quote(one.ids[1])
            assert isinstance(found, ArchivedQuote)
            assert found.is_rejected
            assert archive.status().quotes == 1
        fill(
            archive,
            SpeakersCorrected(people={one.ids[0]: None}),
            QuotesRejected(rejected={one.ids[1]: False}),
        )
        assert words_found(archive, "") == [PIER, TAX]
        assert words_found(archive, "speaker:P7") == []
        assert words_found(archive, 'speaker:"mara lind"') == [PIER]

    def test_a_speaker_is_corrected_to_nobody_before_and_after_an_extraction(
        self, archive: Archive
    ) -> None:
        one = report("a", Said("Mara Lind", PIER), Said("Ola Berg", TAX))
        nobody = SpeakersCorrected(people={one.ids[0]: NOBODY})
        for order in ((one, nobody), (nobody, one), (one,)):
            fill(archive, *order)
            assert words_found(archive, "") == [PIER, TAX]
            assert words_found(archive, 'speaker:"mara lind"') == []
            found = archive.quote(one.ids[0])
            assert isinstance(found, ArchivedQuote)
            assert (found.speaker, found.role, found.wrong_speaker) == (None, None, "Mara Lind")
            assert found.quote == one.extraction.quotes[0], "as it was extracted"
            speakers = archive.facets(parse_query("")).values[FacetField.SPEAKER]
            assert [(value.value, value.count) for value in speakers] == [("Ola Berg", 1)]
            mara = archive.person("Mara Lind")
            assert mara is None or mara.quotes == 0
        fill(archive, SpeakersCorrected(people={one.ids[0]: None}))
        assert words_found(archive, 'speaker:"mara lind"') == [PIER]

    def test_a_speaker_given_by_hand_has_their_own_name_and_not_the_roles_of_the_extracted(
        self, archive: Archive
    ) -> None:
        one = report("a", Said("Mara Lind", PIER, role="mayor"), Said("Ola Berg", TAX))
        by_hand = SpeakersCorrected(people={one.ids[0]: "P7"})
        fill(archive, NamesResolved(people={"ola berg": "P7"}), one, by_hand)
        found = archive.quote(one.ids[0])
        assert isinstance(found, ArchivedQuote)
        assert found.speaker == NamedPerson(name="Ola Berg", person="P7")
        assert (found.role, found.wrong_speaker) == (None, "Mara Lind")
        assert words_found(archive, "speaker:mara") == []
        ola = archive.person("P7")
        assert ola is not None
        assert (ola.names, ola.quotes, ola.roles) == (("Ola Berg",), 2, ())

    def test_a_speaker_given_by_hand_is_told_from_a_namesake_who_was_extracted(
        self, archive: Archive
    ) -> None:
        one = report("a", Said("Mara Lind", PIER, role="mayor"))
        fill(
            archive,
            NamesResolved(people={"mara lind": "P7"}),
            one,
            SpeakersCorrected(people={one.ids[0]: "P7"}),
        )
        found = archive.quote(one.ids[0])
        assert isinstance(found, ArchivedQuote)
        assert found.speaker == NamedPerson(name="Mara Lind", person="P7")
        assert (found.role, found.wrong_speaker) == (None, "Mara Lind")

    def test_a_person_is_found_as_speaker_and_as_spoken_of_under_all_names(
        self, archive: Archive
    ) -> None:
        fill(
            archive,
            NamesResolved(people={"mara lind": "P1", "the mayor of torvald": "P1"}),
            report("a", Said("Mara Lind", PIER)),
            report("b", Said("Ola Berg", LATE, about=("The Mayor of Torvald",))),
            report("c", Said("Ola Berg", GUESTS)),
        )
        for query in ("person:P1", "person:lind", 'person:"mayor torvald"'):
            assert sorted(words_found(archive, query)) == [LATE, PIER], query
        assert words_found(archive, "person:lind late") == [LATE]
        assert words_found(archive, "person:berg NOT person:lind") == [GUESTS]
        assert archive.count(parse_query("person:P1")).count == 2
        assert words_found(archive, "person:nobody") == []

    # ── the same words, stories ──────────────────────────────────────────────────────────────

    def test_the_same_words_are_found_where_they_were_printed_first(self, archive: Archive) -> None:
        first = report("a", Said("Mara Lind", PIER), at=NOON)
        later = report("b", Said("Mara Lind", PIER.upper()), Said("Ola Berg", TAX), at=NOON + DAY)
        fill(archive, later, first)
        found = archive.same_words(later.ids[0])
        assert [quote.id for quote in found.quotes] == [first.ids[0], later.ids[0]]
        assert not found.is_bounded
        assert len(archive.same_words(later.ids[0], limit=1).quotes) == 1
        assert archive.same_words(later.ids[0], limit=1).is_bounded

    def test_a_story_gives_its_copies(self, archive: Archive) -> None:
        fill(
            archive,
            report("b", Said("Mara Lind", PIER), at=NOON + DAY, story="s1"),
            report("a", Said("Mara Lind", PIER), story="s1"),
            report("c", Said("Ola Berg", TAX)),
        )
        story = archive.story("s1")
        assert story is not None
        assert [article.ref.id for article in story.articles] == ["a", "b"]
        assert words_found(archive, "story:s1 pier") == [PIER, PIER]
        assert words_found(archive, "NOT story:s1") == [TAX]

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    def test_positions_move_with_their_batch(self, archive: Archive) -> None:
        place = Partition("onrecord.articles", 3)
        with archive.writer() as writer:
            assert writer.positions() == {}
            writer.write(report("a", Said("Mara Lind", PIER)).changes(), {place: 7}, skipped=2)
            writer.write([], {place: 9}, skipped=1)
            assert writer.positions() == {place: 9}
        status = archive.status()
        assert status.positions == {place: 9}
        assert (status.skipped, status.quotes, status.articles) == (3, 1, 1)

    def test_one_process_writes(self, archive: Archive) -> None:
        with archive.writer(), pytest.raises(ArchiveUnavailable):
            archive.writer()
        archive.writer().close()

    def test_a_writer_gives_way_to_a_process_that_waits(self, archive: Archive) -> None:
        first = archive.writer()
        taken = threading.Event()

        def wait() -> None:
            with archive.writer(wait_s=120.0):
                taken.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not first.is_wanted():  # the suite's limit of time ends it
            threading.Event().wait(0.01)
        with pytest.raises(ArchiveUnavailable):
            archive.writer()
        first.close()
        assert taken.wait(PATIENCE_S)
        waiting.join()
        archive.writer().close()

    def test_many_quotes_of_one_minute_keep_their_order(self, archive: Archive) -> None:
        first = report("a", *(Said("Mara Lind", f"Number {n} is up.") for n in range(30)))
        second = report("b", *(Said("Mara Lind", f"Letter {n} is up.") for n in range(30)))
        fill(archive, first, second)
        found = words_found(archive, "up")
        assert [words for words in found if "Number" in words] == [
            f"Number {n} is up." for n in range(30)
        ]
        assert len(found) == 60
