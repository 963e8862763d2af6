"""The one place where parts are put together from a Config.

Everything here is a builder: it opens nothing that its caller does not close, and decides
nothing that a policy does not say. The clock and chance are read here and nowhere else.
"""

from typing import TYPE_CHECKING

from onrecord.on_first_use import on_first_use

if TYPE_CHECKING:
    from onrecord.wiring.alerting import (
        alert_ability,
        alert_members,
        alert_name,
        alert_service,
        check_alerts,
        search_book,
        search_standings,
        searches_heard,
    )
    from onrecord.wiring.archiving import (
        archive_group,
        archive_keeper,
        archive_rebuild,
        archive_url,
        keeps_archive,
        level_archive,
        open_archive,
        published_in,
        rebuilding,
    )
    from onrecord.wiring.checking import check_all
    from onrecord.wiring.extracting import (
        check_model,
        extractor,
        extractor_pool,
        forgotten_table,
        quote_publisher,
        worker,
    )
    from onrecord.wiring.forgetting import forgetter
    from onrecord.wiring.imports import copy_writer, import_writer, importer
    from onrecord.wiring.opening import (
        connected,
        differences,
        extract_group,
        is_on_kafka,
        make_topics,
        open_log,
        open_to_read,
        promote_group,
        topic_named,
        topic_of,
        topic_settings,
        topic_to_read,
        topics_of,
    )
    from onrecord.wiring.people import (
        editor,
        judgement_book,
        known_people,
        live_people,
        people_keeper,
        people_reader,
    )
    from onrecord.wiring.polling import (
        check_feed,
        discover,
        follow,
        followed,
        keep_secrets,
        kept_url,
        ledger,
        look_at,
        poll_now,
        poller,
        read_feeds,
        remembered_feeds,
    )
    from onrecord.wiring.process import now, own_name, slot_name, user_name
    from onrecord.wiring.replaying import (
        measure_replay,
        plan_replay,
        replay,
        replay_filter,
        replays,
    )
    from onrecord.wiring.serving import check_serve, server, webhook

__all__ = [
    "alert_ability",
    "alert_members",
    "alert_name",
    "alert_service",
    "archive_group",
    "archive_keeper",
    "archive_rebuild",
    "archive_url",
    "check_alerts",
    "check_all",
    "check_feed",
    "check_model",
    "check_serve",
    "connected",
    "copy_writer",
    "differences",
    "discover",
    "editor",
    "extract_group",
    "extractor",
    "extractor_pool",
    "follow",
    "followed",
    "forgetter",
    "forgotten_table",
    "import_writer",
    "importer",
    "is_on_kafka",
    "judgement_book",
    "keep_secrets",
    "keeps_archive",
    "kept_url",
    "known_people",
    "ledger",
    "level_archive",
    "live_people",
    "look_at",
    "make_topics",
    "measure_replay",
    "now",
    "open_archive",
    "open_log",
    "open_to_read",
    "own_name",
    "people_keeper",
    "people_reader",
    "plan_replay",
    "poll_now",
    "poller",
    "promote_group",
    "published_in",
    "quote_publisher",
    "read_feeds",
    "rebuilding",
    "remembered_feeds",
    "replay",
    "replay_filter",
    "replays",
    "search_book",
    "search_standings",
    "searches_heard",
    "server",
    "slot_name",
    "topic_named",
    "topic_of",
    "topic_settings",
    "topic_to_read",
    "topics_of",
    "user_name",
    "webhook",
    "worker",
]

# Each command uses a few of them.
__getattr__ = on_first_use(
    __name__,
    __all__,
    (
        "process",
        "opening",
        "people",
        "forgetting",
        "extracting",
        "replaying",
        "archiving",
        "imports",
        "alerting",
        "polling",
        "serving",
        "checking",
    ),
)
