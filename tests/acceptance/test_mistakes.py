"""A person's mistake is one clear line and exit code 2; what is broken is one line and 1."""

import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord, Publisher, story
from tests.acceptance.prepared import COMMAND
from tests.patience import PATIENCE_S

COMMANDS = (
    "run",
    "poll",
    "extract",
    "annotate",
    "subscribe",
    "replay",
    "compare",
    "promote",
    "serve",
    "replay list",
    "replay show",
    "replay pause",
    "replay resume",
    "replay cancel",
    "replay drop",
    "import",
    "copy",
    "status",
    "topics list",
    "topics describe",
    "topics alter",
    "demo",
    "feeds add",
    "feeds remove",
    "feeds list",
    "feeds check",
    "feeds import",
    "feeds export",
    "dead-letters list",
    "dead-letters show",
    "dead-letters retry",
    "dead-letters drop",
)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("run --bogus", "No such option: --bogus"),
        ("subscribe --speker x", "No such option: --speker"),
        ("nonsense", "No such command 'nonsense'"),
        ("annotate missing.txt", "missing.txt: no such file"),
        ("annotate .", ".: a folder, not a file"),
        ("import missing.jsonl", "missing.jsonl: no such file"),
        ("run --feeds missing.opml", "missing.opml"),
        ("poll --feeds bad.txt", "bad.txt line 2: 'not a url'"),
        ("feeds add ftp://a.example/feed", "ftp://a.example/feed"),
        ("feeds remove https://nobody.example/feed", "not followed"),
        ("status --log postgres://x", "postgres://x"),
        ("status --log sqlite:///", "sqlite:///"),
        ("status --log sqlite:///notes.txt", "notes.txt"),
        ("status --config missing.toml", "no configuration file missing.toml"),
        ("status --config misspelt.toml", "did you mean usual_interval_s?"),
        ("subscribe --from yesterday", "--from yesterday: not a time"),
        ("subscribe --until tomorrow", "--until tomorrow: not a time"),
        ("subscribe --match [", "--match '[' is not a regular expression"),
        ("subscribe --topic nowhere --until end", "there is no topic 'nowhere'"),
        ("subscribe --speaker ...", "--speaker '...': a name has letters or digits"),
        ("subscribe --fields speker", "--fields speker: no field speker; there are"),
        ("subscribe --fields words --format pretty", "use --format json or csv"),
        (
            "serve --host 0.0.0.0",
            "serve.host = '0.0.0.0' can be reached by others, and needs a token",
        ),
        ("serve --host 192.0.2.7", "needs a token"),
        ("serve --port 70000", "'--port'"),
        ("subscribe articles --speaker x", "subscribe to quotes or extractions"),
        ("subscribe --limit none", "'--limit'"),
        ("replay --into onrecord.articles", "a topic of its own"),
        ("replay --into articles", "a topic of its own"),
        ("replay --into a*b", "use letters, digits"),
        ("replay --into ..", "use letters, digits"),
        ("replay --from 2026-11-15 --until 2026-11-01", "--until 2026-11-01 is not after --from"),
        ("replay --compare --report no/x.html", "no/x.html: there is no folder no"),
        ("feeds export --format xml", "No such option: --format"),
        ("status --format xml", "'--format': 'xml' is not one of 'json', 'pretty'."),
        ("copy --from sqlite:///no.db --to sqlite:///b.db", "sqlite:///no.db: there is no such"),
        ("replay --match [", "--match '[' is not a regular expression"),
        ("replay --from someday --dry-run", "--from someday: not a time"),
        ("replay --into x list", "--into belongs to `onrecord replay` alone, or after `list`"),
        ("replay resume x", "no replay 'x'; there are: none yet"),
        ("promote extractions", "onrecord.extractions is a live topic"),
        ("promote nowhere", "there is no topic 'nowhere'"),
        ("compare nowhere extractions", "there is no topic 'nowhere'"),
        ("replay pause x", "no replay 'x'"),
        (
            "dead-letters retry",
            "name the letters by id, or by --reason, --since and --topic, or say --all",
        ),
        ("dead-letters retry 9-9", "no dead letter '9-9'"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_started(
    onrecord: Onrecord, arguments: str, says: str
) -> None:
    (onrecord.folder / "bad.txt").write_text("https://a.example/feed\nnot a url\n")
    (onrecord.folder / "notes.txt").write_text("These are my notes, not a database.\n" * 100)
    (onrecord.folder / "misspelt.toml").write_text("[feeds]\nusual_intervall_s = 3\n")
    open_log(onrecord.environment["ONRECORD_LOG__URL"]).close()
    done = onrecord(*arguments.split(), code=2)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("onrecord: ")
    assert says in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        "status",
        "subscribe quotes --from earliest --until end",
        "subscribe quotes --group desk",
        "serve --port 0",
        "compare extractions try",
        "dead-letters list",
        "topics list",
    ],
)
def test_a_command_that_only_reads_makes_no_log(onrecord: Onrecord, arguments: str) -> None:
    url = f"sqlite:///{onrecord.folder}/new/log.db"
    done = onrecord(*arguments.split(), "--log", url, code=2)
    assert done.stderr.count("\n") == 1
    assert f"{onrecord.folder}/new/log.db: there is no log yet" in done.stderr
    assert not (onrecord.folder / "new").exists()


def test_a_command_that_only_reads_makes_no_topic(onrecord: Onrecord) -> None:
    with open_log(onrecord.environment["ONRECORD_LOG__URL"]) as log:
        onrecord("status")
        done = onrecord("subscribe", "--until", "end", code=2)
        assert "there is no topic 'onrecord.extractions'" in done.stderr
        assert log.topics() == []


def test_a_group_without_a_name_is_refused(onrecord: Onrecord) -> None:
    done = onrecord("subscribe", "--group", "", code=2)
    assert done.stderr == "onrecord: --group: a group has a name\n"


def test_a_group_of_commands_alone_shows_them_and_says_what_is_missing(onrecord: Onrecord) -> None:
    done = onrecord("feeds", code=2)
    assert done.stderr == "onrecord: name a command (see `onrecord feeds --help`)\n"
    assert "discover" in done.stdout


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ONRECORD_LOG__URLL", "x", "did you mean ONRECORD_LOG__URL?"),
        ("ONRECORD_EXTRACT__PROCESSES", "-1", "ONRECORD_EXTRACT__PROCESSES = -1: expected"),
        ("ONRECORD_EXTRACT__MODEL", "en_core_web_xl", "neither an installed spaCy pipeline nor"),
    ],
)
def test_a_wrong_setting_in_the_environment_is_named(
    onrecord: Onrecord, variable: str, value: str, says: str
) -> None:
    done = onrecord("extract", "--once", code=2, **{variable: value})
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_of_another_version_is_refused(onrecord: Onrecord) -> None:
    onrecord("feeds", "list")
    with sqlite3.connect(onrecord.folder / "log.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    done = onrecord("status", code=2)
    assert "log.db" in done.stderr
    assert "999" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write anything")
def test_a_log_that_may_not_be_written_is_one_line(onrecord: Onrecord) -> None:
    onrecord("feeds", "list")
    (onrecord.folder / "log.db").chmod(0o400)
    done = onrecord("feeds", "add", "https://a.example/feed", code=1)
    assert done.stderr.count("\n") == 1


def test_a_full_disk_is_one_line_and_exit_1_and_nothing_is_damaged(
    onrecord: Onrecord, publisher: Publisher, small_disk: Path
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(400)]}
    url = f"sqlite:///{small_disk}/log.db"
    feed = publisher.feed_url("north")
    onrecord("feeds", "list", "--log", url)
    ballast = small_disk / "ballast"
    _fill(ballast)
    done = onrecord("poll", "--once", "--feeds", feed, "--log", url, code=1)
    assert done.stderr.splitlines()[-1].startswith("onrecord: ")
    assert "full" in done.stderr
    ballast.unlink()
    onrecord("poll", "--once", "--feeds", feed, "--log", url)
    shown = onrecord("subscribe", "articles", "--from", "earliest", "--until", "end", "--log", url)
    assert shown.stdout.count("\n") == 400


def _fill(ballast: Path) -> None:
    """Take all the space there is."""
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(handle, b"\0" * 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(handle)


def test_a_closed_pipe_ends_it_quietly(onrecord: Onrecord, publisher: Publisher) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(300)]}
    onrecord("poll", "--once", "--feeds", publisher.feed_url("north"))
    line = f"{COMMAND} subscribe articles --from earliest | head -n 1"
    done = subprocess.run(
        line,
        shell=True,
        env=onrecord.environment,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example(onrecord: Onrecord, command: str) -> None:
    shown = onrecord(*command.split(), "--help").stdout
    assert re.search(r"Example:\s+.*onrecord", " ".join(shown.split()))
